"""A CSV file from outside as rows of text, one by one: a row that cannot be read is told and the next one is read.

This is run apart (`media.apart`), so it knows nothing of the catalogue.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any

from archive.language.messages import FilledMessage, Message

LARGEST = 8 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 64
LONGEST_FIELD = 20_000
_MOST_LINES = 200_000
_MOST_STARTS = 100

QUOTES = Message("A quotation mark is out of place or never closed, or a field has over {n} characters.")
GIVEN_UP = Message("Too many rows before this one could not be read; the rest was not looked at.")


def plainly(data: bytes) -> dict[str, Any]:
    """`{"columns": [...], "rows": [[line, [field, ...]] or [line, sentence], ...]}`, or `{"wrong": sentence}`.

    A row has the number of its last line in the file. Sentences are JSON too, as `FilledMessage` writes them.
    """
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError:
        return _wrong(Message("The sheet is not UTF-8 text; save it as “CSV UTF-8”."))
    if text.count("\n") + text.count("\r") > _MOST_LINES:
        return _wrong(Message("A sheet has at most {n} lines; hand it in in several."), n=_MOST_LINES)
    csv.field_size_limit(LONGEST_FIELD)
    rows: list[list[Any]] = []
    columns: list[str] | None = None
    for line, row in _rows(text):
        if columns is None:
            if isinstance(row, dict) or len(row) > MOST_COLUMNS:
                return _wrong(Message("The first line of the sheet is not the names of its columns."))
            columns = [name.strip()[:100] for name in row]
        elif len(rows) >= MOST_ROWS:
            return _wrong(Message("A sheet has at most {n} rows; hand it in in several."), n=MOST_ROWS)
        else:
            rows.append([line, row if isinstance(row, dict) else row[: MOST_COLUMNS + 1]])
    return {"columns": columns or [], "rows": rows}


def _wrong(message: Message, **values: int) -> dict[str, Any]:
    return {"wrong": FilledMessage(message, values).as_json()}


def _encoding(data: bytes) -> str:
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _rows(text: str) -> Iterator[tuple[int, list[str] | dict[str, Any]]]:
    """Each row with the number of its last line; after one that cannot be read it goes on with the very next line."""
    written = [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    dialect, at = _dialect(text), 0
    for _ in range(_MOST_STARTS):
        reader = csv.reader(islice(written, at, None), dialect=dialect, strict=True)
        begins = 0
        try:
            for row in reader:
                if row:
                    yield at + reader.line_num, row
                begins = reader.line_num
        except csv.Error:
            at += begins + 1
            yield at, FilledMessage(QUOTES, {"n": LONGEST_FIELD}).as_json()
        else:
            return
    yield at, FilledMessage(GIVEN_UP).as_json()


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, or the semicolons and tabs that office programs write in some languages."""
    first = text[:10_000].splitlines()[0] if text[:10_000].strip() else ","
    counted = {delimiter: first.count(delimiter) for delimiter in ",;\t"}
    best = max(counted, key=lambda delimiter: counted[delimiter])

    class SheetDialect(csv.excel):
        delimiter = best

    return SheetDialect
