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

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from archive.timing import Utterance
from media.timed.lines import Unreadable, one_line

_LINE = re.compile(
    r"^\s*(?:[\[(](?:(?P<h>\d{1,2}):)?(?P<m>\d{1,3}):(?P<s>\d\d)(?:[.,](?P<ms>\d{1,3}))?[\])]\s*)?"
    r"(?:(?P<speaker>[^\s:：][^:：\n]{0,39}?)\s*[:：]\s+)?(?P<text>.*)$",
    re.DOTALL,
)
_MOST_UNPACKED = 64 * 1024 * 1024


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
    return _typed(text.lstrip("\ufeff").splitlines())


def read_docx(data: bytes) -> list[Typed]:
    """The paragraphs of a Word document, headings left out.

    Raises:
        Unreadable: when it is no Word document, or unpacks to more than a transcript can be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise Unreadable("The Word document is too large for a transcript.")
        document = Document(io.BytesIO(data))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("The file is not a Word document (.docx).") from None
    headings = ("Heading", "Title")
    return _typed(
        row.text for row in document.paragraphs if not ((row.style and row.style.name) or "").startswith(headings)
    )


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
    found = []
    for paragraph in paragraphs:
        match = _LINE.match(one_line(paragraph))
        if match is None or not match["text"].strip():
            continue
        start = None
        if match["m"] is not None:
            minutes = int(match["h"] or 0) * 60 + int(match["m"])
            start = (minutes * 60 + int(match["s"])) * 1000 + int((match["ms"] or "0").ljust(3, "0"))
        found.append(Typed(match["text"].strip(), start, match["speaker"]))
    return found


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"
