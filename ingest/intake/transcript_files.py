"""Transcripts from and for elsewhere: one module for every format that people correct transcripts in.

A file is read apart from this process, within limits (`media.apart`); which kinds there are and how each is read is in
`ingest.intake.transcript_kinds`. What a file does not say stays unknown: a typed transcript without times is laid over
the sound afterwards (`ingest.jobs.typed_transcripts`), and nothing is guessed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import PurePath
from typing import Any

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.timing import TimedLine, Utterance
from ingest.intake import transcript_kinds
from ingest.intake.transcript_kinds import READERS, Notice, ReadTranscript
from media.apart import Overrun, read_apart
from media.timed import eaf, ohms, plain, script, srt, tei, textgrid, webvtt
from media.timed.encodings import UnknownEncoding
from media.timed.limits import LARGEST, LONGEST_LINE, MOST_LETTERS, MOST_LINES, TooMuch, Unreadable
from media.timed.ohms import OhmsPlace, OhmsPoint, OhmsRecord
from media.timed.tei import TeiHeader
from media.timed.typed import Typed

KINDS = {
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "eaf": "text/x-eaf+xml",
    "TextGrid": "text/x-praat-textgrid",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xml": "application/xml",
}
"""The forms a transcript leaves in; `xml` is OHMS, which has the index points too."""
LEAVES = {**KINDS, "tei": tei.MIMETYPE}
"""With what is written for others and not taken in again: TEI, for corpora."""
WITHOUT_TIMES = ("txt", "docx")
"""The forms that can leave the times out: for reading, and for sending back corrected."""
TAKEN = tuple({**dict.fromkeys(KINDS), **{kind: None for kind in READERS if kind != "textgrid"}})
"""The endings of the names of files that are taken, those we write ourselves first."""
MOST_SPEAKERS = 500
_LONGEST_NAME = 80
_PAST_THE_END_MS = 2000
_HOUR_MS, _TAPE_BEGINS_MS = 3_600_000, 600_000


class CannotTake(ArchiveError, ValueError):
    """A transcript cannot be taken in.

    Codes: `kind`, `encoding`, `broken`, `empty`, `longer`, `offset`, `shift`, `large`, `slow`.

    Attributes:
        shift_ms: what an `offset` would have to be moved by.
    """

    def __init__(self, told: Message | FilledMessage, code: str, shift_ms: int = 0, /, **values: object) -> None:
        super().__init__(told if isinstance(told, FilledMessage) else FilledMessage(told, values), code=code)
        self.shift_ms = shift_ms


@dataclass(frozen=True, slots=True)
class ImportedTranscript:
    """What a file holds: utterances with times, or paragraphs without; points of an index; and what to tell."""

    utterances: tuple[Utterance, ...] = ()
    paragraphs: tuple[Typed, ...] = ()
    points: tuple[OhmsPoint, ...] = ()
    notices: tuple[Notice, ...] = ()


def read(name: str, data: bytes, length_ms: int | None = None, shift_ms: int = 0) -> ImportedTranscript:
    """A transcript from a file.

    Args:
        name: of the file; its ending says what it is.
        length_ms: of the recording; a transcript that goes on after its end belongs to another one.
        shift_ms: taken away from every time, for a tape whose clock begins at 01:00:00.

    Raises:
        CannotTake: it is none, or not of this recording.
    """
    kind = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if kind not in READERS:
        raise CannotTake(
            Message("This kind of file is not known. We take {kinds}."),
            "kind",
            kinds=", ".join(f".{one}" for one in TAKEN),
        )
    if len(data) > LARGEST:
        raise CannotTake(Message("A transcript has at most {n} MB."), "large", n=LARGEST // 1024 // 1024)
    reader = "ingest.intake.transcript_files:plainly"
    try:
        told = read_apart(reader, data, kind=kind, length_ms=length_ms, shift_ms=shift_ms)
    except Overrun as error:
        raise CannotTake(error.sentence, "slow") from None
    if "why" in told:
        raise CannotTake(FilledMessage.from_json(told["why"]), told["code"], told["shift"])
    return ImportedTranscript(
        tuple(plain.utterances(told["utterances"])),
        tuple(Typed(*one) for one in told["paragraphs"]),
        tuple(_point(*one) for one in told["points"]),
        tuple((code, values) for code, values in told["notices"]),
    )


def _point(values: dict[str, Any], places: list[list[Any]]) -> OhmsPoint:
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return OhmsPoint(**{**values, **lists}, places=tuple(OhmsPlace(*one) for one in places))


def plainly(data: bytes, kind: str, length_ms: int | None, shift_ms: int = 0) -> dict[str, Any]:
    """What `read` reads, in the process made for it."""
    try:
        found = _read(kind, data, length_ms, shift_ms)
    except CannotTake as error:
        return {"why": error.sentence.as_json(), "code": error.code, "shift": error.shift_ms}
    points = [
        [{name: value for name, value in asdict(one).items() if name != "places"}, list(map(astuple, one.places))]
        for one in found.points
    ]
    return {
        "utterances": plain.of_utterances(found.utterances),
        "paragraphs": [[one.text, one.start_ms, one.speaker] for one in found.paragraphs],
        "points": points,
        "notices": found.notices,
    }


def _read(kind: str, data: bytes, length_ms: int | None, shift_ms: int) -> ImportedTranscript:
    try:
        found = transcript_kinds.read(kind, data, shift_ms)
    except TooMuch as error:
        raise CannotTake(error.sentence, "large") from None
    except UnknownEncoding as error:
        raise CannotTake(error.sentence, "encoding") from None
    except Unreadable as error:
        raise CannotTake(error.sentence, "broken") from None
    _measure(found)
    said = tuple(_tidied(one) for one in found.utterances if one.text.strip())
    typed = tuple(replace(one, text=tidy(one.text), speaker=_name(one.speaker)) for one in found.paragraphs)
    points = tuple(_tidied_point(one) for one in found.points)
    if not said and not typed and not points:
        raise CannotTake(Message("There are no words in this file."), "empty")
    if length_ms and said:
        _refuse_longer(said, length_ms)
    within = tuple(_within(one, length_ms) for one in said)
    return ImportedTranscript(within, typed, points, (*found.notices, *_late(said)))


def _refuse_longer(said: Sequence[Utterance], length_ms: int) -> None:
    """Words after the end of the recording are of another one, or of a tape whose clock did not begin at zero."""
    first, last = min(one.start_ms for one in said), max(one.start_ms for one in said)
    if last <= length_ms + _PAST_THE_END_MS:
        return
    hours = first // _HOUR_MS * _HOUR_MS
    if hours and last - hours <= length_ms + _PAST_THE_END_MS:
        raise CannotTake(
            Message("The times of this transcript begin at {time}, as on a tape. Bring it again with that taken away."),
            "offset",
            hours,
            time=f"{hours // _HOUR_MS:02d}:00:00",
        )
    raise CannotTake(Message("This transcript is longer than the recording. Is it of another one?"), "longer")


def _late(said: Sequence[Utterance]) -> tuple[Notice, ...]:
    """Words that all lie behind a whole hour fit, and may be a tape's all the same."""
    first = min((one.start_ms for one in said), default=0)
    if first >= _HOUR_MS and first % _HOUR_MS < _TAPE_BEGINS_MS:
        return (("late", {"at": first}),)
    return ()


