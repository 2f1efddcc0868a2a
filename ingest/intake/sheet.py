"""Sheets: many recordings described in one CSV file, a row each.

Every row is looked at before any is taken. Rows with a mistake are reported with their line and the reason, and good
rows are taken all the same: whoever mends the sheet hands the whole of it in again, and what is there already is
passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.descriptions import FIELDS, Description, DescriptionInvalid, describe
from ingest.intake import table
from media.apart import Overrun, read_apart

COLUMNS = ("file", *FIELDS)
_LONGEST_PATH = 1000


class SheetUnreadable(ValueError):
    """The sheet as a whole cannot be read: not text, not a table, or a column that is not known."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A good row: the file, found beside the sheet, and its description."""

    line: int
    path: Path
    description: Description


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken, and why."""

    line: int
    reason: str


def read_sheet(sheet: Path) -> tuple[list[SheetRow], list[BadRow]]:
    """Read a sheet; files are looked for in the sheet's own folder.

    Raises:
        SheetUnreadable: nothing of it can be used.
    """
    columns, rows = _table(sheet)
    good: list[SheetRow] = []
    bad: list[BadRow] = []
    seen: dict[Path, int] = {}
    for line, fields in rows:
        try:
            if isinstance(fields, str):
                raise DescriptionInvalid(fields)
            row = _row(sheet.parent, line, columns, fields)
            if row is None:
                continue
            if row.path in seen:
                raise DescriptionInvalid(f"the file stands in line {seen[row.path]} already")
            seen[row.path] = line
            good.append(row)
        except DescriptionInvalid as error:
            bad.append(BadRow(line, str(error)))
    return good, bad


def _table(sheet: Path) -> tuple[list[str], list[tuple[int, list[str] | str]]]:
    """The names of the columns, and each row's line with its fields or with what is wrong with it."""
    try:
        if not sheet.is_file():
            raise SheetUnreadable(f"The sheet {sheet.name} cannot be read: there is no such file.")
        with sheet.open("rb") as file:
            data = file.read(table.LARGEST + 1)
    except OSError as error:
        raise SheetUnreadable(f"The sheet cannot be read: {error.strerror}.") from None
    if len(data) > table.LARGEST:
        raise SheetUnreadable(f"A sheet has at most {table.LARGEST // 1024 // 1024} MB; hand it in in several.")
    try:
        told = read_apart("ingest.intake.table:plainly", data)
    except Overrun as error:
        raise SheetUnreadable(str(error)) from None
    if "wrong" in told:
        raise SheetUnreadable(told["wrong"])
    columns: list[str] = told["columns"]
    if "file" not in columns:
        raise SheetUnreadable("The sheet needs a first line with the names of its columns, one of them “file”.")
    strange = [name for name in columns if name and name not in COLUMNS]
    if strange:
        raise SheetUnreadable(f"The sheet has a column “{strange[0]}”; the columns are {', '.join(COLUMNS)}.")
    if len(set(filter(None, columns))) < len([name for name in columns if name]):
        raise SheetUnreadable("The sheet has a column twice.")
    return columns, [(line, fields) for line, fields in told["rows"]]


def _row(folder: Path, line: int, columns: list[str], fields: list[str]) -> SheetRow | None:
    if not any(value.strip() for value in fields):
        return None
    if any(value.strip() for value in fields[len(columns) :]):
        raise DescriptionInvalid("the row has more fields than the sheet has columns")
    raw: dict[str, str | None] = {}
    for name, value in zip(columns, fields, strict=False):
        if name:
            raw[name] = value
        elif value.strip():
            raise DescriptionInvalid("the row has more fields than the sheet has columns")
    name = (raw.pop("file", "") or "").strip()
    if not name:
        raise DescriptionInvalid("no file is named")
    if len(name.encode("utf-8", "replace")) > _LONGEST_PATH or any(ord(c) < 32 or c == "\x7f" for c in name):
        raise DescriptionInvalid("the file's name is longer than a name can be, or holds control characters")
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise DescriptionInvalid("the file lies outside the sheet's folder")
        if not path.is_file():
            raise DescriptionInvalid(f"there is no file “{name}” beside the sheet")
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, DescriptionInvalid):
            raise
        raise DescriptionInvalid("the file's name cannot be one on this machine") from None
    return SheetRow(line, path, describe(raw))


def template() -> str:
    """An empty sheet: the line with the names of the columns."""
    return ",".join(COLUMNS) + "\n"
