"""The catalogue as a file to be taken along and brought back: CSV for anything, XLSX for office programs.

Both are the same bytes for the same rows: a file that was only opened and closed brings nothing new. CSV begins with a
byte order mark, without which Excel shows Khmer as something else. A text that an office program would take for a
formula gets a ' before it, in either file, and loses it when it comes back.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

BOM = "\ufeff"
FORMULA = "=+-@\t\r"
_MARK = "'"
_DAY = (1980, 1, 1, 0, 0, 0)
_WHEN = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDE = {"synopsis_km": 60, "synopsis_en": 60, "title_km": 40, "title_en": 40, "setting": 40, "themes": 40}


def guarded(text: str) -> str:
    """A cell's text that no office program takes for a formula; one that has the mark already gets another."""
    return f"{_MARK}{text}" if text.lstrip(_MARK)[:1] in tuple(FORMULA) else text


def unguarded(text: str) -> str:
    """What `guarded` was made of."""
    return text[1:] if text.startswith(_MARK) and text.lstrip(_MARK)[:1] in tuple(FORMULA) else text


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The file, a line at a time: UTF-8 with a byte order mark, commas, lines ended as Excel ends them."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    line.write(BOM)
    writer.writerow(columns)
    for row in rows:
        yield _taken(line)
        writer.writerow([guarded(row[name]) for name in columns])
    yield _taken(line)


def write_xlsx(columns: Sequence[str], rows: Iterable[Mapping[str, str]], path: Path) -> None:
    """Write a workbook of one sheet; every cell is text, so that no code loses its nought and no day turns round."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("catalogue")
    sheet.freeze_panes = "B2"
    for number, name in enumerate(columns):
        sheet.column_dimensions[_letter(number)].width = _WIDE.get(name, 16)
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_cell(sheet, row[name]) for name in columns])
    with TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / "made.xlsx"
        book.save(made)
        _without_its_hour(made, path)


def _cell(sheet: object, text: str) -> WriteOnlyCell | None:
    if not text:
        return None
    cell = WriteOnlyCell(sheet)
    cell.value = _ILLEGAL.sub("", guarded(text))
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _letter(number: int) -> str:
    return chr(ord("A") + number)


def _without_its_hour(made: Path, path: Path) -> None:
    """The same workbook with the hour it was made at taken out, so that the same rows are the same bytes."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.infolist():
            kept = zipfile.ZipInfo(one.filename, _DAY)
            kept.compress_type = zipfile.ZIP_DEFLATED
            if one.filename == "docProps/core.xml":
                target.writestr(kept, _WHEN.sub(rb"\g<1>1980-01-01T00:00:00Z", source.read(one)))
                continue
            with source.open(one) as read, target.open(kept, "w") as written:
                shutil.copyfileobj(read, written)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text