def _measure(found: ReadTranscript) -> None:
    texts = [one.text for one in found.utterances] + [one.text for one in found.paragraphs]
    speakers = {one.speaker for one in found.utterances} | {one.speaker for one in found.paragraphs}
    if len(texts) > MOST_LINES:
        raise CannotTake(Message("A transcript has at most {n} segments."), "large", n=MOST_LINES)
    if sum(map(len, texts)) > MOST_LETTERS or max(map(len, texts), default=0) > LONGEST_LINE:
        raise CannotTake(
            Message("A transcript has at most {all} characters, and {one} in one segment."),
            "large",
            all=MOST_LETTERS,
            one=LONGEST_LINE,
        )
    if len(speakers) > MOST_SPEAKERS:
        raise CannotTake(Message("A transcript has at most {n} speakers."), "large", n=MOST_SPEAKERS)


def write(
    kind: str,
    utterances: Sequence[Utterance],
    *,
    title: str = "",
    length_ms: int | None = None,
    times: bool = True,
    record: OhmsRecord | None = None,
    header: TeiHeader | None = None,
) -> bytes:
    """A transcript as a file of one of `LEAVES`.

    Args:
        times: may be left out of those in `WITHOUT_TIMES` alone.
        record: what an OHMS document says of the interview, with its index points.
        header: what a TEI document says of it.

    Raises:
        ValueError: this form cannot do without times.
    """
    if not times and kind not in WITHOUT_TIMES:
        raise ValueError(f"A {kind} file cannot do without times; {' and '.join(WITHOUT_TIMES)} can.")
    if kind == "docx":
        return script.write_docx(utterances, title, times=times)
    if kind == "xml":
        told = record or OhmsRecord(title=title, duration_ms=length_ms)
        return ohms.write(replace(told, utterances=tuple(utterances)))
    if kind == "tei":
        return tei.write(utterances, header or TeiHeader(title=title, duration_ms=length_ms))
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


def _tidied(said: Utterance) -> Utterance:
    words = tuple(replace(word, text=tidy(word.text)) for word in said.words)
    return replace(said, text=tidy(said.text), words=words, speaker=_name(said.speaker))


def _tidied_point(point: OhmsPoint) -> OhmsPoint:
    return replace(
        point,
        title=tidy(point.title),
        title_alt=tidy(point.title_alt),
        synopsis=tidy(point.synopsis),
        synopsis_alt=tidy(point.synopsis_alt),
        partial=tidy(point.partial),
    )


def _name(speaker: str | None) -> str | None:
    return tidy(speaker)[:_LONGEST_NAME] if speaker else None


def _within(said: Utterance, length_ms: int | None) -> Utterance:
    if not length_ms:
        return said
    return replace(said, start_ms=min(said.start_ms, length_ms), end_ms=min(max(said.end_ms, said.start_ms), length_ms))
