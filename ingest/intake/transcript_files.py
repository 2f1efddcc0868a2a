"""Transcripts from and for elsewhere: one door for every format that people correct transcripts in.

A file is read apart from this process, within limits (`media.apart`).

What a file does not say stays unknown: a typed transcript without times is laid over the sound afterwards
(`ingest.jobs.typed_transcripts`), and nothing is guessed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from archive.language.normalise import tidy
from archive.timing import TimedLine, Utterance
from media.apart import Overrun, read_apart
from media.timed import eaf, plain, script, srt, textgrid, webvtt
from media.timed.limits import LARGEST, LONGEST_LINE, MOST_LETTERS, MOST_LINES, TooMuch, Unreadable
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
MOST_SPEAKERS = 500
_LONGEST_NAME = 80
_PAST_THE_END_MS = 2000
_PREFIX = re.compile(r"^([^\s:：][^:：\n]{0,39}?)\s{0,4}[:：]\s+(?=\S)")


class CannotTake(ValueError):
    """A transcript cannot be taken in; `why` is a code for pages, the message one sentence for people.

    Codes: `kind`, `encoding`, `broken`, `empty`, `longer`, `large`, `slow`. `line` is the row of the file that is the
    matter, where there is one.
    """

    def __init__(self, why: str, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.why, self.line = why, line


@dataclass(frozen=True, slots=True)
class ImportedTranscript:
    """What a file holds: utterances with their times, or paragraphs without, of which one is empty."""

    utterances: tuple[Utterance, ...] = ()
    paragraphs: tuple[Typed, ...] = ()


def read(name: str, data: bytes, length_ms: int | None = None) -> ImportedTranscript:
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
        told = read_apart("ingest.intake.transcript_files:plainly", data, kind=kind, length_ms=length_ms)
    except Overrun as error:
        raise CannotTake("slow", str(error)) from None
    if "why" in told:
        raise CannotTake(told["why"], told["sentence"], told["line"])
    return ImportedTranscript(
        tuple(plain.utterances(told["utterances"])), tuple(Typed(*one) for one in told["paragraphs"])
    )


def plainly(data: bytes, kind: str, length_ms: int | None) -> dict[str, Any]:
    """What `read` reads, in the process made for it."""
    try:
        found = _read(kind, data, length_ms)
    except CannotTake as error:
        return {"why": error.why, "sentence": str(error), "line": error.line}
    paragraphs = [[one.text, one.start_ms, one.speaker] for one in found.paragraphs]
    return {"utterances": plain.of_utterances(found.utterances), "paragraphs": paragraphs}


def _read(kind: str, data: bytes, length_ms: int | None) -> ImportedTranscript:
    try:
        found = _READERS[kind](data)
    except TooMuch as error:
        raise CannotTake("large", error.reason, error.line) from None
    except Unreadable as error:
        raise CannotTake("broken", error.reason, error.line) from None
    _measure(found)
    said = tuple(_tidied(one) for one in found.utterances if one.text.strip())
    typed = tuple(replace(one, text=tidy(one.text), speaker=_name(one.speaker)) for one in found.paragraphs)
    if not said and not typed:
        raise CannotTake("empty", "There are no words in this file.")
    if length_ms and said and max(one.start_ms for one in said) > length_ms + _PAST_THE_END_MS:
        raise CannotTake("longer", "This transcript goes on after the end of the recording; is it of another one?")
    return ImportedTranscript(tuple(_within(one, length_ms) for one in said), typed)


def _measure(found: ImportedTranscript) -> None:
    texts = [one.text for one in found.utterances] + [one.text for one in found.paragraphs]
    speakers = {one.speaker for one in found.utterances} | {one.speaker for one in found.paragraphs}
    if len(texts) > MOST_LINES:
        raise CannotTake("large", f"A transcript has at most {MOST_LINES} segments.")
    if sum(map(len, texts)) > MOST_LETTERS or max(map(len, texts), default=0) > LONGEST_LINE:
        raise CannotTake(
            "large", f"A transcript has at most {MOST_LETTERS} characters, and {LONGEST_LINE} in one segment."
        )
    if len(speakers) > MOST_SPEAKERS:
        raise CannotTake("large", f"A transcript has at most {MOST_SPEAKERS} speakers.")


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
    encoding = "utf-8-sig"
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        encoding = "utf-32"
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # Praat writes UTF-16 by itself
        encoding = "utf-16"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise CannotTake("encoding", "The file is not in UTF-8; save it again in UTF-8.") from None


def _srt(data: bytes) -> ImportedTranscript:
    lines = srt.read(_text(data))
    return ImportedTranscript(
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


def _typed(paragraphs: Sequence[Typed]) -> ImportedTranscript:
    """Paragraphs with times are utterances, one until the next; a paragraph without one goes on where it stands."""
    if not paragraphs or paragraphs[0].start_ms is None:
        return ImportedTranscript(paragraphs=tuple(paragraphs))
    groups: list[list[Typed]] = []
    for one in paragraphs:
        if one.start_ms is None:
            groups[-1].append(one)
        else:
            groups.append([one])
    joined = [replace(group[0], text=" ".join(one.text for one in group)) for group in groups]
    joined.sort(key=lambda one: one.start_ms or 0)
    ends = [one.start_ms or 0 for one in joined[1:]] + [(joined[-1].start_ms or 0) + 200 * len(joined[-1].text)]
    return ImportedTranscript(
        tuple(
            Utterance(one.start_ms or 0, end, one.text, speaker=one.speaker)
            for one, end in zip(joined, ends, strict=True)
        )
    )


_READERS: dict[str, Callable[[bytes], ImportedTranscript]] = {
    "srt": _srt,
    "vtt": lambda data: ImportedTranscript(tuple(webvtt.read_transcript(_text(data)))),
    "eaf": lambda data: ImportedTranscript(tuple(eaf.read(_text(data)))),
    "textgrid": lambda data: ImportedTranscript(tuple(textgrid.read(_text(data)))),
    "txt": lambda data: _typed(script.read_text(_text(data))),
    "docx": lambda data: _typed(script.read_docx(data)),
}


def _tidied(said: Utterance) -> Utterance:
    words = tuple(replace(word, text=tidy(word.text)) for word in said.words)
    return replace(said, text=tidy(said.text), words=words, speaker=_name(said.speaker))


def _name(speaker: str | None) -> str | None:
    return tidy(speaker)[:_LONGEST_NAME] if speaker else None


def _within(said: Utterance, length_ms: int | None) -> Utterance:
    if not length_ms:
        return said
    return replace(said, start_ms=min(said.start_ms, length_ms), end_ms=min(max(said.end_ms, said.start_ms), length_ms))
