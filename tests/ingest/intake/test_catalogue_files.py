"""The catalogue as CSV and XLSX: the same bytes for the same rows, Khmer that opens, nothing taken for a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from archive.describing.sheet_changes import CatalogueRefused
from ingest.exports import catalogue_files
from ingest.intake import catalogue_sheet

COLUMNS = ("testimony", "title_km", "title_en", "province", "synopsis_en")
ROWS = [
    {"testimony": "a", "title_km": "បំណុល", "title_en": "=1+1", "province": "08", "synopsis_en": "One,\n“two”"},
    {"testimony": "b", "title_km": "", "title_en": "'=kept", "province": "", "synopsis_en": "-5 riel\n@home"},
    {"testimony": "c", "title_km": "ដី", "title_en": "it's", "province": "12", "synopsis_en": "'tis"},
]


def in_csv(rows: list[dict[str, str]]) -> bytes:
    return "".join(catalogue_files.as_csv(COLUMNS, rows)).encode()


def in_xlsx(rows: list[dict[str, str]], folder: Path) -> bytes:
    catalogue_files.write_xlsx(COLUMNS, rows, folder / "made.xlsx")
    return (folder / "made.xlsx").read_bytes()


def test_either_file_comes_back_as_the_rows_that_went(tmp_path: Path) -> None:
    for data in (in_csv(ROWS), in_xlsx(ROWS, tmp_path)):
        assert [cells for _, cells in catalogue_sheet.read_bytes(data)] == ROWS


def test_either_file_is_the_same_bytes_for_the_same_rows(tmp_path: Path) -> None:
    assert in_csv(ROWS) == in_csv(ROWS)
    assert in_xlsx(ROWS, tmp_path) == in_xlsx(ROWS, tmp_path)


def test_an_office_program_shows_khmer_and_computes_nothing(tmp_path: Path) -> None:
    data = in_csv(ROWS)
    assert data.startswith(b"\xef\xbb\xbf"), "without it Excel shows Khmer as something else"
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read[1][1:4] == ["បំណុល", "'=1+1", "08"]
    assert not [cell for row in read for cell in row if cell[:1] in tuple("=+-@")]
    book = load_workbook(io.BytesIO(in_xlsx(ROWS, tmp_path)))
    cells = [cell for row in book["catalogue"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert book["catalogue"]["B2"].value == "បំណុល"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.text(alphabet="'=+-@\t\rx", max_size=6))
@settings(max_examples=300)
def test_the_guard_is_taken_off_as_it_was_put_on(text: str) -> None:
    guarded = catalogue_files.guarded(text)
    assert catalogue_files.unguarded(guarded) == text
    assert guarded[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_what_an_office_program_made_of_cells_is_understood(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["testimony", "title_en", "recorded_on", "province", "themes"])
    sheet.append(["a", 2013, datetime(2013, 4, 21), 8, None])  # noqa: DTZ001
    sheet.append(["b", 1.5, date(2014, 1, 2), "08", "debt"])
    sheet.append([None, None, None, None, None])
    sheet.append(["c", "=SUM(1,2)", None, None, None])
    book.save(tmp_path / "kept.xlsx")
    rows = dict(catalogue_sheet.read_file(tmp_path / "kept.xlsx"))
    assert rows[2] == {"testimony": "a", "title_en": "2013", "recorded_on": "2013-04-21", "province": "8", "themes": ""}
    assert rows[3] == {
        "testimony": "b",
        "title_en": "1.5",
        "recorded_on": "2014-01-02",
        "province": "08",
        "themes": "debt",
    }
    assert 4 not in rows
    computed = rows[5]
    assert callable(computed)
    assert "B5 is a formula" in computed("en")


def test_semicolons_and_more_fields_than_columns() -> None:
    rows = dict(catalogue_sheet.read_bytes("testimony;title_km\r\na;ដី\r\nb;x;y\r\nc\r\n".encode("utf-8-sig")))
    assert rows[2] == {"testimony": "a", "title_km": "ដី"}
    told = rows[3]
    assert callable(told)
    assert "more fields" in told("en")
    assert rows[4] == {"testimony": "c", "title_km": ""}, "what is missing at the end is empty"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04nonsense", "no Excel workbook"),
        (b"testimony,title_en\r\na,\xff\xfe\xfa\r\n", "not UTF-8"),
        (b"x" * (9 * 1024 * 1024), "at most 8 MB"),
        (b"name,title_en\r\n", "There is no column “name”"),
    ],
)
def test_what_is_no_sheet_is_told(data: bytes, told: str) -> None:
    with pytest.raises(CatalogueRefused, match=told):
        catalogue_sheet.read_bytes(data)


def test_what_comes_with_the_form_is_only_rows() -> None:
    given = catalogue_sheet.read_bytes(in_csv(ROWS))
    sent = catalogue_sheet.changed_rows(given, {2, 5})
    assert catalogue_sheet.from_form(sent) == [row for row in given if row[0] in {2, 5}]
    for broken in ("", "{}", "[[1]]", '[[1, {"consent": "public"}]]', '[["x", {}]]', "[1]"):
        with pytest.raises(CatalogueRefused):
            catalogue_sheet.from_form(broken)
