"""RIS, as reference managers read and write it (https://refdb.sourceforge.net/manual-0.9.6/sect1-ris-format.html)."""

from __future__ import annotations

from collections.abc import Iterator

from media.citations.citation import ARCHIVE, Citation, exact

MIMETYPE = "application/x-research-info-systems"


def ris(citation: Citation) -> str:
    """One reference, with the line ends that the format asks for."""
    return "".join(f"{tag}  - {_line(text)}\r\n" for tag, text in _fields(citation))


def _line(text: str) -> str:
    return " ".join(text.split())


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", "SOUND"
    yield "ID", citation.key
    if citation.name:
        yield "AU", f"{citation.name.replace(',', '')},"  # the comma says that this is a name of one part
    yield "TI", citation.title
    day = exact(citation.recorded_on)
    if day:
        yield "PY", str(day[0])
        yield "DA", "/".join([f"{part:02}" for part in day] + [""] * (4 - len(day)))
    elif citation.recorded_on is not None:
        yield "N1", f"Recorded {citation.recorded_on.first.year}–{citation.recorded_on.last.year}"
    if citation.version:
        yield "ET", f"Transcript version {citation.version}"
    if citation.moment:
        yield "SP", citation.moment
    yield "M3", "Oral testimony"
    yield "PB", ARCHIVE
    yield "DP", ARCHIVE
    if citation.language:
        yield "LA", citation.language
    yield "UR", citation.address
    yield "Y2", citation.seen_on.strftime("%Y/%m/%d/")
    yield "ER", ""
