"""Doubt, written down: why a recogniser's words are not to be trusted.

A model that heard nothing may still write, fluently, something that nobody said; about one transcription in a hundred
of Whisper's does, more where people pause. What is flagged here is shown as such, not indexed as speech and not quoted
until a person has listened, so a flag too many costs a minute and a flag too few puts words into a narrator's mouth.
The measures are those Whisper itself reports, and what the sound and the text say independently of it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.language.messages import Message
from archive.timing import FLAGS, Utterance
from ingest.engines.music import held_notes
from ingest.engines.window import Window

SURE_OF_SWITCH = 0.8  # a window is only taken for another language than the rest when the model is this sure

UNSURE_LOG_PROBABILITY = -1.0
NO_SPEECH = 0.6
LITTLE_VOICE = 0.65  # speech, however noisy its recording, was never below 0.8; noise and music never above 0.63
SUNG_VOICE = 0.75
HELD_NOTES = 0.5  # speech was never above 0.3, music never below 0.7
LOOP_COMPRESSION = 2.4
LOOP_TIMES = 3
MOSTLY = 0.5
_LONGEST_LOOP = 12

_SCRIPTS_OF = {
    "KHMER": "km", "THAI": "th", "LAO": "lo", "MYANMAR": "my", "DEVANAGARI": "hi ne mr sa", "BENGALI": "bn as",
    "TAMIL": "ta", "TELUGU": "te", "SINHALA": "si", "TIBETAN": "bo", "GUJARATI": "gu", "GURMUKHI": "pa",
    "KANNADA": "kn", "MALAYALAM": "ml", "CYRILLIC": "ru uk bg be mk kk mn tg ba tt sr", "GREEK": "el",
    "HEBREW": "he yi", "ARABIC": "ar fa ur ps sd", "HANGUL": "ko", "CJK": "zh yue ja", "HIRAGANA": "ja",
    "KATAKANA": "ja", "GEORGIAN": "ka", "ARMENIAN": "hy", "ETHIOPIC": "am", "LATIN": "sr",
}  # fmt: skip
_SCRIPTS = {
    language: tuple(script for script, written in _SCRIPTS_OF.items() if language in written.split())
    for language in " ".join(_SCRIPTS_OF.values()).split()
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about an utterance besides its text.

    Attributes:
        log_probability: mean natural logarithm of its tokens' probabilities.
        no_speech: the model's probability that nobody speaks in the window.
        heard_language, heard_probability: what the model took the window's language for, and how surely.
        looping: its words are part of a loop, or ran into the model's limit of length.
        window: the window it was heard in.
    """

    log_probability: float
    no_speech: float
    heard_language: str
    heard_probability: float
    looping: bool
    window: Window


def flags_for(utterance: Utterance, evidence: Evidence) -> tuple[str, ...]:
    """The flags an utterance earns by itself, in the order of `archive.timing.FLAGS`."""
    raised = set()
    voice = evidence.window.voice(utterance.start_ms, utterance.end_ms)
    if voice < SUNG_VOICE and held_notes(evidence.window.audio) >= HELD_NOTES:
        raised.add("music")
    elif voice < LITTLE_VOICE or evidence.no_speech >= NO_SPEECH:
        raised.add("silence")
    if evidence.looping or compression(utterance.text) > LOOP_COMPRESSION:
        raised.add("repetition")
    if not script_fits(utterance.text, utterance.language or ""):
        raised.add("script")
    if evidence.log_probability < UNSURE_LOG_PROBABILITY:
        raised.add("low-confidence")
    switched = utterance.language != evidence.heard_language and evidence.heard_probability >= SURE_OF_SWITCH
    if switched:
        raised.add("language-switch")
    return ordered(raised)


def ordered(raised: set[str]) -> tuple[str, ...]:
    return tuple(flag for flag in FLAGS if flag in raised)


def compression(text: str) -> float:
    """How many times smaller the text gets when squeezed: prose stays under two, a loop does not.

    Whisper's own measure squeezes UTF-8, in which every Khmer letter begins with the same two bytes and plain Khmer
    already looks like a loop; so each letter counts as one byte here.
    """
    alphabet = {letter: min(rank, 255) for rank, letter in enumerate(dict.fromkeys(text))}
    data = bytes(alphabet[letter] for letter in text)
    return len(data) / len(zlib.compress(data)) if data else 0.0


