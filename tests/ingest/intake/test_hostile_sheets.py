"""Sheets and folders with bad rows and bad files in them: each is told in a sentence, and the good ones are taken."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from ingest.intake.sheet import SheetUnreadable, read_sheet
from ingest.intake.table import LONGEST_FIELD

GOOD = "good.wav,A title"


def read(folder: Path, content: str | bytes) -> tuple[list[str], list[str]]:
    """The good rows' file names, and what is said of the others."""
    (folder / "good.wav").write_bytes(b"x")
    (folder / "last.wav").write_bytes(b"x")
    sheet = folder / "sheet.csv"
    sheet.write_bytes(content.encode() if isinstance(content, str) else content)
    good, bad = read_sheet(sheet)
    return [row.path.name for row in good], [f"{row.line}: {row.reason}" for row in bad]


@pytest.mark.parametrize(
    "row",
    [
        "x" * 300 + ".wav,T",
        "a\0b.wav,T",
        "good.wav," + "x" * 200_000,
        "good.wav," + "x" * 301,
        '"' + "\n" * 100_000 + '",T',
        "../../etc/passwd,T",
        "good.wav,T,more",
        "/dev/zero,T",
        "\u202e\u0301.wav,T",
    ],
)
def test_one_bad_row_ends_nothing(tmp_path: Path, row: str) -> None:
    good, bad = read(tmp_path, f"file,title_en\n{row}\nlast.wav,Last\n")
    assert good == ["last.wav"]
    assert len(bad) >= 1
    assert all(len(reason) < 300 for reason in bad)


def test_a_quotation_mark_that_is_never_closed_costs_its_own_rows_and_no_others(tmp_path: Path) -> None:
    filler = "\n".join(f"none{n}.wav,{'x' * 200}" for n in range(LONGEST_FIELD // 200 + 20))
    good, bad = read(tmp_path, f'file,title_en\n"good.wav,T\n{filler}\nlast.wav,Last\n')
    assert "last.wav" in good
    assert any("never closed" in reason for reason in bad)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\xfa",
        b"\0" * 1000,
        b"," * 1_000_000,
        b'"' * 1_000_001,
        b"file\n" + b"\n" * 4_000_000,
        b"file,file\nx,y\n",
        b"file\n" + b"x\n" * 30_000,
        b"file,title_en\n" + b"x," * 2_000_000,
        random.Random(1).randbytes(100_000),
    ],
)
def test_a_sheet_that_is_none_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(content)
    assert _said_of(sheet)[-1] == "."


def _said_of(sheet: Path) -> str:
    try:
        good, bad = read_sheet(sheet)
    except SheetUnreadable as wrong:
        return str(wrong)
    assert good == []
    return f"{len(bad)} bad rows."


def test_a_sheet_that_is_a_pipe_or_a_folder_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for sheet in (tmp_path / "pipe.csv", tmp_path, tmp_path / "none.csv"):
        with pytest.raises(SheetUnreadable):
            read_sheet(sheet)


def test_khmer_names_keep_their_word_marks(tmp_path: Path) -> None:
    (tmp_path / "ខ្ញុំ\u200bទៅ.wav").write_bytes(b"x")
    assert read(tmp_path, "file,title_km\nខ្ញុំ\u200bទៅ.wav,ខ្ញុំ\n") == (["ខ្ញុំ\u200bទៅ.wav"], [])
