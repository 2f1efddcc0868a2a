"""`messenger ingest --sheet` over recordings that are here already: what a row has otherwise is told, and corrected."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.backends import Backends
from archive.describing import changes
from archive.models import DescriptionChange, Testimony
from archive.settings import Settings
from tests import factories
from tests.web.test_ingest import sound
from web.cli import run


@pytest.fixture
def known(backends: Backends, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two recordings that lie beside a sheet and were taken in before."""
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    found = []
    for number, name in enumerate(("a.wav", "b.wav")):
        content = sound(1.0 + number).read()
        (tmp_path / name).write_bytes(content)
        with backends.database.write() as session:
            digest = hashlib.sha256(content).hexdigest()
            recording = factories.recording(session, sha256=digest, size=len(content), state="cancelled")
            backends.store.put_bytes(recording.original_key, content)
            found.append(factories.testimony(session, recording_id=recording.id, title_en="The lien").id)
    return found


def sheet(folder: Path, *rows: str) -> str:
    path = folder / "sheet.csv"
    path.write_text("\n".join(("file,title_en,recorded_on,community,narrator_en,consent", *rows)) + "\n")
    return str(path)


def titles(backends: Backends) -> set[str]:
    with backends.database.read() as session:
        return set(session.scalars(select(Testimony.title_en)))


def test_a_row_that_says_otherwise_is_told_and_changes_nothing(
    known: list[str], backends: Backends, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ("a.wav,The line,about 2010,,Mom,public", "b.wav,The lien,,farmer,,")
    assert run(["ingest", "--sheet", sheet(tmp_path, *rows)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "it was here already; the sheet says otherwise, and --correct takes it over" in said[0]
    assert "Title in English “The lien” → “The line”" in said[0]
    assert "Day of recording “” → “about 2010”" in said[0]
    assert "changed on the narrator's page: That name in Latin letters “Chan” → “Mom”" in said[0]
    assert said[1].endswith("(it was here already)")
    assert titles(backends) == {"The lien"}


def test_rows_correct_as_one_act_that_is_put_back_as_one(
    known: list[str], backends: Backends, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ("a.wav,The line,about 2010,,,", "b.wav,Another,,landless,,")
    assert run(["ingest", "--correct", "--json", "--sheet", sheet(tmp_path, *rows)]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [set(one["corrected"]) for one in results] == [{"title_en", "recorded_on"}, {"title_en", "community"}]
    assert results[0]["differs"]["title_en"] == ["The lien", "The line"]
    assert titles(backends) == {"The line", "Another"}
    with backends.database.write() as session:
        (act,) = set(session.scalars(select(DescriptionChange.act_id)))
        changes.undo(session, changes.AT_THE_MACHINE, act)
    assert titles(backends) == {"The lien"}
