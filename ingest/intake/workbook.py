"""An XLSX workbook from outside as rows of text. Run apart (`media.apart`): it knows nothing of the catalogue."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date, datetime
from typing import Any

from archive.language.messages import FilledMessage, Message
from ingest.intake.table import LONGEST_FIELD, MOST_COLUMNS, MOST_ROWS

_NOT_ONE = Message("The file is no Excel workbook (.xlsx); save it as one, or as “CSV UTF-8”.")
_COMPUTED = Message("the cell {cell} is a formula; put what it shows in its place")
_LONG = Message("the cell {cell} has over {n} characters")


def plainly(data: bytes) -> dict[str, Any]:
    """As `ingest.intake.table.plainly`, of the first sheet; days are `YYYY-MM-DD`, numbers as they are counted.

    A cell that is computed makes its row one that is told of: what it shows depends on who opens it.
    """
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it, and there is no room for it here
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError):
        return _wrong(_NOT_ONE)
    columns: list[str] | None = None
    rows: list[list[Any]] = []
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), 1):
        row = _row(cells)
        if columns is None:
            if isinstance(row, dict) or len(row) > MOST_COLUMNS:
                return _wrong(Message("The first line of the sheet is not the names of its columns."))
            columns = [name.strip()[:100] for name in row]
        elif isinstance(row, dict) or any(row):
            if len(rows) >= MOST_ROWS:
                return _wrong(Message("A sheet has at most {n} rows; hand it in in several."), n=MOST_ROWS)
            rows.append([line, row])
    return {"columns": columns or [], "rows": rows}


def _wrong(message: Message, **values: int) -> dict[str, Any]:
    return {"wrong": FilledMessage(message, values).as_json()}


def _row(cells: Any) -> list[str] | dict[str, Any]:
    found: list[str] = []
    for cell in cells:
        value = cell.value
        if value is not None and cell.data_type == "f":
            return FilledMessage(_COMPUTED, {"cell": cell.coordinate}).as_json()
        text = _text(value)
        if len(text) > LONGEST_FIELD:
            return FilledMessage(_LONG, {"cell": cell.coordinate, "n": LONGEST_FIELD}).as_json()
        found.append(text)
    while found and not found[-1]:
        found.pop()
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
