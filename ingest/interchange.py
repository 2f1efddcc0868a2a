"""Transcripts from and for elsewhere: one door for every format that people correct transcripts in.

What a file does not say stays unknown: a typed transcript without times is laid over the sound afterwards
(`ingest.typed_jobs`), and nothing is guessed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from archive.language.normalise import tidy
from archive.timing import TimedLine, Utterance
from media.timed import eaf, script, srt, textgrid, webvtt
from media.timed.lines import Unreadable
from media.timed.script import Typed

KINDS = {
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "eaf": "text/x-eaf+xml",
    "TextGrid": "text/x-praat-textgrid",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
WITHOUT_TIMES = ("txt", "docx")
"""The forms that can leave the times out: for reading, and for sending back corrected."""
LARGEST = 8 * 1024 * 1024
MOST_SEGMENTS = 20_000
_PAST_THE_END_MS = 2000
_PREFIX = re.compile(r"^([^\s:：][^:：\n]{0,39}?)\s*[:：]\s+(?=\S)")


class CannotTake(ValueError):
    """A transcript cannot be taken in; `why` is a code for pages, the message one sentence for people.

    Codes: `kind`, `encoding`, `broken`, `empty`, `longer`, `large`.
    """

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file holds: utterances with their times, or paragraphs without, of which one is empty."""

    utterances: tuple[Utterance, ...] = ()
    paragraphs: tuple[Typed, ...] = ()


def read(name: str, data: bytes, length_ms: int | None = None) -> Brought:
    """A transcript from a file.

    Args:
        name: of the file; its ending says what it is.
        length_ms: of the recording; a transcript that goes on after its end belongs to another one.

    Raises:
        CannotTake: it is none, or not of this recording.
    """
    kind = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if kind not in _READERS:
        raise CannotTake("kind", f"A transcript is a file that ends in {', '.join('.' + one for one in KINDS)}.")
    if len(data) > LARGEST:
        raise CannotTake("large", f"A transcript has at most {LARGEST // 1024 // 1024} MB.")
    try:
        found = _READERS[kind](data)
    except Unreadable as error:
        raise CannotTake("broken", error.reason) from None
    said = tuple(_tidied(one) for one in found.utterances if one.text.strip())
    typed = tuple(replace(one, text=tidy(one.text)) for one in found.paragraphs)
    if not said and not typed:
        raise CannotTake("empty", "There are no words in this file.")
    if len(said) > MOST_SEGMENTS or len(typed) > MOST_SEGMENTS:
        raise CannotTake("large", f"A transcript has at most {MOST_SEGMENTS} segments.")
    if length_ms and said and max(one.start_ms for one in said) > length_ms + _PAST_THE_END_MS:
        raise CannotTake("longer", "This transcript goes on after the end of the recording; is it of another one?")
    return Brought(tuple(_within(one, length_ms) for one in said), typed)


def write(
    kind: str, utterances: Sequence[Utterance], *, title: str = "", length_ms: int | None = None, times: bool = True
) -> bytes:
    """A transcript as a file of one of `KINDS`; `times` may be left out of those in `WITHOUT_TIMES` alone.

    Raises:
        ValueError: this form cannot do without times.
    """
    if not times and kind not in WITHOUT_TIMES:
        raise ValueError(f"A {kind} file cannot do without times; {' and '.join(WITHOUT_TIMES)} can.")
    if kind == "docx":
        return script.write_docx(utterances, title, times=times)
    text = {
        "srt": lambda: srt.write([_line(one) for one in utterances]),
        "vtt": lambda: webvtt.write_transcript(utterances),
        "eaf": lambda: eaf.write(utterances),
        "TextGrid": lambda: textgrid.write(utterances, length_ms),
        "txt": lambda: script.write_text(utterances, times=times),
    }[kind]()
    return text.encode()


def _line(said: Utterance) -> TimedLine:
    """SubRip knows no voices: the speaker stands before the words, as people write it there."""
    return TimedLine(f"{said.speaker}: {said.text}" if said.speaker else said.text, said.start_ms, said.end_ms)


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"  # Praat writes UTF-16 by itself
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise CannotTake("encoding", "The file is not in UTF-8; save it again in UTF-8.") from None


def _srt(data: bytes) -> Brought:
    lines = srt.read(_text(data))
    return Brought(
        tuple(
            Utterance(line.start_ms or 0, line.end_ms or line.start_ms or 0, text, speaker=speaker)
            for line, (speaker, text) in zip(lines, _spoken([line.text for line in lines]), strict=True)
        )
    )


def _spoken(texts: Sequence[str]) -> list[tuple[str | None, str]]:
    """Speaker and words; what stands before a colon is a name where it stands there again."""
    before = [_PREFIX.match(text) for text in texts]
    often = Counter(match[1] for match in before if match)
    return [
        (match[1], text[match.end() :]) if match and often[match[1]] > 1 else (None, text)
        for match, text in zip(before, texts, strict=True)
    ]


def _typed(paragraphs: Sequence[Typed]) -> Brought:
    """Paragraphs with times are utterances, one until the next; a paragraph without one goes on where it stands."""
    if not paragraphs or paragraphs[0].start_ms is None:
        return Brought(paragraphs=tuple(paragraphs))
    joined: list[Typed] = []
    for one in paragraphs:
        if one.start_ms is None:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {one.text}")
        else:
            joined.append(one)
    joined.sort(key=lambda one: one.start_ms or 0)
    ends = [one.start_ms or 0 for one in joined[1:]] + [(joined[-1].start_ms or 0) + 200 * len(joined[-1].text)]
    return Brought(
        tuple(
            Utterance(one.start_ms or 0, end, one.text, speaker=one.speaker)
            for one, end in zip(joined, ends, strict=True)
        )
    )


_READERS: dict[str, Callable[[bytes], Brought]] = {
    "srt": _srt,
    "vtt": lambda data: Brought(tuple(webvtt.read_transcript(_text(data)))),
    "eaf": lambda data: Brought(tuple(eaf.read(_text(data)))),
    "textgrid": lambda data: Brought(tuple(textgrid.read(_text(data)))),
    "txt": lambda data: _typed(script.read_text(_text(data))),
    "docx": lambda data: _typed(script.read_docx(data)),
}


def _tidied(said: Utterance) -> Utterance:
    words = tuple(replace(word, text=tidy(word.text)) for word in said.words)
    return replace(said, text=tidy(said.text), words=words)


def _within(said: Utterance, length_ms: int | None) -> Utterance:
    if not length_ms:
        return said
    return replace(said, start_ms=min(said.start_ms, length_ms), end_ms=min(max(said.end_ms, said.start_ms), length_ms))
