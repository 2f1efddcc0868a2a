"""`messenger transcript`: in, out, and who may have what."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.consent import releases
from tests.web.filling import Filling
from web.cli import run

SAID = "the-day-the-line-fell"


@pytest.fixture
def told(filled: Filling, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MESSENGER_DATA", str(filled.backends.settings.data))
    return filled.testimonies[SAID]


def test_words_go_out_come_in_and_are_written_down(
    filled: Filling, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "told.vtt"
    assert run(["transcript", "export", told, "--to", "vtt", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("WEBVTT")
    assert run(["transcript", "import", told, str(out)]) == 0
    assert "to be reviewed" in capsys.readouterr().out
    with filled.backends.database.read() as session:
        assert [(one.kind, one.audience) for one in releases.releases_of(session, told)] == [("export", "band")]


def test_a_bad_file_and_an_unknown_testimony_are_one_sentence(
    told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "told.srt"
    bad.write_text("nothing of the sort", encoding="utf-8")
    assert run(["transcript", "import", told, str(bad)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run(["transcript", "export", "nobodyknowsit0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
