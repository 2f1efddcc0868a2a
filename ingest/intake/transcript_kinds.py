"""Every kind of file that a transcript is brought in, and the one way each is read: in the process made for it.

A reader gives what the file holds and what of it has to be told to whoever brought it: an end that stood before its
beginning, rows that scrolling had repeated, a font from before Unicode. What a file does not say stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from archive.language import legacy_fonts
from archive.language.messages import Message
from archive.timing import Utterance
from media.timed import (
    captions,
    eaf,
    encodings,
    html_rows,
    ohms_reading,
    open_document,
    rich_text,
    script,
    spoken_json,
    srt,
    textgrid,
    ttml_reading,
    typed,
    webvtt,
    word_document,
)
from media.timed.captions import Captions
from media.timed.limits import Unreadable, checked_ms
from media.timed.lines import rows
from media.timed.ohms import OhmsPoint
from media.timed.pages import WrittenPages
from media.timed.typed import Typed

Notice: TypeAlias = tuple[str, dict[str, str | int]]
"""A code for pages, and the values of its sentence."""

_MS_A_LETTER = 200
_LEAST_TIMED = 0.25


@dataclass(frozen=True, slots=True)
class ReadTranscript:
    """What a reader found: utterances with times, or paragraphs without, points of an index, and what to tell."""

    utterances: tuple[Utterance, ...] = ()
    paragraphs: tuple[Typed, ...] = ()
    points: tuple[OhmsPoint, ...] = ()
    notices: tuple[Notice, ...] = field(default=())


def read(kind: str, data: bytes, shift_ms: int = 0) -> ReadTranscript:
    """A transcript of this kind, set right where that is certain.

    Args:
        shift_ms: taken away from every time, as of a tape that begins at 01:00:00.

    Raises:
        Unreadable, TooMuch, UnknownEncoding: it is none, or more than one can be.
    """
    found = READERS[kind](data)
    said, backwards = captions.mended(sorted(found.utterances, key=lambda one: one.start_ms))
    notices = list(found.notices)
    if backwards:
        notices.append(("backwards", {"n": len(backwards), "at": backwards[0].start_ms}))
    if shift_ms:
        said = [_moved(one, shift_ms) for one in said]
    return _in_unicode(replace(found, utterances=tuple(said), notices=tuple(notices)))


def _moved(said: Utterance, by_ms: int) -> Utterance:
    """The same earlier; what then began before the recording has the sentence for a time that cannot be."""
    words = tuple(
        replace(word, start_ms=max(0, word.start_ms - by_ms), end_ms=max(0, word.end_ms - by_ms)) for word in said.words
    )
    start = checked_ms(said.start_ms - by_ms)
    return replace(said, start_ms=start, end_ms=max(start, said.end_ms - by_ms), words=words)


def _in_unicode(found: ReadTranscript) -> ReadTranscript:
    """Texts that were typed for a font from before Unicode, converted where the whole file leaves no doubt."""
    texts = [one.text for one in found.utterances] + [one.text for one in found.paragraphs]
    whole = "\n".join(texts)
    family = legacy_fonts.recognised(whole)
    if family is None:
        doubtful = legacy_fonts.suspected(whole)
        return replace(found, notices=(*found.notices, ("legacy-doubt", {}))) if doubtful else found

    def turned(text: str) -> str:
        return legacy_fonts.converted(text, family)

    said = tuple(
        replace(
            one,
            text=turned(one.text),
            speaker=_turned_name(one.speaker, turned),
            words=tuple(replace(word, text=turned(word.text)) for word in one.words),
        )
        for one in found.utterances
    )
    written = tuple(
        replace(one, text=turned(one.text), speaker=_turned_name(one.speaker, turned)) for one in found.paragraphs
    )
    notice: Notice = ("legacy", {"n": len(texts), "font": family})
    return replace(found, utterances=said, paragraphs=written, notices=(*found.notices, notice))


def _turned_name(name: str | None, turned: Callable[[str], str]) -> str | None:
    return None if name is None else turned(name)


def text_of(data: bytes) -> tuple[str, tuple[Notice, ...]]:
    """The text of a file, and a word on its encoding where that had to be inferred. Raises UnknownEncoding."""
    found = encodings.decoded(data)
    notice: tuple[Notice, ...] = (("encoding", {"name": "Windows-1252"}),) if found.encoding == "cp1252" else ()
    return found.text, notice if found.inferred else ()


def _said(utterances: Sequence[Utterance], notices: tuple[Notice, ...] = ()) -> ReadTranscript:
    return ReadTranscript(tuple(utterances), notices=notices)


def _captions(read_text: Callable[[str], Captions]) -> Callable[[bytes], ReadTranscript]:
    def reader(data: bytes) -> ReadTranscript:
        text, notices = text_of(data)
        found = read_text(text)
        told = list(notices)
        if found.scrolled:
            told.append(("scrolled", {"n": found.scrolled}))
        if found.once:
            told.append(("names", {"names": ", ".join(found.once[:12])}))
        return _said(found.utterances, tuple(told))

    return reader


def _plain(read_text: Callable[[str], Sequence[Utterance]]) -> Callable[[bytes], ReadTranscript]:
    def reader(data: bytes) -> ReadTranscript:
        text, notices = text_of(data)
        return _said(read_text(text), notices)

    return reader


def _text(data: bytes) -> ReadTranscript:
    """Plain text; subtitles that were only renamed are read as what they are."""
    text, notices = text_of(data)
    head = text[:4096].lstrip()
    if head.startswith("{\\rtf"):
        return _document(rich_text.pages)(data)
    if head.startswith("WEBVTT"):
        return _captions(webvtt.read_transcript)(data)
    if any(captions.times_of(row) for row in rows(text)[:40]):
        return _captions(srt.read_transcript)(data)
    return _laid_out(script.read_text(text), notices)


def _document(pages_of: Callable[[bytes], WrittenPages]) -> Callable[[bytes], ReadTranscript]:
    def reader(data: bytes) -> ReadTranscript:
        pages = pages_of(data)
        notices: tuple[Notice, ...] = (("legacy", {"n": pages.converted, "font": ""}),) if pages.converted else ()
        return _laid_out(typed.read(pages.blocks), notices)

    return reader


def _otr(data: bytes) -> ReadTranscript:
    text, notices = text_of(data)
    return _laid_out(spoken_json.read_otr(text), notices)


def _json(data: bytes) -> ReadTranscript:
    text, notices = text_of(data)
    return _said(spoken_json.read(text), notices)


def _html(data: bytes) -> ReadTranscript:
    text, notices = text_of(data)
    found = _laid_out(typed.of_rows(html_rows.rows(text)), notices)
    if not found.utterances and "ts_" not in text:
        raise Unreadable(Message("This web page holds no transcript with times."))
    return found


def _xml(data: bytes) -> ReadTranscript:
    """OHMS, TTML or ELAN, by what the document says that it is."""
    text, notices = text_of(data)
    head = text[:4096]
    if "<ANNOTATION_DOCUMENT" in head:
        return _said(eaf.read(text), notices)
    if "ttml" in head:
        return _said(ttml_reading.read_transcript(text), notices)
    record = ohms_reading.read(text)
    coarse: tuple[Notice, ...] = (("coarse", {}),) if record.coarse else ()
    if record.paragraphs:
        return replace(_laid_out(record.paragraphs, notices), points=record.points)
    return ReadTranscript(record.utterances, points=record.points, notices=(*notices, *coarse))


def _laid_out(passages: Sequence[Typed], notices: tuple[Notice, ...] = ()) -> ReadTranscript:
    """Paragraphs with times are utterances, one until the next; a paragraph without one goes on where it stands.

    Another speaker inside such a stretch begins where the length of the words says, which is told. A few times in a
    long text are what somebody talked of, and the text is one without times.
    """
    timed = sum(one.start_ms is not None for one in passages)
    if not timed or (passages[0].start_ms is None and timed < _LEAST_TIMED * len(passages)):
        return ReadTranscript(paragraphs=tuple(replace(one, start_ms=None) for one in passages), notices=notices)
    groups: list[list[Typed]] = []
    for one in passages:
        if one.start_ms is None and groups:
            groups[-1].append(one)
        else:
            groups.append([replace(one, start_ms=one.start_ms or 0)])
    groups.sort(key=lambda group: group[0].start_ms or 0)
    last = groups[-1][0].start_ms or 0
    ends = [group[0].start_ms or 0 for group in groups[1:]] + [
        last + _MS_A_LETTER * sum(len(one.text) for one in groups[-1])
    ]
    said: list[Utterance] = []
    shared = False
    for group, end in zip(groups, ends, strict=True):
        turns = _turns(group)
        shared = shared or len(turns) > 1
        said += _shared_out(turns, group[0].start_ms or 0, end)
    coarse: tuple[Notice, ...] = (("coarse", {}),) if shared else ()
    return ReadTranscript(tuple(said), notices=(*notices, *coarse))


def _turns(group: Sequence[Typed]) -> list[Typed]:
    """The paragraphs of one stretch joined by who speaks; one without a name goes on."""
    turns = [group[0]]
    for one in group[1:]:
        if one.speaker in (None, turns[-1].speaker):
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {one.text}", end_ms=one.end_ms or turns[-1].end_ms)
        else:
            turns.append(one)
    return turns


def _shared_out(turns: Sequence[Typed], start: int, end: int) -> list[Utterance]:
    letters = sum(len(one.text) for one in turns) or 1
    found: list[Utterance] = []
    told = 0
    for number, one in enumerate(turns):
        begins = start + (end - start) * told // letters
        told += len(one.text)
        until = one.end_ms if one.end_ms is not None and number == len(turns) - 1 else None
        ends = start + (end - start) * told // letters if until is None else until
        found.append(Utterance(begins, ends, one.text, speaker=one.speaker))
    return found


READERS: Final[Mapping[str, Callable[[bytes], ReadTranscript]]] = {
    "srt": _captions(srt.read_transcript),
    "vtt": _captions(webvtt.read_transcript),
    "eaf": _plain(eaf.read),
    "textgrid": _plain(textgrid.read),
    "txt": _text,
    "docx": _document(word_document.pages),
    "odt": _document(open_document.pages),
    "rtf": _document(rich_text.pages),
    "xml": _xml,
    "ttml": _xml,
    "dfxp": _xml,
    "otr": _otr,
    "json": _json,
    "html": _html,
    "htm": _html,
}
"""By the ending of the file's name."""
