"""Transcripts as JSON: what Whisper, WhisperX, faster-whisper and whisper.cpp write, and oTranscribe's `.otr`.

Whisper: `{"segments": [{"start", "end", "text", "words": [{"word", "start", "end"}]}]}` in seconds; WhisperX adds
`speaker`, whisper.cpp has `{"transcription": [{"offsets": {"from", "to"}, "text"}]}` in milliseconds. oTranscribe keeps
`{"text": HTML, "media": …}`. What is missing stays unknown; a word without times is left without.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from archive.language.messages import Message
from archive.timing import Utterance, Word
from media.timed import html_rows, typed
from media.timed.captions import likely_end
from media.timed.limits import LATEST_MS, MOST_LINES, MOST_WORDS, TooMuch, Unreadable, not_too_long, not_too_many
from media.timed.lines import one_line
from media.timed.typed import Typed

_STRANGE = Message("The file is JSON, but holds no transcript that is known here.")


def read(text: str) -> list[Utterance]:
    """The segments of a recogniser's JSON, in order of time. Raises Unreadable."""
    document = _loaded(text)
    if isinstance(document, list):
        document = {"segments": document}
    segments = _rows(document.get("segments"))
    if segments is None and (lines := _rows(document.get("transcription"))) is not None:
        segments = [_of_whisper_cpp(one) for one in lines if isinstance(one, Mapping)]
    if segments is None and (chunks := _rows(document.get("chunks"))) is not None:
        segments = [_of_transformers(one) for one in chunks if isinstance(one, Mapping)]
    if segments is None:
        raise Unreadable(_STRANGE)
    found: list[Utterance] = []
    words = 0
    for number, one in enumerate(segments, start=1):
        if not isinstance(one, Mapping) or not isinstance(one.get("text"), str):
            raise Unreadable(Message("The segment with the number {n} has no text."), n=number)
        text = one_line(not_too_long(one["text"]))
        if not text:
            continue
        not_too_many(found, None, MOST_LINES)
        said = _words(one.get("words"))
        words += len(said)
        if words > MOST_WORDS:
            raise TooMuch(Message("The file has more than {n} words with times."), n=MOST_WORDS)
        start = _ms(one.get("start"))
        end = (
            _ms(one["end"])
            if one.get("end") is not None
            else _open_end(start, text, segments[number] if number < len(segments) else None)
        )
        found.append(Utterance(start, end, text, said, speaker=_speaker(one)))
    return sorted(found, key=lambda said: (said.start_ms, said.end_ms))


def read_otr(text: str) -> list[Typed]:
    """The rows of an oTranscribe file. Raises Unreadable."""
    document = _loaded(text)
    if not isinstance(document, Mapping) or not isinstance(document.get("text"), str):
        raise Unreadable(Message("The file is not one of oTranscribe (.otr)."))
    return typed.of_rows(html_rows.rows(document["text"]))


def _loaded(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(Message("The file is not well-formed JSON.")) from None
    if not isinstance(found, Mapping | list):
        raise Unreadable(_STRANGE)
    return found


def _rows(value: Any) -> Sequence[Any] | None:
    return value if isinstance(value, list) else None


def _of_whisper_cpp(one: Mapping[str, Any]) -> dict[str, Any]:
    offsets = one.get("offsets")
    if not isinstance(offsets, Mapping):
        raise Unreadable(_STRANGE)
    start, end = (_number(offsets.get(side)) / 1000 for side in ("from", "to"))
    return {"start": start, "end": end, "text": one.get("text"), "speaker": one.get("speaker")}


def _of_transformers(one: Mapping[str, Any]) -> dict[str, Any]:
    times = _rows(one.get("timestamp"))
    if times is None or len(times) != 2:
        raise Unreadable(_STRANGE)
    return {"start": times[0], "end": times[1], "text": one.get("text"), "speaker": one.get("speaker")}


def _open_end(start: int, text: str, following: Any) -> int:
    """When a segment ends whose end the recogniser did not find: where the next begins, or after its words."""
    after = following.get("start") if isinstance(following, Mapping) else None
    return likely_end(start, text, max(start, _ms(after)) if after is not None else None)


def _speaker(one: Mapping[str, Any]) -> str | None:
    """Who speaks: as the segment says, else as most of its words do."""
    told = Counter(word["speaker"] for word in _rows(one.get("words")) or () if _names_somebody(word))
    speaker = one.get("speaker") or (told.most_common(1)[0][0] if told else None)
    return (one_line(speaker)[:80] or None) if isinstance(speaker, str) else None


def _names_somebody(word: Any) -> bool:
    return isinstance(word, Mapping) and isinstance(word.get("speaker"), str)


def _words(value: Any) -> tuple[Word, ...]:
    found: list[Word] = []
    for one in _rows(value) or ():
        written = one.get("word", one.get("text")) if isinstance(one, Mapping) else None
        if not isinstance(written, str) or one.get("start") is None:
            continue
        text, start = one_line(written), _ms(one["start"])
        end = _ms(one["end"]) if one.get("end") is not None else start
        if text:
            not_too_many(found, None, MOST_WORDS)
            found.append(Word(text, start, max(start, end)))
    return tuple(found)


def _ms(value: Any) -> int:
    seconds = _number(value)
    if seconds * 1000 > LATEST_MS:
        raise Unreadable(Message("A time lies outside every recording, which has a hundred hours at most."))
    return round(seconds * 1000)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(Message("A time is a plain number, and not below zero."))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < 0:
        raise Unreadable(Message("A time is a plain number, and not below zero."))
    return number
