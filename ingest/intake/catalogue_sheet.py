"""A catalogue that comes back as a file: CSV or XLSX, read apart, as rows for `archive.describing.sheet_changes`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archive.describing import catalogue
from archive.describing.sheet_changes import CatalogueRefused, GivenRow, check_columns
from archive.language.messages import FilledMessage, Message
from ingest.exports.catalogue_files import unguarded
from ingest.intake import table
from media.apart import Overrun, read_apart

_ZIP = b"PK\x03\x04"
_READING_S = 30.0
_MORE = Message("the row has more fields than the sheet has columns")
_LARGE = Message("A sheet has at most {n} MB; hand it in in several.")
_NO_FILE = Message("The sheet cannot be read: {why}.")


def read_file(path: Path) -> list[GivenRow]:
    """The rows of a file. Raises CatalogueRefused."""
    try:
        with path.open("rb") as file:
            data = file.read(table.LARGEST + 1)
    except OSError as error:
        raise CatalogueRefused(_NO_FILE, why=str(error.strerror)) from None
    return read_bytes(data)


def read_bytes(data: bytes) -> list[GivenRow]:
    """As `read_file`, of what was sent."""
    if len(data) > table.LARGEST:
        raise CatalogueRefused(_LARGE, n=str(table.LARGEST // 1024 // 1024))
    reader = "ingest.intake.workbook:plainly" if data.startswith(_ZIP) else "ingest.intake.table:plainly"
    try:
        told = read_apart(reader, data, cpu_s=_READING_S)
    except Overrun as error:
        raise CatalogueRefused(error.sentence) from None
    if "wrong" in told:
        raise CatalogueRefused(FilledMessage.from_json(told["wrong"]))
    columns: list[str] = told["columns"]
    check_columns(columns)
    return [(line, _cells(columns, row)) for line, row in told["rows"] if isinstance(row, dict) or any(row)]


def changed_rows(given: Sequence[GivenRow], lines: set[int]) -> str:
    """Those rows as text that can come back with a form."""
    return json.dumps(
        [[line, cells] for line, cells in given if line in lines and not callable(cells)], ensure_ascii=False
    )


def from_form(text: str) -> list[GivenRow]:
    """What `changed_rows` wrote; anything else is refused as a whole, since a form's fields can be sent by anybody."""
    try:
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise TypeError("no rows")
        found: list[GivenRow] = []
        for line, cells in rows:
            if not isinstance(cells, dict) or not set(cells) <= set(catalogue.COLUMNS):
                raise TypeError("not a row")
            found.append((int(line), {str(name): str(value) for name, value in cells.items()}))
    except (ValueError, TypeError, KeyError):
        raise CatalogueRefused(Message("This form has waited too long")) from None
    return found


def _cells(columns: Sequence[str], row: Any) -> Any:
    if isinstance(row, dict):
        return FilledMessage.from_json(row).said
    if any(value.strip() for value in row[len(columns) :]):
        return _MORE.said
    found = {}
    for name, value in zip(columns, [*row, *[""] * (len(columns) - len(row))], strict=False):
        if name:
            found[name] = unguarded(value)
        elif value.strip():
            return _MORE.said
    return found
