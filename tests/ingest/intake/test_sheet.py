"""Sheets: good rows taken, every bad one named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.catalogue.descriptions import FIELDS
from ingest.intake.sheet import SheetUnreadable, read_sheet, template
from tests.conftest import ROOT


def _sheet(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    (folder / "a.wav").write_bytes(b"sound")
    (folder / "b.wav").write_bytes(b"sound")
    sheet = folder / "sheet.csv"
    sheet.write_bytes(text.encode(encoding))
    return sheet


def test_good_rows_and_bad_rows_are_told_apart_by_line(tmp_path: Path) -> None:
    sheet = _sheet(
        tmp_path,
        "file,title_km,community,consent\n"
        "a.wav,ជួរដេរ,garment-worker,public\n"
        "missing.wav,x,farmer,\n"
        "\n"
        "b.wav,x,bankers,\n"
        "../outside.wav,x,farmer,\n"
        "a.wav,again,farmer,\n",
    )
    good, bad = read_sheet(sheet)
    assert [(row.line, row.path.name, row.description.title_km) for row in good] == [(2, "a.wav", "ជួរដេរ")]
    assert [row.line for row in bad] == [3, 5, 6, 7]
    reasons = [row.reason for row in bad]
    assert "no file “missing.wav”" in reasons[0]
    assert "bankers" in reasons[1]
    assert "outside the sheet’s folder" in reasons[2]
    assert "line 2 already" in reasons[3]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_what_office_programs_write_is_read(tmp_path: Path, separator: str) -> None:
    rows = "\ufeff" + separator.join(("file", "title_en")) + "\r\n" + separator.join(("a.wav", "A")) + "\r\n"
    good, bad = read_sheet(_sheet(tmp_path, rows))
    assert [row.description.title_en for row in good] == ["A"]
    assert bad == []


@pytest.mark.parametrize(
    ("text", "encoding", "complaint"),
    [
        ("file,colour\na.wav,red\n", "utf-8", "column “colour”"),
        ("title_en\nA\n", "utf-8", "column.*“file”|“file”"),
        ("", "utf-8", "“file”"),
        ("file\n\xe9.wav\n", "latin-1", "UTF-8"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused_whole(tmp_path: Path, text: str, encoding: str, complaint: str) -> None:
    with pytest.raises(SheetUnreadable, match=complaint):
        read_sheet(_sheet(tmp_path, text, encoding))


def test_the_template_is_an_empty_sheet_and_the_handbook_explains_every_column(tmp_path: Path) -> None:
    assert read_sheet(_sheet(tmp_path, template())) == ([], [])
    handbook = (ROOT / "docs" / "ingest.md").read_text(encoding="utf-8")
    assert all(f"`{column}`" in handbook for column in ("file", *FIELDS))