def loops(words: Sequence[str]) -> list[bool]:
    """For each word, whether it stands in a stretch of one to twelve words said at least three times in a row.

    People do repeat themselves: one word must come five times, and a stretch of two words four times.
    """
    folded = [re.sub(r"\W+", "", word).casefold() for word in words]
    caught = [False] * len(folded)
    for size in range(1, min(_LONGEST_LOOP, len(folded) // LOOP_TIMES) + 1):
        needed = size * (LOOP_TIMES + max(0, 3 - size))
        run = 0
        for at in range(size, len(folded) + 1):
            if at < len(folded) and folded[at] == folded[at - size]:
                run += 1
                continue
            if run + size >= needed:
                caught[at - run - size : at] = [True] * (run + size)
            run = 0
    return caught


def script_fits(text: str, language: str) -> bool:
    """Whether at least half of a text's letters are in a script its language is written in."""
    letters = [unicodedata.name(letter, "") for letter in text if unicodedata.category(letter)[0] in "LM"]
    if not letters:
        return True
    expected = _SCRIPTS.get(language.split("-")[0], ("LATIN",))
    fitting = sum(name.startswith(expected) for name in letters)
    return fitting * 2 >= len(letters)


def compared(utterances: Sequence[Utterance], language: str) -> tuple[Utterance, ...]:
    """Add the flags that only the whole recording can tell: another language than the rest, the same words again.

    Args:
        utterances: a whole transcript, each already flagged by itself.
        language: the recording's main language.
    """
    again = _said_again([re.sub(r"\W+", "", utterance.text).casefold() for utterance in utterances])
    found = []
    for utterance, repeated in zip(utterances, again, strict=True):
        raised = set(utterance.flags)
        if utterance.language not in (None, language):
            raised.add("language-switch")
        if repeated:
            raised.add("repetition")
        found.append(replace(utterance, flags=ordered(raised)))
    return tuple(found)


def _said_again(texts: Sequence[str]) -> list[bool]:
    """Which utterances are one of at least three equal ones in a row."""
    caught = [False] * len(texts)
    start = 0
    for at in range(1, len(texts) + 1):
        if at < len(texts) and texts[at] == texts[start]:
            continue
        if at - start >= LOOP_TIMES:
            caught[start:at] = [True] * (at - start)
        start = at
    return caught


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a machine transcript may go on as a draft, or a person has to transcribe.

    Attributes:
        needs_person: the machine's text is no use as a draft.
        reason: one sentence saying why; None when no person is needed.
    """

    needs_person: bool
    reason: Message | None = None


_REASONS = {
    "script": Message("Most of the text is flagged: the machine wrote it in a script that does not fit the language."),
    "low-confidence": Message("Most of the text is flagged: the machine was unsure of nearly every word."),
    "repetition": Message("Most of the text is flagged: the machine repeated itself."),
    "silence": Message("Most of the text is flagged: hardly any voice was heard under the words."),
    "music": Message("Most of the text is flagged: music was heard rather than speech."),
    "language-switch": Message("Most of the text is flagged: the language keeps changing."),
}


def verdict(utterances: Sequence[Utterance]) -> Verdict:
    """Judge a whole transcript by the share of its speaking time that is flagged.

    A transcript mostly flagged, or empty, is neither an error nor a success: it needs a person.
    """
    total = sum(_weight(utterance) for utterance in utterances)
    if not total:
        return Verdict(True, Message("No speech was recognised in the recording."))
    flagged = sum(_weight(utterance) for utterance in utterances if utterance.flags)
    if flagged <= total * MOSTLY:
        return Verdict(False)
    counts: Counter[str] = Counter()
    for utterance in utterances:
        counts.update(dict.fromkeys(utterance.flags, _weight(utterance)))
    return Verdict(True, _REASONS[counts.most_common(1)[0][0]])


def _weight(utterance: Utterance) -> int:
    return max(1, utterance.end_ms - utterance.start_ms)
