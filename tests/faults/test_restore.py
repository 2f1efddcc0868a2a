"""A backup, made while recordings come in, is an archive again elsewhere: whole, equal, and with every withdrawal."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from archive import schema
from archive.access import sound
from archive.backends import Backends, open_backends
from archive.consent import decisions
from archive.db import Database, open_engine
from archive.models import Base, Recording, Term, TermLabel, Testimony, TranscriptVersion
from archive.originals import archive_identity
from archive.originals.unclaimed import unclaimed
from archive.preservation import backup, backup_place, sidecars
from archive.settings import read_settings
from archive.withdrawal import withdraw
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from media.store.local import LocalStore
from tests.archive.testimonies import GIVEN, a_testimony, a_version
from tests.faults.machine import Machine, taken_in
from tests.faults.test_older_database import TOLD
from web import cli

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]


def _rows(database: Database, but: frozenset[str] = frozenset({"audit_entry"})) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a database holds, apart from the log, which goes on."""
    with database.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table)).all()), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in but
        }


def _copied_rows(stick: Path) -> dict[str, list[tuple[object, ...]]]:
    copy = Database(open_engine(f"sqlite:///{stick / 'archive.db'}"))
    try:
        return _rows(copy)
    finally:
        copy.engine.dispose()


@contextlib.contextmanager
def _ingesting(backends: Backends, paths: list[Path]) -> Iterator[None]:
    """Recordings come in one after another, beside what is done meanwhile."""
    begun, failed = threading.Event(), []

    def work() -> None:
        try:
            for path in paths:
                receipt = submit(backends, path, TOLD)
                begun.set()
                pipeline.run(backends, receipt.recording_id)
        except BaseException as error:
            failed.append(error)
            begun.set()

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(30)
    yield
    thread.join(120)
    assert not failed
    assert not thread.is_alive()


@pytest.mark.parametrize("to_server", [False, pytest.param(True, marks=pytest.mark.postgres)])
def test_a_backup_during_an_ingest_is_whole_elsewhere(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, request: pytest.FixtureRequest, to_server: bool
) -> None:
    first = [taken_in(here, speech(f"{n}.wav", 3.0 + n)) for n in range(2)]
    stick = tmp_path / "stick"
    with _ingesting(here, [speech(f"later-{n}.wav", 5.0 + n) for n in range(4)]):
        assert cli.run(["backup", str(stick)]) == 0
    copied = _copied_rows(stick)
    assert {one for one, _ in first} <= {str(row[0]) for row in copied["recording"]}
    url = request.getfixturevalue("empty_postgres") if to_server else ""
    settings = machine.stands_in("elsewhere", url)
    assert cli.run(["restore", str(stick)]) == 0
    there = open_backends(settings, create=False)
    assert there.database.is_sqlite is not to_server
    assert _rows(there.database) == copied, "the catalogue is equal, row by row"
    with there.database.read() as session:
        assert unclaimed(session, there.store) == {}
        unfinished = session.scalars(select(Recording.id).where(Recording.state.in_(("waiting", "working")))).all()
    for recording_id in unfinished:
        pipeline.run(there, recording_id)
        assert there.store.exists(sound.original_key(recording_id))
    assert cli.run(["check", "--deep"]) == 0
    there.database.engine.dispose()


@pytest.mark.postgres
@pytest.mark.commits
def test_a_server_s_archive_comes_back_on_a_laptop_and_on_a_server(
    bucket: str, here: Backends, machine: Machine, postgres_database: Database, speech: Sound, empty_postgres: str
) -> None:
    served = Backends(here.settings, postgres_database)
    for key in list(here.store.keys("")):
        here.store.delete(key)
    archive_identity.confirm(served)
    with served.database.write() as session:
        session.add_all([Term(id="work", kind="theme"), Term(id="a-part", kind="theme", broader_id="work")])
        session.flush()
        session.add(TermLabel(term_id="work", language="en", text="Work", preferred=True))
        told = a_testimony(session)
        parent = a_version(session, told.id)
        child = a_version(session, told.id, number=2)
        child.parent_id = parent.id
        child_id = child.id
    recording, _ = taken_in(served, speech())
    with _ingesting(served, [speech(f"later-{n}.wav", 7.0 + n) for n in range(2)]):
        backup.write(served, backup_place.to_write(served.settings, f"{bucket}/server"))
    for name, url in (("laptop", ""), ("server", empty_postgres)):
        settings = machine.stands_in(name, url, f"{bucket}/{name}-sound" if url else "")
        assert cli.run(["restore", f"{bucket}/server"]) == 0
        there = open_backends(settings, create=False)
        with there.database.read() as session:
            assert session.get_one(Term, "a-part").broader_id == "work"
            assert session.get_one(TranscriptVersion, child_id).parent_id is not None
            assert there.store.exists(session.get_one(Recording, recording).original_key)
        with there.database.write() as session:  # the server counts on
            session.execute(insert(TermLabel).values(term_id="work", language="en", text="Labour", preferred=False))
        there.database.engine.dispose()


