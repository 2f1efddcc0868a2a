"""Transcripts as people type them: plain text and Word documents, with or without times and speakers.

One paragraph for each utterance: `[00:01:23.450] S1: words`; how others type them is in `media.timed.typed`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from archive.timing import Utterance
from media.timed import typed
from media.timed.lines import one_line, rows
from media.timed.markup import guarded
from media.timed.typed import Typed

KHMER_FONT = "Khmer OS"


def write_text(utterances: Sequence[Utterance], *, times: bool = True, speakers: bool = True) -> str:
    """A transcript as plain text, one paragraph a line."""
    return "\n".join("".join(parts) for parts in _paragraphs(utterances, times, speakers)) + "\n"


def write_docx(
    utterances: Sequence[Utterance],
    title: str = "",
    *,
    times: bool = True,
    speakers: bool = True,
    font: str = KHMER_FONT,
) -> bytes:
    """A transcript as a Word document that names no author and no date of making.

    Args:
        font: for Khmer, set as the font of complex scripts, which Word keeps apart.
    """
    from docx import Document  # a fifth of a second to load, and reading does without

    document = Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = one_line(title)
    with_fonts(document, font)
    if title:
        document.add_heading(one_line(title), level=1)
    for time, speaker, text in _paragraphs(utterances, times, speakers):
        paragraph = document.add_paragraph()
        paragraph.add_run(time)
        paragraph.add_run(speaker).bold = True
        paragraph.add_run(text)
    held = io.BytesIO()
    document.save(held)
    return undated(held.getvalue())


def with_fonts(document: Any, font: str = KHMER_FONT) -> None:
    """Set the font of complex scripts, which Word keeps apart, of a document made by python-docx."""
    from docx.oxml.ns import qn

    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:cs"), font)


def read_text(text: str) -> list[Typed]:
    """The paragraphs of a plain transcript; empty lines are passed over."""
    return typed.read(rows(text))


def undated(data: bytes) -> bytes:
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
            yield time, f"{one_line(said.speaker)}: " if speakers and said.speaker else "", guarded(text)


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"
