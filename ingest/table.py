"""A CSV file from outside as rows of text, one by one: a row that cannot be read is told and the next one is read.

This is run apart (`media.apart`), so it knows nothing of the catalogue.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

LARGEST = 8 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 64
LONGEST_FIELD = 20_000


def plainly(data: bytes) -> dict[str, Any]:
    """Columns and rows: `{"columns": [...], "rows": [[line, [field, ...]] or [line, sentence], ...]}`, or `{"wrong": ...}`.

    A row has the number of its last line in the file.
    """
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError:
        return {"wrong": "The sheet is not UTF-8 text; save it as “CSV UTF-8”."}
    csv.field_size_limit(LONGEST_FIELD)
    rows: list[list[Any]] = []
    columns: list[str] | None = None
    for line, row in _rows(text):
        if columns is None:
            if isinstance(row, str) or len(row) > MOST_COLUMNS:
                return {"wrong": "The first line of the sheet is not the names of its columns."}
            columns = [name.strip()[:100] for name in row]
        elif len(rows) >= MOST_ROWS:
            return {"wrong": f"A sheet has at most {MOST_ROWS} rows; hand it in in several."}
        else:
            rows.append([line, row if isinstance(row, str) else row[: MOST_COLUMNS + 1]])
    return {"columns": columns or [], "rows": rows}


def _encoding(data: bytes) -> str:
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    reader = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield (
                reader.line_num,
                f"a field has more than {LONGEST_FIELD} characters, or its quotation mark is never closed",
            )
            continue
        if row:
            yield reader.line_num, row


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, or the semicolons and tabs that office programs write in some languages."""
    first = text[:10_000].splitlines()[0] if text[:10_000].strip() else ","
    counted = {delimiter: first.count(delimiter) for delimiter in ",;\t"}
    best = max(counted, key=lambda delimiter: counted[delimiter])

    class Written(csv.excel):
        delimiter = best

    return Written
