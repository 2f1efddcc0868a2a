"""Transcripts as people type them: plain text and Word documents, with or without times and speakers.

One paragraph for each utterance: `[00:01:23.450] S1: words`. Older transcripts come in the same shape, with a time in
brackets or none, a name and a colon or none; whatever is missing stays unknown, and nothing is guessed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.timing import Utterance
from media.timed.limits import clock_ms, not_too_long, not_too_many
from media.timed.lines import one_line, rows
from media.timed.word_document import paragraphs

_LINE = re.compile(
    r"^\s*(?:[\[(](?:(?P<h>\d{1,2}):)?(?P<m>\d{1,3}):(?P<s>\d\d)(?:[.,](?P<ms>\d{1,3}))?[\])]\s*)?"
    r"(?:(?P<speaker>[^\s:：][^:：\n]{0,39}?)\s{0,4}[:：]\s+)?(?P<text>.*)$",
    re.DOTALL,
)
_HEADINGS = ("heading", "title")


@dataclass(frozen=True, slots=True)
class Typed:
    """One paragraph of a typed transcript; what the paper does not say is None."""

    text: str
    start_ms: int | None = None
    speaker: str | None = None


def write_text(utterances: Sequence[Utterance], *, times: bool = True, speakers: bool = True) -> str:
    """A transcript as plain text, one paragraph a line."""
    return "\n".join("".join(parts) for parts in _paragraphs(utterances, times, speakers)) + "\n"


def write_docx(
    utterances: Sequence[Utterance],
    title: str = "",
    *,
    times: bool = True,
    speakers: bool = True,
    font: str = "Khmer OS",
) -> bytes:
    """A transcript as a Word document that names no author and no date of making.

    Args:
        font: for Khmer, set as the font of complex scripts, which Word keeps apart.
    """
    from docx import Document  # a fifth of a second to load, and reading does without
    from docx.oxml.ns import qn

    document = Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = one_line(title)
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:cs"), font)
    if title:
        document.add_heading(one_line(title), level=1)
    for time, speaker, text in _paragraphs(utterances, times, speakers):
        paragraph = document.add_paragraph()
        paragraph.add_run(time)
        paragraph.add_run(speaker).bold = True
        paragraph.add_run(text)
    held = io.BytesIO()
    document.save(held)
    return _undated(held.getvalue())


def read_text(text: str) -> list[Typed]:
    """The paragraphs of a plain transcript; empty lines are passed over."""
    return _typed(rows(text))


def read_docx(data: bytes) -> list[Typed]:
    """The paragraphs of a Word document, headings left out.

    Raises:
        Unreadable: when it is no Word document, is locked, or unpacks to more than a transcript can be.
    """
    return _typed(text for style, text in paragraphs(data) if not style.lower().startswith(_HEADINGS))


def _undated(data: bytes) -> bytes:
    """A document without the moment at which it was put together: the same words give the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as kept:
        for entry in made.infolist():
            part = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            kept.writestr(part, made.read(entry), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _paragraphs(utterances: Sequence[Utterance], times: bool, speakers: bool) -> Iterable[tuple[str, str, str]]:
    for said in utterances:
        if text := one_line(said.text):
            time = f"[{_clock(said.start_ms)}] " if times else ""
            yield time, f"{one_line(said.speaker)}: " if speakers and said.speaker else "", text


def _typed(paragraphs: Iterable[str]) -> list[Typed]:
    found: list[Typed] = []
    for number, paragraph in enumerate(paragraphs, start=1):
        match = _LINE.match(one_line(not_too_long(paragraph, number)))
        if match is None or not match["text"].strip():
            continue
        start = None
        if match["m"] is not None:
            start = clock_ms(match.group("h", "m", "s", "ms"), number)
        not_too_many(found, number)
        found.append(Typed(match["text"].strip(), start, match["speaker"]))
    return found


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"
