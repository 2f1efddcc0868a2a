"""Drafts that are indexed while people write in them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.access.gate import Viewer
from archive.db import Database
from archive.models import Segment, Testimony, now
from archive.ports import SearchDocument
from archive.retrieval import indexing
from archive.retrieval.delayed_indexing import DelayedIndexer
from archive.search.whoosh_index import WhooshIndex
from tests.archive.search.world import Archive, Told

BAND = Viewer(role="band")


@pytest.fixture
def archive(sqlite_database: Database, tmp_path: Path) -> Archive:
    made = Archive(sqlite_database, WhooshIndex(tmp_path / "index"))
    made.holds(Told("a", [("", "first words")], language="en", stage="corrected"))
    return made


def reworded(archive: Archive, text: str) -> None:
    with archive.database.write() as session:
        session.scalars(select(Segment)).one().text = text


def wait_until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_many_changes_of_a_draft_are_one_commit_and_the_last_is_in_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[str] = []
    real = archive.index.replace
    monkeypatch.setattr(archive.index, "replace", lambda group, found: (commits.append(group), real(group, found)))
    soon = DelayedIndexer(archive.database, archive.index, within_s=1.0)
    for number in range(5):
        reworded(archive, f"patience number{number}")
        soon.ask("a")
    assert archive.found("patience", BAND) == set()
    wait_until(lambda: archive.found("number4", BAND) == {"a"})
    assert commits == ["testimony:a"]
    reworded(archive, "afterwards")
    soon.ask("a")
    wait_until(lambda: archive.found("afterwards", BAND) == {"a"})


def test_an_index_that_fails_once_is_asked_again_with_the_next_change(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = indexing.index_testimony

    def broken(*_: object) -> int:
        monkeypatch.setattr(indexing, "index_testimony", real)
        raise OSError("no room on the disk")

    monkeypatch.setattr(indexing, "index_testimony", broken)
    soon = DelayedIndexer(archive.database, archive.index, within_s=0.0)
    reworded(archive, "patience")
    soon.ask("a")
    wait_until(lambda: "no room on the disk" in caplog.text)
    assert archive.found("patience", BAND) == set()
    soon.ask("a")
    wait_until(lambda: archive.found("patience", BAND) == {"a"})


def test_who_withdraws_while_she_is_indexed_is_not_in_the_index(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her withdrawal and its purge come between the look at the database and the writing of what was seen."""
    real = archive.index.replace

    def late(group: str, found: list[SearchDocument]) -> None:
        with archive.database.write() as session:
            session.get_one(Testimony, "a").withdrawn_at = now()
        archive.index.forget_testimony("a")
        real(group, found)

    reworded(archive, "taken back")
    monkeypatch.setattr(archive.index, "replace", late)
    assert indexing.index_testimony(archive.database, archive.index, "a") == 0
    assert "testimony:a" not in archive.index.digests()
