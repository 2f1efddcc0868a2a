"""What may happen to an index: killed writers, torn files, other versions, several processes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from archive import models
from archive.access.gate import PUBLIC
from archive.db import Database
from archive.ports import Allowed, SearchDocument
from archive.retrieval import documents, indexing, searching
from archive.retrieval.search_request import SearchRequest
from archive.search import postgres_index, whoosh_store
from archive.search.index import IndexBusy, Paging
from archive.search.query import parse
from archive.search.whoosh_index import WhooshIndex
from tests.archive.search.test_contract import passage
from tests.archive.search.world import Archive, Told, add

# Every committed testimony is in the database before its index is touched, as in the archive itself.
WRITER = """
import sys
from pathlib import Path
from archive.db import Database, open_engine
from archive.search.whoosh_index import WhooshIndex
from archive.retrieval import indexing
from tests.archive.search.world import Told, add
database = Database(open_engine(sys.argv[1]))
index = WhooshIndex(Path(sys.argv[2]))
for number in range(int(sys.argv[3]), 10_000):
    with database.write() as session:
        add(session, Told(f"k{number}", [("", f"harvest number{number}")], language="en"))
    print(number, flush=True)
    indexing.index_testimony(database, index, f"k{number}")
"""


@pytest.mark.slow
def test_an_index_whose_writer_is_killed_over_and_over_opens_and_catches_up(
    sqlite_database: Database, tmp_path: Path
) -> None:
    chance = random.Random(4)
    folder, commits, kills = tmp_path / "index", 0, 0  # each kill may keep one testimony from the index, no more
    while commits < 50:
        url = sqlite_database.engine.url.render_as_string()
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(folder), str(commits)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(chance.randint(10, 16)):
            assert writer.stdout.readline()
        time.sleep(chance.random() * 0.08)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        kills += 1
        with sqlite_database.read() as session:
            commits = session.scalar(select(func.count()).select_from(models.Testimony)) or 0
        opened = WhooshIndex(folder)
        assert not opened.stale
        with sqlite_database.read() as session:
            assert searching.search(session, opened, PUBLIC, SearchRequest("harvest")).total >= commits - kills, (
                "a commit was lost"
            )
        opened.close()
    started = WhooshIndex(folder)
    indexing.ensure(sqlite_database, started)
    fresh = WhooshIndex(tmp_path / "fresh")
    indexing.reindex(sqlite_database, fresh)
    with sqlite_database.read() as session:
        assert started.digests() == fresh.digests()
        for query in ("harvest", "number7", "numb*", ""):
            again = searching.search(session, started, PUBLIC, SearchRequest(query), limit=100)
            assert again == searching.search(session, fresh, PUBLIC, SearchRequest(query), limit=100)
            assert again.total > 0
    started.rebuild([])
    left = [path.name for path in folder.iterdir() if path.name.startswith("build-")]
    assert len(left) == 1, "what killed builds left is cleared away"


def held(database: Database, index: WhooshIndex, count: int = 3) -> None:
    with database.write() as session:
        for i in range(count):
            add(session, Told(f"t{i}", [("", f"steadfast word{i}")], language="en"))
    indexing.reindex(database, index)


def total(database: Database, index: WhooshIndex, query: str = "steadfast") -> int:
    with database.read() as session:
        return searching.search(session, index, PUBLIC, SearchRequest(query)).total


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves torn files open
def test_a_torn_index_is_made_anew(sqlite_database: Database, tmp_path: Path) -> None:
    chance = random.Random(1)
    for suffix in ("*.seg", "*.toc"):
        index = WhooshIndex(tmp_path / "index")
        if index.stale:
            indexing.ensure(sqlite_database, index) if total(sqlite_database, index) else held(sqlite_database, index)
        index.close()
        (torn,) = (tmp_path / "index").glob(f"build-*/{suffix}")
        torn.write_bytes(torn.read_bytes()[: chance.randrange(1, torn.stat().st_size // 2)])
        again = WhooshIndex(tmp_path / "index")
        assert again.stale
        assert total(sqlite_database, again) == 0, "it answers with nothing until it is whole"
        assert indexing.ensure(sqlite_database, again)
        assert not again.stale
        assert total(sqlite_database, again) == 3
        again.close()


def test_an_index_of_another_version_answers_until_the_new_one_is_whole(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = WhooshIndex(tmp_path / "index")
    held(sqlite_database, index)
    monkeypatch.setattr(whoosh_store, "version", lambda: "another lexicon")
    assert index.stale
    assert total(sqlite_database, index) == 3
    counted: list[int] = []
    real = index.rebuild

    def watched(documents: object) -> None:
        def watch() -> object:
            for document in documents:  # type: ignore[attr-defined]
                counted.append(total(sqlite_database, index))
                yield document

        real(watch())  # type: ignore[arg-type]

    monkeypatch.setattr(index, "rebuild", watched)
    indexing.ensure(sqlite_database, index)
    assert set(counted) == {3}
    assert not index.stale
    assert total(sqlite_database, index) == 3


def test_what_changed_while_nobody_looked_is_put_right(sqlite_database: Database, tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    held(sqlite_database, index)
    with sqlite_database.write() as session:
        add(session, Told("late", [("", "steadfast latecomer")], language="en"))
        session.execute(update(models.Testimony).where(models.Testimony.id == "t0").values(title_en="New"))
    index.replace("testimony:gone", [passage("x", "ghost", of="gone")])
    assert indexing.reconcile(sqlite_database, index) == 3
    assert indexing.reconcile(sqlite_database, index) == 0
    assert total(sqlite_database, index) == 4
    assert total(sqlite_database, index, "new") == 1
    assert "testimony:gone" not in index.digests()


def test_a_second_writer_waits_and_then_says_so(tmp_path: Path) -> None:
    patient, hasty = WhooshIndex(tmp_path), WhooshIndex(tmp_path, write_wait_s=0.05)
    patient.replace("testimony:t1", [passage("a", "one")])
    with patient.builds.writing(0), pytest.raises(IndexBusy):
        hasty.replace("testimony:t1", [passage("b", "two")])
    hasty.replace("testimony:t1", [passage("b", "two")])
    assert hasty.search(parse("two"), Allowed({"redacted_transcript": frozenset({"t1"})}, frozenset())).total == 1


def test_what_is_approved_while_the_index_is_made_anew_is_not_lost(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive.index, "_write_wait_s", 0.05, raising=False)
    monkeypatch.setattr(postgres_index, "WRITE_WAIT_MS", 50)
    archive.holds(
        Told("a", [("", "patience")], language="en", stage="reviewed"),
        Told("b", [("", "steadfast")], language="en"),
    )
    every = documents.all_documents

    def interrupted(session: Session) -> Iterator[SearchDocument]:
        monkeypatch.setattr(documents, "all_documents", every)
        yield from every(session)
        with archive.database.write() as writing:
            writing.scalars(select(models.TranscriptVersion).filter_by(stage="reviewed")).one().stage = "approved"
        indexing.index_testimony(archive.database, archive.index, "a")
        assert archive.found("patience") == set(), "the index is busy, and the old one answers"
        assert archive.found("steadfast") == {"b"}

    monkeypatch.setattr(documents, "all_documents", interrupted)
    indexing.reindex(archive.database, archive.index)
    assert archive.found("patience") == {"a"}
    assert archive.found("steadfast") == {"b"}


def test_readers_answer_whole_states_while_another_thread_writes(tmp_path: Path) -> None:
    index, other = WhooshIndex(tmp_path), WhooshIndex(tmp_path)
    allowed = Allowed({"redacted_transcript": frozenset({"t1"})}, frozenset())
    index.replace("testimony:t1", [passage(str(n), "rice") for n in range(5)])
    totals: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            totals.append(other.search(parse("rice"), allowed, Paging()).total)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for size in (6, 4, 9, 5, 7, 3, 8):
        index.replace("testimony:t1", [passage(str(n), "rice") for n in range(size)])
    done.set()
    for reader in readers:
        reader.join()
    assert set(totals) <= {3, 4, 5, 6, 7, 8, 9}
    assert other.search(parse("rice"), allowed).total == 8


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    index.replace("testimony:t1", [passage("a", "one")])
    folders = [tmp_path / "index", *(p for p in (tmp_path / "index").iterdir() if p.is_dir())]
    assert [oct(folder.stat().st_mode & 0o777) for folder in folders] == ["0o700"] * len(folders)
