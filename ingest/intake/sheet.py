"""Sheets: many recordings described in one CSV file, a row each.

Every row is looked at before any is taken. Rows with a mistake are reported with their line and the reason, and good
rows are taken all the same: whoever mends the sheet hands the whole of it in again. Of a recording that is there
already it is told what the row says otherwise; where that is wished, the row corrects it (`ingest.intake.corrections`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive.catalogue.descriptions import FIELDS, Description, DescriptionInvalid, describe
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from ingest.intake import table
from media.apart import Overrun, read_apart

COLUMNS = ("file", *FIELDS)
TOO_MANY_FIELDS = Message("The row has more fields than the sheet has columns.")
_LONGEST_PATH = 1000


class SheetUnreadable(ArchiveError, ValueError):
    """The sheet as a whole cannot be read: not text, not a table, or a column that is not known."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A good row: the file, found beside the sheet, its description, and the cells in which something was written."""

    line: int
    path: Path
    description: Description
    given: Mapping[str, str] = field(default_factory=dict)


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
            if isinstance(fields, FilledMessage):
                raise DescriptionInvalid(fields)
            row = _row(sheet.parent, line, columns, fields)
            if row is None:
                continue
            if row.path in seen:
                raise DescriptionInvalid(Message("The file stands in line {n} already."), n=seen[row.path])
            seen[row.path] = line
            good.append(row)
        except DescriptionInvalid as error:
            bad.append(BadRow(line, str(error)))
    return good, bad


def _table(sheet: Path) -> tuple[list[str], list[tuple[int, list[str] | FilledMessage]]]:
    """The names of the columns, and each row's line with its fields or with what is wrong with it."""
    try:
        if not sheet.is_file():
            raise SheetUnreadable(Message("The sheet {name} cannot be read: there is no such file."), name=sheet.name)
        with sheet.open("rb") as file:
            data = file.read(table.LARGEST + 1)
    except OSError as error:
        raise SheetUnreadable(Message("The sheet cannot be read: {why}."), why=error.strerror) from None
    if len(data) > table.LARGEST:
        raise SheetUnreadable(
            Message("A sheet has at most {n} MB; hand it in in several."), n=table.LARGEST // 1024 // 1024
        )
    try:
        told = read_apart("ingest.intake.table:plainly", data)
    except Overrun as error:
        raise SheetUnreadable(error.sentence) from None
    if "wrong" in told:
        raise SheetUnreadable(FilledMessage.from_json(told["wrong"]))
    columns: list[str] = told["columns"]
    if "file" not in columns:
        raise SheetUnreadable(
            Message("The sheet needs a first line with the names of its columns, one of them “file”.")
        )
    strange = [name for name in columns if name and name not in COLUMNS]
    if strange:
        raise SheetUnreadable(
            Message("The sheet has a column “{name}”; the columns are {columns}."),
            name=strange[0],
            columns=", ".join(COLUMNS),
        )
    if len(set(filter(None, columns))) < len([name for name in columns if name]):
        raise SheetUnreadable(Message("The sheet has a column twice."))
    rows = [(line, FilledMessage.from_json(row) if isinstance(row, dict) else row) for line, row in told["rows"]]
    return columns, rows


def _row(folder: Path, line: int, columns: list[str], fields: list[str]) -> SheetRow | None:
    if not any(value.strip() for value in fields):
        return None
    if any(value.strip() for value in fields[len(columns) :]):
        raise DescriptionInvalid(TOO_MANY_FIELDS)
    raw: dict[str, str | None] = {}
    for name, value in zip(columns, fields, strict=False):
        if name:
            raw[name] = value
        elif value.strip():
            raise DescriptionInvalid(TOO_MANY_FIELDS)
    name = (raw.pop("file", "") or "").strip()
    if not name:
        raise DescriptionInvalid(Message("No file is named."))
    if len(name.encode("utf-8", "replace")) > _LONGEST_PATH or any(ord(c) < 32 or c == "\x7f" for c in name):
        raise DescriptionInvalid(Message("The file’s name is longer than a name can be, or holds control characters."))
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise DescriptionInvalid(Message("The file lies outside the sheet’s folder."))
        if not path.is_file():
            raise DescriptionInvalid(Message("There is no file “{name}” beside the sheet."), name=name)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, DescriptionInvalid):
            raise
        raise DescriptionInvalid(Message("The file’s name cannot be one on this machine.")) from None
    given = {column: value.strip() for column, value in raw.items() if value and value.strip()}
    return SheetRow(line, path, describe(raw), given)


def template() -> str:
    """An empty sheet: the line with the names of the columns."""
    return ",".join(COLUMNS) + "\n"