def test_a_file_that_moves_while_it_is_looked_for_is_in_the_backup(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path
) -> None:
    receipt = submit(here, speech(), TOLD)
    moved = []

    def meanwhile(done: int, of: int) -> None:
        if not moved:
            moved.append(receipt.recording_id)
            pipeline.run(here, receipt.recording_id)

    place = backup_place.to_write(here.settings, str(tmp_path / "stick"))
    report = backup.write(here, place, progress=meanwhile)
    assert moved
    assert report.missing == ()
    settings = machine.stands_in("elsewhere")
    assert cli.run(["restore", str(tmp_path / "stick")]) == 0
    there = open_backends(settings, create=False)
    pipeline.run(there, receipt.recording_id)
    assert there.store.exists(sound.original_key(receipt.recording_id))
    there.database.engine.dispose()


def test_what_was_withdrawn_after_the_backup_stays_withdrawn_elsewhere(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [taken_in(here, speech(f"{n}.wav", 3.0 + n)) for n in range(3)]
    assert cli.run(["backup", str(tmp_path / "stick")]) == 0
    withdraw.withdraw(here, told[0][1], "destroy", GIVEN)
    withdraw.withdraw(here, told[1][1], "restrict", GIVEN)
    newest = here.withdrawals.paths[0]
    settings = machine.stands_in("elsewhere")
    capsys.readouterr()
    assert cli.run(["restore", str(tmp_path / "stick"), "--withdrawals", str(newest)]) == 0
    assert "2 testimony(ies) withdrawn since are withdrawn here too" in capsys.readouterr().err
    there = open_backends(settings, create=False)
    with there.database.read() as session:
        assert session.get(Testimony, told[0][1]) is None
        assert session.get_one(Testimony, told[1][1]).withdrawn_at is not None
        assert session.get_one(Testimony, told[2][1]).withdrawn_at is None
    assert not list(there.store.keys(sound.folder(told[0][0])))
    assert list(there.store.keys(sound.folder(told[1][0]))) == [sound.original_key(told[1][0])]
    assert cli.run(["check", "--deep"]) == 0
    there.database.engine.dispose()


def test_nothing_is_restored_over_an_archive(
    here: Backends, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str], machine: Machine
) -> None:
    recording, _ = taken_in(here, speech())
    assert cli.run(["backup", str(tmp_path / "stick")]) == 0
    before = _rows(here.database, frozenset())
    capsys.readouterr()
    assert cli.run(["restore", str(tmp_path / "stick")]) == 2
    said = capsys.readouterr().err
    assert f"mv {here.settings.data} {here.settings.data}.before" in said
    assert "MESSENGER_DATA" in said
    assert _rows(here.database, frozenset()) == before
    machine.stands_in("elsewhere", store_url=f"file://{here.settings.data / 'blobs'}")
    assert cli.run(["restore", str(tmp_path / "stick")]) == 2, "the sound of another lies there"
    assert here.store.exists(sound.original_key(recording))


