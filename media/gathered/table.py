"""Gathered passages as a table (CSV; RFC 4180, in UTF-8 with a byte order mark, which spreadsheets want)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from media.gathered.quoted import QuotedCollection

COLUMNS = (
    *("title", "narrator", "recorded_on", "start_ms", "end_ms", "version", "language", "words", "other_language"),
    *("translation", "note", "codes", "citation", "address"),
)


def table(collection: QuotedCollection, inert: Callable[[str], str]) -> bytes:
    """The passages, one a row; `inert` makes of a cell what a spreadsheet takes for no formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in collection.passages:
        cells = (
            *(one.title, one.name, one.recorded_on, str(one.start_ms), str(one.end_ms), str(one.version)),
            *(one.language, one.text, one.other_language, one.other, one.note, "; ".join(one.codes)),
            *(one.citation, one.address),
        )
        writer.writerow([inert(cell) for cell in cells])
    return f"\ufeff{text.getvalue()}".encode()
