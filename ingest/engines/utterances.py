"""What a recogniser heard in one window, as words and utterances in the recording's own time.

Recognisers write tokens, pieces of bytes that know nothing of words: a Khmer letter is two or three of them, and Khmer
puts no space between words. So words are cut by the archive's own rules, and each byte's moment is read off the tokens
that carry it. A thirty-second window becomes utterances of a few seconds, the size a person corrects, quotes and sings.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from archive.language.clusters import KHMER_LETTER
from archive.language.normalise import tidy
from archive.language.words import words as cut_words
from archive.timing import Span, Utterance, Word
from ingest.engines.flags import Evidence, flags_for, loops
from ingest.engines.window import Heard

_CHUNK = re.compile(r"\s*\S+|\s+$")
_KHMER = re.compile(f"[{KHMER_LETTER}]")
_CORE = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_SENTENCE_END = re.compile(r"[.?!។៕៖…。？！][\"'”’»)\]]*$")
_CLAUSE_END = re.compile(r"[,;:،、，][\"'”’»)\]]*$")

SENTENCE_MS = 1200  # a shorter sentence stays with the next one: "Yes. I was there."
LONG_MS = 9_000  # from here on a comma or a breath ends an utterance
LONGEST_MS = 15_000
SILENCE_MS = 2_000  # ends an utterance wherever it falls
PAUSE_MS = 800  # ends one after a comma
BREATH_MS = 250
_PLOSIVE_MS = 240  # silence this short lies inside a word: the stop of a consonant


@dataclass(frozen=True, slots=True)
class _Timed:
    """A word with the text as written around it, and its tokens' mean log probability."""

    raw: str
    word: Word
    log_probability: float


def utterances(heard: Heard) -> list[Utterance]:
    """The utterances of one window, flagged where they are not to be trusted.

    Each carries its words with the recording's times and confidences, its language, and the mean confidence.
    """
    timed = list(_timed_words(heard))
    looping = loops([each.word.text for each in timed])
    found: list[Utterance] = []
    at = 0
    for group in _groups(timed):
        text = tidy("".join(each.raw for each in group).strip())
        inside = any(looping[at : at + len(group)])
        at += len(group)
        if text:
            found.append(_flagged(heard, group, text, inside))
    return found


def _flagged(heard: Heard, group: Sequence[_Timed], text: str, looping: bool) -> Utterance:
    words = tuple(each.word for each in group)
    confidences = [word.confidence or 0.0 for word in words]
    utterance = Utterance(
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        text=text,
        words=words,
        confidence=round(sum(confidences) / len(confidences), 3),
        language=heard.language,
    )
    evidence = Evidence(
        log_probability=sum(each.log_probability for each in group) / len(group),
        no_speech=heard.no_speech,
        heard_language=heard.heard_language,
        heard_probability=heard.heard_probability,
        looping=looping or heard.cut_short,
        window=heard.window,
    )
    return replace(utterance, flags=flags_for(utterance, evidence))


def _timed_words(heard: Heard) -> Iterator[_Timed]:
    """Cut the tokens' text into words and give each the moments of its bytes."""
    # Bytes that are no text (a letter cut in half at the end) become lone surrogates, so every offset stays true.
    text = b"".join(heard.tokens).decode("utf-8", "surrogateescape")
    clock = _Clock(heard)
    speech = _joined(heard.window.speech)
    free = heard.window.start_ms
    byte = 0
    for raw in _cut(text):
        size = len(raw.encode("utf-8", "surrogateescape"))
        first, last = byte, byte + size
        byte = last
        clean = raw.encode("utf-8", "surrogateescape").decode("utf-8", "ignore")
        if not clean.strip():
            continue
        span = _spoken(heard.window.in_recording(clock.at(first), clock.at(last)), speech)
        start = max(span.start_ms, free)
        free = max(span.end_ms, start)
        confidence, log_probability = clock.sureness(*_core(raw, first, last))
        yield _Timed(clean, Word(tidy(clean.strip()), start, free, round(confidence, 3)), log_probability)


class _Clock:
    """When each byte of a window's text sounds, and how sure the recogniser was of it."""

    def __init__(self, heard: Heard) -> None:
        self._offsets = list(accumulate((len(token) for token in heard.tokens), initial=0))
        self._starts = list(heard.times.starts_ms)
        self._chances = list(heard.times.probabilities)

    def at(self, byte: int) -> int:
        """The moment of a byte, in ms from the window's start; inside a token, in proportion."""
        token = self._token(byte)
        if token >= len(self._chances):
            return self._starts[-1]
        start, size = self._offsets[token], self._offsets[token + 1] - self._offsets[token]
        here, after = self._starts[token], self._starts[token + 1]
        return here + (after - here) * (byte - start) // max(1, size)

    def sureness(self, first: int, last: int) -> tuple[float, float]:
        """Mean probability, and mean log probability, of the tokens that carry bytes `first` up to `last`."""
        chances = self._chances[self._token(first) : self._token(last - 1) + 1]
        logs = [math.log(max(chance, 1e-6)) for chance in chances]
        return sum(chances) / len(chances), sum(logs) / len(logs)

    def _token(self, byte: int) -> int:
        return bisect_right(self._offsets, byte) - 1


def _cut(text: str) -> Iterator[str]:
    """The text in words, each with the spaces before it and the punctuation at it; joined they give the text."""
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        if not _KHMER.search(chunk):
            yield chunk
            continue
        held, has_word = "", False
        for piece in cut_words(chunk):
            if piece.is_word and has_word:
                yield held
                held, has_word = "", False
            held += piece.text
            has_word = has_word or piece.is_word
        yield held


def _core(raw: str, first: int, last: int) -> tuple[int, int]:
    """The bytes of a word without the spaces and marks around it: a doubtful comma makes no doubtful word."""
    found = _CORE.search(raw)
    if found is None:
        return first, last
    before = len(raw[: found.start()].encode("utf-8", "surrogateescape"))
    return first + before, first + before + len(found.group().encode("utf-8", "surrogateescape"))


def _joined(speech: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in speech:
        if joined and span.start_ms - joined[-1].end_ms < _PLOSIVE_MS:
            joined[-1] = Span(joined[-1].start_ms, max(span.end_ms, joined[-1].end_ms))
        else:
            joined.append(span)
    return joined


def _spoken(span: Span, speech: Sequence[Span]) -> Span:
    """The part of a word's time in which somebody speaks: alignment lets words run on through a pause."""
    shared = [
        Span(max(span.start_ms, voice.start_ms), min(span.end_ms, voice.end_ms))
        for voice in speech
        if span.overlaps(voice)
    ]
    return max(shared, key=lambda part: part.duration_ms, default=span)


def _groups(timed: Sequence[_Timed]) -> Iterator[list[_Timed]]:
    """Words gathered into utterances: sentences, where pauses and length allow."""
    group: list[_Timed] = []
    for each in timed:
        if group and _ends(group, each.word.start_ms):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _ends(group: Sequence[_Timed], next_ms: int) -> bool:
    last = group[-1].word
    length, pause = last.end_ms - group[0].word.start_ms, next_ms - last.end_ms
    if pause >= SILENCE_MS or length >= LONGEST_MS:
        return True
    if _SENTENCE_END.search(last.text):
        return length >= SENTENCE_MS or pause >= BREATH_MS
    if _CLAUSE_END.search(last.text):
        return pause >= PAUSE_MS or length >= LONG_MS
    return length >= LONG_MS and pause >= BREATH_MS