def test_a_restore_that_was_killed_goes_on(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [taken_in(here, speech(f"{n}.wav", 3.0 + n)) for n in range(2)]
    assert cli.run(["backup", str(tmp_path / "stick")]) == 0
    settings = machine.stands_in("elsewhere")
    put, real = [], LocalStore.put_file

    def killed(store: LocalStore, key: str, path: Path) -> None:
        if len(put) == 3:
            raise KeyboardInterrupt
        put.append(key)
        real(store, key, path)

    with monkeypatch.context() as trapped:
        trapped.setattr(LocalStore, "put_file", killed)
        assert cli.run(["restore", str(tmp_path / "stick")]) == cli.STOPPED
    assert not (settings.data / "archive.db").exists(), "half an archive does not start"
    again: list[str] = []

    def counted(store: LocalStore, key: str, path: Path) -> None:
        again.append(key)
        real(store, key, path)

    with monkeypatch.context() as trapped:
        trapped.setattr(LocalStore, "put_file", counted)
        assert cli.run(["restore", str(tmp_path / "stick")]) == 0
    assert not set(put) & set(again), "what lay there already is not put again"
    there = open_backends(settings, create=False)
    assert all(there.store.exists(sound.original_key(one)) for one, _ in told)
    assert cli.run(["check", "--deep"]) == 0
    assert cli.run(["restore", str(tmp_path / "stick")]) == 2, "it is an archive now"
    there.database.engine.dispose()


def test_a_backup_that_was_broken_off_is_never_taken_for_whole(
    here: Backends,
    machine: Machine,
    speech: Sound,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken_in(here, speech())
    stick = tmp_path / "stick"

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as trapped:
        trapped.setattr(backup, "_copy_one", stopped)
        assert cli.run(["backup", str(stick)]) == cli.STOPPED
    assert "not whole yet; the same command goes on" in capsys.readouterr().err
    elsewhere = machine.stands_in("elsewhere")
    assert cli.run(["restore", str(stick)]) == 2
    assert "broken off before it was whole" in capsys.readouterr().err
    assert not elsewhere.data.exists()
    machine.stands_in("here")
    assert cli.run(["backup", str(stick)]) == 0
    taken_in(here, speech("second.wav", 4.0))
    with monkeypatch.context() as trapped:  # the earlier backup is whole until the new database is put there
        trapped.setattr(backup, "_put_database", stopped)
        assert cli.run(["backup", str(stick)]) == cli.STOPPED
    machine.stands_in("elsewhere")
    assert cli.run(["restore", str(stick)]) == 0
    assert cli.run(["check", "--deep"]) == 0


def test_a_damaged_backup_says_what_is_wrong_with_it(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording, _ = taken_in(here, speech())
    other, _ = taken_in(here, speech("other.wav", 4.0))
    stick = tmp_path / "stick"
    assert cli.run(["backup", str(stick)]) == 0
    manifest = (stick / backup_place.MANIFEST).read_text()
    machine.stands_in("elsewhere")

    def restoring(expected: int) -> str:
        capsys.readouterr()
        assert cli.run(["restore", str(stick)]) == expected
        return capsys.readouterr().err

    newer = json.loads(manifest) | {"revision": "9999"}
    (stick / backup_place.MANIFEST).write_text(json.dumps(newer))
    assert "made by a newer version of the archive; install that version" in restoring(1)
    (stick / backup_place.MANIFEST).write_text(json.dumps(json.loads(manifest) | {"format": 1}))
    assert "another version of the archive" in restoring(2)
    (stick / backup_place.MANIFEST).write_text(manifest[:-30])
    assert "is damaged; restore from another backup" in restoring(2)
    (stick / backup_place.MANIFEST).write_text(json.dumps(json.loads(manifest) | {"archive": "somebody-elses"}))
    assert "another archive than its list says" in restoring(1)
    (stick / backup_place.MANIFEST).write_text(manifest)
    database = (stick / "archive.db").read_bytes()
    (stick / "archive.db").write_bytes(database[:-1] + b"x")
    assert "is not the one that was written there" in restoring(1)
    (stick / "archive.db").write_bytes(database)
    assert "There is no folder" in (cli.run(["restore", str(tmp_path / "away")]) == 2 and capsys.readouterr().err)
    original = stick / "blobs" / sound.original_key(recording)
    original.write_bytes(b"x" * original.stat().st_size)
    said = restoring(1)
    assert f"{sound.original_key(recording)} is damaged or missing in the backup" in said
    there = open_backends(read_settings(), create=False)
    assert there.store.exists(sound.original_key(other)), "the rest is put back all the same"
    there.database.engine.dispose()


def test_an_earlier_version_s_backup_is_brought_up_to_date(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, _ = taken_in(here, speech())
    stick = tmp_path / "stick"
    assert cli.run(["backup", str(stick)]) == 0
    _as_an_earlier_version(stick)
    settings = machine.stands_in("elsewhere")
    assert cli.run(["restore", str(stick)]) == 0
    there = open_backends(settings, create=False)
    with there.database.read() as session:
        assert session.get(Recording, recording) is not None
    assert schema.copies(there.database.file) == []
    there.database.engine.dispose()


def _as_an_earlier_version(stick: Path) -> None:
    """Take the newest migration back in the copy of the database, as the version before would have written it."""
    from alembic import command
    from alembic.config import Config

    engine = open_engine(f"sqlite:///{stick / 'archive.db'}")
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    config.attributes["engine"] = engine
    command.downgrade(config, "-1")
    Database(engine).compact()
    engine.dispose()
    said = json.loads((stick / backup_place.MANIFEST).read_text())
    file = stick / "archive.db"
    said["revision"] = schema.revisions()[-2]
    said["files"]["archive.db"] = [file.stat().st_size, backup._digest_of(file)]
    (stick / backup_place.MANIFEST).write_text(json.dumps(said))


def test_a_decision_that_the_copy_does_not_know_closes(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """She narrows while the sound is copied: what lies beside the original knows it, the database does not."""
    _, told = taken_in(here, speech())
    decided = []

    def narrowed(_done: int, _of: int) -> None:
        if not decided:
            decided.append(told)
            with here.database.write() as session:
                decisions.narrow(session, told, decisions.BAND_ONLY, GIVEN)
            sidecars.follow(here)

    backup.write(here, backup_place.to_write(here.settings, str(tmp_path / "stick")), progress=narrowed)
    machine.stands_in("elsewhere")
    capsys.readouterr()
    assert cli.run(["restore", str(tmp_path / "stick")]) == 0
    assert f"something was decided that this database does not know ({told})" in capsys.readouterr().err
