"""BibTeX (https://tug.ctan.org/info/bibtex/tamethebeast/ttb_en.pdf), in UTF-8, as biblatex and Zotero read it."""

from __future__ import annotations

from collections.abc import Iterator

from media.citations.citation import ARCHIVE, Citation, exact

MIMETYPE = "application/x-bibtex"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash ", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "_": r"\_",
        "~": r"\textasciitilde ", "^": r"\textasciicircum ",
    }
)  # fmt: skip


def bibtex(citation: Citation) -> str:
    """One entry of type `misc`, with the fields in a fixed order."""
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(citation))
    return f"@misc{{{citation.key},\n{fields}}}\n"


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    if citation.name:
        yield "author", f"{{{_braced(citation.name)}}}"
    yield "title", f"{{{_braced(citation.title)}}}"
    day = exact(citation.recorded_on)
    if day:
        yield "year", _braced(str(day[0]))
    elif citation.recorded_on is not None:
        yield "year", _braced(f"{citation.recorded_on.first.year}–{citation.recorded_on.last.year}")
    if len(day) > 1:
        yield "month", _MONTHS[day[1] - 1]
    if len(day) > 2:
        yield "day", _braced(str(day[2]))
    yield "howpublished", _braced(f"Oral testimony, {ARCHIVE}")
    if citation.part:
        yield "note", _braced(citation.part[0].upper() + citation.part[1:])
    if citation.language:
        yield "langid", _braced({"km": "khmer", "en": "english"}.get(citation.language, citation.language))
    yield "url", f"{{{citation.address}}}"
    yield "urldate", _braced(citation.seen_on.isoformat())


def _braced(text: str) -> str:
    """Braces keep capitals as they are, and a name of several words in one piece."""
    return f"{{{' '.join(text.translate(_ESCAPED).split())}}}"
