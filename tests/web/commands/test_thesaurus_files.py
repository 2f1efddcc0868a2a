"""`messenger thesaurus`: out and in again changes nothing; a changed file is shown first and taken in with --yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.backends import open_backends
from archive.models import Term
from archive.settings import Settings, read_settings
from web.cli import run


@pytest.fixture
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["init"]) == 0
    return tmp_path


def name_of_debt() -> tuple[str, ...]:
    with open_backends(read_settings()).database.read() as session:
        return session.get_one(Term, "debt").names("en")


def test_what_goes_out_comes_in_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("themes.ttl", "themes.rdf"):
        assert run(["thesaurus", "export", str(here / name)]) == 0
        capsys.readouterr()
        assert run(["thesaurus", "import", str(here / name)]) == 0
        said = capsys.readouterr()
        assert said.out == ""
        assert "0 new, 0 changed" in said.err


def test_a_changed_file_is_shown_first_and_then_taken(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = here / "themes.ttl"
    run(["thesaurus", "export", str(file)])
    file.write_text(file.read_text(encoding="utf-8").replace('"Debt"@en', '"Debts"@en'), encoding="utf-8")
    capsys.readouterr()
    assert run(["thesaurus", "import", str(file)]) == 0
    assert "changed\tdebt" in capsys.readouterr().out
    assert name_of_debt()[0] == "Debt"
    assert run(["thesaurus", "import", str(file), "--yes"]) == 0
    assert name_of_debt()[0] == "Debts"
    run(["init"])
    assert name_of_debt()[0] == "Debts"


def test_what_is_no_thesaurus_is_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = here / "nothing.ttl"
    file.write_text("nothing of the kind", encoding="utf-8")
    assert run(["thesaurus", "import", str(file)]) == 2
    assert capsys.readouterr().err.startswith("messenger: Row 1")
