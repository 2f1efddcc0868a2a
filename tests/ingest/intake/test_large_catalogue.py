"""A catalogue of two thousand testimonies goes out and comes back in bounded time and memory, byte for byte."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.backends import Backends
from archive.catalogue.thesaurus import load_thesaurus
from archive.days import Day
from archive.db import Database
from archive.describing import catalogue, sheet_changes
from archive.models import Narrator, Recording, Tagging, Term, Testimony, new_id
from archive.settings import Settings
from ingest.exports import catalogue_files
from ingest.intake import catalogue_sheet

STEWARD = Viewer(role="steward")
MANY, CORRECTED = 2000, 200
MB = 1024 * 1024
KHMER = "ថ្ងៃនោះ ខ្សែផលិតកម្មបានដួល ហើយយើងរត់ចេញទាំងអស់គ្នា។ "


def _fill(session: Session) -> None:
    load_thesaurus(session)
    themes = list(session.scalars(select(Term.id).where(Term.kind == "theme").order_by(Term.id).limit(9)))
    women = [{"id": new_id(), "pseudonym_km": f"ចាន់{n}", "community": "farmer", "province": "08"} for n in range(700)]
    sounds = [{"id": new_id(), "sha256": f"{n:064x}", "size": 1, "state": "ready"} for n in range(MANY)]
    told = [
        {
            "id": new_id(),
            "recording_id": sounds[n]["id"],
            "narrator_id": women[n % 700]["id"],
            "title_km": f"រឿងទី {n}",
            "title_en": f"=Told {n}" if n % 50 == 0 else f"Told {n}",
            "synopsis_km": KHMER * (n % 20),
            "synopsis_en": "The line fell,\nand we ran.\n" * (n % 15),
            "language": "km",
            "recorded_on": Day.of(("2013", "2013-04", "2010~", "2014-05-06", "2011/2013")[n % 5]),
        }
        for n in range(MANY)
    ]
    tags = [
        {"testimony_id": one["id"], "term_id": themes[n % 9], "origin": "human", "state": "confirmed"}
        for n, one in enumerate(told)
    ]
    for model, rows in ((Narrator, women), (Recording, sounds), (Testimony, told), (Tagging, tags)):
        session.execute(insert(model), rows)


def _written(backends: Backends, path: Path) -> bytes:
    with backends.database.read() as session:
        rows = catalogue.rows(session, STEWARD, catalogue.testimonies_for(session, STEWARD))
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(catalogue_files.as_csv(catalogue.COLUMNS, rows))
        else:
            catalogue_files.write_xlsx(catalogue.COLUMNS, rows, path)
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_two_thousand_go_out_and_come_back(
    settings: Settings, sqlite_database: Database, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backends = Backends(settings, sqlite_database)
    with backends.database.write() as session:
        _fill(session)
    began = time.process_time()
    first = _written(backends, tmp_path / f"one.{form}")
    out = time.process_time() - began
    tracemalloc.start()
    assert _written(backends, tmp_path / f"two.{form}") == first
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    began = time.process_time()
    given = catalogue_sheet.read_bytes(first)
    assert len(given) == MANY
    plan = sheet_changes.look(backends, STEWARD, given)
    back = time.process_time() - began
    assert (plan.rows, plan.bad, plan.same) == ((), (), MANY)
    assert _written(backends, tmp_path / f"three.{form}") == first
    edited = [
        (line, cells if callable(cells) or n < MANY - CORRECTED else {**cells, "setting": "at the gate"})
        for n, (line, cells) in enumerate(given)
    ]
    began = time.process_time()
    done = sheet_changes.apply(backends, STEWARD, edited)
    applied = time.process_time() - began
    assert (len(done.rows), done.bad, done.same) == (CORRECTED, (), MANY - CORRECTED)
    began = time.process_time()
    sheet_changes.undo(backends, STEWARD, done.act_id)
    undone = time.process_time() - began
    with capsys.disabled():
        print(
            f"\n{form}: {len(first) / MB:.1f} MB, out {out:.1f} s and {most / MB:.0f} MB, looked at {back:.1f} s, "
            f"{len(done.rows)} changed {applied:.1f} s, undone {undone:.1f} s"
        )
    assert most < 24 * MB
    assert max(out, back) < 30
