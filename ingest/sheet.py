"""Sheets: many recordings described in one CSV file, a row each.

Every row is looked at before any is taken. Rows with a mistake are reported with their line and the reason, and good
rows are taken all the same: whoever mends the sheet hands the whole of it in again, and what is there already is
passed over.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from archive.services.cataloguing.catalogue import FIELDS, Description, DescriptionInvalid, describe

COLUMNS = ("file", *FIELDS)


class SheetUnreadable(ValueError):
    """The sheet as a whole cannot be read: not text, not a table, or a column that is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """A good row: the file, found beside the sheet, and its description."""

    line: int
    path: Path
    description: Description


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken, and why."""

    line: int
    reason: str


def read_sheet(sheet: Path) -> tuple[list[Row], list[BadRow]]:
    """Read a sheet; files are looked for in the sheet's own folder.

    Raises:
        SheetUnreadable: nothing of it can be used.
    """
    try:
        text = sheet.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SheetUnreadable("The sheet is not UTF-8 text; save it as “CSV UTF-8”.") from None
    except OSError as error:
        raise SheetUnreadable(f"The sheet cannot be read: {error.strerror}.") from None
    reader = csv.DictReader(text.splitlines(), dialect=_dialect(text), restkey="")
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    if "file" not in columns:
        raise SheetUnreadable("The sheet needs a first line with the names of its columns, one of them “file”.")
    strange = [name for name in columns if name and name not in COLUMNS]
    if strange:
        raise SheetUnreadable(f"The sheet has a column “{strange[0]}”; the columns are {', '.join(COLUMNS)}.")
    good: list[Row] = []
    bad: list[BadRow] = []
    seen: dict[Path, int] = {}
    for raw in reader:
        line = reader.line_num
        try:
            row = _row(sheet.parent, line, raw)
            if row is None:
                continue
            if row.path in seen:
                raise DescriptionInvalid(f"the file stands in line {seen[row.path]} already")
            seen[row.path] = line
            good.append(row)
        except DescriptionInvalid as error:
            bad.append(BadRow(line, str(error)))
    return good, bad


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, or the semicolons and tabs that office programs write in some languages."""
    try:
        return csv.Sniffer().sniff(text.splitlines()[0] if text else ",", delimiters=",;\t")
    except csv.Error:
        return csv.excel


def _row(folder: Path, line: int, raw: dict[str, str | None]) -> Row | None:
    if raw.pop("", None):
        raise DescriptionInvalid("the row has more fields than the sheet has columns")
    if not any((value or "").strip() for value in raw.values()):
        return None
    name = (raw.pop("file") or "").strip()
    if not name:
        raise DescriptionInvalid("no file is named")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DescriptionInvalid("the file lies outside the sheet's folder")
    if not path.is_file():
        raise DescriptionInvalid(f"there is no file “{name}” beside the sheet")
    return Row(line, path, describe(raw))


def template() -> str:
    """An empty sheet: the line with the names of the columns."""
    return ",".join(COLUMNS) + "\n"
