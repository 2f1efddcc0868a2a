"""A withdrawal holds from the next request on, in every process, whatever is full, locked, read-only or unplugged.

The faults are real where that is possible: a database that another connection holds, a folder whose stick is gone, a
process that is killed between two steps.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from archive import db, tombstones
from archive.access import gate
from archive.access.gate import PUBLIC, Viewer
from archive.backends import Backends, open_backends
from archive.consent import decisions, sealing, vault
from archive.consent.decisions import ConsentGiven
from archive.models import ConsentEvent, Recording, Testimony, Tombstone
from archive.models.consent import FORMS
from archive.settings import Settings
from archive.withdrawal import carrying_out, purge, withdraw
from tests.archive.testimonies import GIVEN, a_song, a_testimony, a_version
from web.app import create_app
from web.serving import make_ready

STEWARD = Viewer("s", "steward")
VIEWERS = (PUBLIC, Viewer("b", "band", frozenset({"MB"})), STEWARD)
SIGNED = ConsentGiven("signed", None, {"blob": "evidence/x"})


@pytest.fixture
def opened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backends]:
    monkeypatch.setattr(db, "BUSY_MS", 50)
    backends = open_backends(settings)
    yield backends
    backends.database.engine.dispose()


@pytest.fixture
def told(opened: Backends) -> str:
    with opened.database.write() as session:
        testimony = a_testimony(session)
        testimony.recording.listening_key = f"recordings/{testimony.recording_id}/listening.m4a"
        version = a_version(session, testimony.id, text="ខ្ញុំជំពាក់ប្រាក់")
        decisions.grant(session, testimony.id, decisions.PRESETS["public"], GIVEN)
        a_song(session, version)
        recording_id, testimony_id = testimony.recording_id, testimony.id
    for name in ("original", "listening.m4a"):
        opened.store.put_bytes(f"recordings/{recording_id}/{name}", b"her voice")
    carrying_out.at_start(opened)
    assert _served(opened, testimony_id)
    return testimony_id


def _served(backends: Backends, testimony_id: str) -> list[str]:
    """Every way in which something of it can still be had; empty when it is withdrawn."""
    found = []
    with backends.database.read() as session:
        for viewer in VIEWERS:
            found += [f"{viewer.role} {form}" for form in FORMS if gate.may(session, viewer, testimony_id, form)]
            allowed = gate.allowed(session, viewer)
            found += [f"{viewer.role} finds {form}" for form, ids in allowed.forms.items() if testimony_id in ids]
            for form in FORMS:
                ids = session.scalars(gate.permitted(viewer, form))
                found += [f"{viewer.role} lists {form}"] if testimony_id in ids else []
        found += ["a song"] if list(session.scalars(gate.visible_songs(PUBLIC))) else []
        recording_id = session.scalar(select(Testimony.recording_id).where(Testimony.id == testimony_id))
    client = create_app(backends).test_client()
    for address in (f"/testimony/{testimony_id}", f"/media/{recording_id}"):
        found += [address] if client.get(address).status_code != 404 else []
    return found


@contextmanager
def _locked(backends: Backends) -> Iterator[None]:
    with closing(sqlite3.connect(str(backends.database.engine.url.database), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def _another(backends: Backends) -> Backends:
    """A second process's view of the same archive."""
    return Backends(backends.settings, db.Database(db.open_engine(backends.settings.database_url)))


@pytest.mark.parametrize("mode", ["restrict", "destroy"])
def test_with_a_locked_database_it_holds_by_its_file(opened: Backends, told: str, mode: str) -> None:
    other = _another(opened)
    assert _served(other, told)
    with _locked(opened):
        report = withdraw.withdraw(opened, told, mode, SIGNED)
        assert report.undone == ("database",)
        for one in (opened, other, _another(opened)):
            assert _served(one, told) == []
        carrying_out.carry_out(opened)
        assert [one.steps["database"] for one in carrying_out.undone(opened)] == ["waiting"]
    assert _served(other, told) == []
    assert carrying_out.carry_out(opened)
    assert carrying_out.undone(opened) == []
    with opened.database.read() as session:
        event = session.scalars(select(ConsentEvent).order_by(ConsentEvent.seq.desc()).limit(1)).one()
        assert (event.kind, event.method) == ("withdraw", "signed")
        assert event.evidence == {"blob": "evidence/x", "replayed": True}
        assert session.get_one(Tombstone, told).purged_at is not None


def test_with_a_file_that_cannot_be_written_it_holds_by_the_database(
    opened: Backends, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(tombstones, "_put", _no_room)
        report = withdraw.withdraw(opened, told, "restrict", SIGNED)
        assert report.undone == ("file",)
        assert _served(opened, told) == _served(_another(opened), told) == []
        carrying_out.carry_out(opened)
        assert [set(one.steps) for one in carrying_out.undone(opened)] == [{"file"}]
    assert carrying_out.carry_out(opened)
    assert [one.testimony_id for one in tombstones.read(opened.settings.withdrawals).said] == [told]


def _no_room(_handle: int, _data: bytes, _at: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_where_nothing_can_be_written_nothing_is_done_and_a_sentence_says_so(
    opened: Backends, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _served(opened, told)
    with monkeypatch.context() as full, _locked(opened):
        full.setattr(tombstones, "_put", _no_room)
        with pytest.raises(withdraw.NothingDone, match=r"Nothing was done .*No space left.*withdraw it again"):
            withdraw.withdraw(opened, told, "destroy", SIGNED)
    assert _served(opened, told) == before
    assert carrying_out.undone(opened) == []


def test_an_index_that_cannot_be_written_keeps_nothing_open(
    opened: Backends, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_testimony_id: str) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    withdraw.withdraw(opened, told, "destroy", SIGNED)
    with monkeypatch.context() as fault:
        fault.setattr(opened.index, "forget_testimony", broken)
        assert not carrying_out.carry_out(opened)
        assert _served(opened, told) == []
        (left,) = carrying_out.undone(opened)
        assert left.steps["index"] == "read-only"
        assert not list(opened.store.keys("recordings/")), "the sound does not wait for the index"
    assert carrying_out.carry_out(opened)
    assert carrying_out.undone(opened) == []


class Killed(BaseException):
    """The process is gone."""


STEPS: tuple[tuple[str, Callable[[pytest.MonkeyPatch], None]], ...] = (
    ("before the file", lambda m: m.setattr(tombstones, "write", _die)),
    ("after the file", lambda m: m.setattr(withdraw, "_close", _die)),
    ("after the database", lambda m: m.setattr(carrying_out, "_tell_the_store", _die)),
    *(
        (f"in the purge, before {name}", lambda m, at=number: m.setattr(purge, "STEPS", _until(at)))
        for number, (name, _) in enumerate(purge.STEPS)
    ),
    ("before the database is compacted", lambda m: m.setattr(purge, "_compact", _die)),
)


def _die(*_: object, **__: object) -> None:
    raise Killed


def _until(number: int) -> tuple[tuple[str, Callable[..., int]], ...]:
    return (*purge.STEPS[:number], ("killed", _die))  # type: ignore[return-value, arg-type]


@pytest.mark.parametrize(("_name", "fault"), STEPS, ids=[name for name, _ in STEPS])
@pytest.mark.parametrize("mode", ["restrict", "destroy"])
def test_killed_between_any_two_steps_it_is_carried_out_at_the_next_start(
    opened: Backends, told: str, monkeypatch: pytest.MonkeyPatch, mode: str, _name: str, fault: Callable[..., None]
) -> None:
    with monkeypatch.context() as patched:
        fault(patched)
        with pytest.raises(Killed):
            _withdraw_and_carry_out(opened, told, mode)
    if _name != "before the file":
        assert _served(opened, told) == _served(_another(opened), told) == []
    else:
        assert _served(opened, told), "nobody was told that it holds"
        withdraw.withdraw(opened, told, mode, SIGNED)
    again = _another(opened)
    carrying_out.at_start(again)
    assert _served(again, told) == []
    assert carrying_out.undone(again) == []
    kept = ["original"] if mode == "restrict" else []
    assert [key.rsplit("/", 1)[1] for key in again.store.keys("recordings/")] == kept
    assert list(again.store.keys(purge.WITHDRAWALS)) == [f"{purge.WITHDRAWALS}{told}.json"]


def _withdraw_and_carry_out(backends: Backends, testimony_id: str, mode: str) -> None:
    withdraw.withdraw(backends, testimony_id, mode, SIGNED)
    carrying_out.carry_out(backends)


def test_a_missing_file_is_an_alarm_and_is_rebuilt_from_database_and_store(opened: Backends, told: str) -> None:
    withdraw.withdraw(opened, told, "restrict", SIGNED)
    carrying_out.carry_out(opened)
    opened.settings.withdrawals.unlink()
    again = _another(opened)
    carrying_out.at_start(again)
    with again.database.read() as session:
        alarm = carrying_out.rebuilt(session)
        assert alarm is not None
        assert (alarm.database, alarm.store) == (1, 1)
    assert [one.testimony_id for one in tombstones.read(opened.settings.withdrawals).said] == [told]
    with again.database.write() as session:
        carrying_out.looked(session, "s")
    with again.database.read() as session:
        assert carrying_out.rebuilt(session) is None


def test_a_first_start_is_no_alarm_and_a_file_gone_before_any_withdrawal_is(opened: Backends, told: str) -> None:
    with opened.database.read() as session:
        assert carrying_out.rebuilt(session) is None
    opened.settings.withdrawals.unlink()
    again = _another(opened)
    carrying_out.at_start(again)
    with again.database.read() as session:
        assert carrying_out.rebuilt(session) is not None


def test_a_store_alone_that_knows_closes_it_at_the_next_start(opened: Backends, told: str, tmp_path: Path) -> None:
    """A database restored from before on another machine, beside the object store that both machines share."""
    backup = tmp_path / "before.db"
    opened.database.compact()
    shutil.copy(str(opened.database.engine.url.database), backup)
    withdraw.withdraw(opened, told, "restrict", SIGNED)
    carrying_out.carry_out(opened)
    opened.database.engine.dispose()
    opened.settings.withdrawals.unlink()
    for suffix in ("-wal", "-shm"):
        Path(f"{opened.database.engine.url.database}{suffix}").unlink(missing_ok=True)
    shutil.copy(backup, str(opened.database.engine.url.database))
    again = _another(opened)
    assert _served(again, told)
    make_ready(again)
    assert _served(again, told) == []


def _sealed(backends: Backends, testimony_id: str) -> Path:
    """Seal it; returns the folder that stands for the stick."""
    settings = backends.settings
    vault.make_key(settings)
    with backends.database.write() as session:
        recording = session.get_one(Testimony, testimony_id).recording
        recording.state, recording.original_key = "ready", f"recordings/{recording.id}/original"
        with backends.store.local_path(recording.original_key) as path:
            recording.sha256 = sealing.digest_of(path)
    sealing.seal(backends, testimony_id, STEWARD)
    return settings.vault_key.parent


def _keys_on(stick: Path) -> list[str]:
    return sorted(path.name for path in (stick / "sound").iterdir())


@pytest.mark.parametrize("withdrawn_first", [True, False], ids=["pulled out afterwards", "pulled out before"])
def test_a_key_on_a_stick_is_destroyed_when_the_stick_comes_back(
    opened: Backends, told: str, withdrawn_first: bool
) -> None:
    stick = _sealed(opened, told)
    assert len(_keys_on(stick)) == 1
    away = stick.with_name("away")
    if withdrawn_first:
        withdraw.withdraw(opened, told, "destroy", SIGNED)
    stick.rename(away)
    if not withdrawn_first:
        withdraw.withdraw(opened, told, "destroy", SIGNED)
    assert _served(opened, told) == []
    carrying_out.carry_out(opened)
    assert not stick.exists(), "nothing is written where the stick would be"
    assert not list(opened.store.keys("recordings/"))
    assert [one.steps for one in carrying_out.undone(opened)] == [{"keys": "away"}]
    assert len(_keys_on(away)) == 1
    away.rename(stick)
    assert carrying_out.carry_out(_another(opened))
    assert _keys_on(stick) == []
    assert carrying_out.undone(opened) == []


def test_a_copy_of_a_key_on_another_stick_is_destroyed_as_well(opened: Backends, told: str) -> None:
    stick = _sealed(opened, told)
    copy = stick.with_name("copy")
    shutil.copytree(stick, copy)
    withdraw.withdraw(opened, told, "destroy", SIGNED)
    assert carrying_out.carry_out(opened)
    assert _keys_on(stick) == []
    stick.rename(stick.with_name("first"))
    copy.rename(stick)
    carrying_out.carry_out(opened)
    assert _keys_on(stick) == []


def test_the_file_beside_the_vault_s_key_counts_as_well(opened: Backends, told: str) -> None:
    """As on an older archive, whose only file lies on the stick: what it says holds while the stick is in and after."""
    beside = opened.settings.vault_key.parent / opened.settings.withdrawals.name
    tombstones.write(beside, tombstones.TombstoneLine(told, "restrict", GIVEN_AT))
    again = _another(opened)
    assert _served(again, told) == []
    shutil.rmtree(beside.parent)
    assert _served(again, told) == []


def test_read_only_keys_are_a_sentence_and_no_failure(
    opened: Backends, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_settings: Settings, _recording_id: str) -> bool:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    _sealed(opened, told)
    with opened.database.read() as session:
        recording_id = session.scalars(select(Recording.id)).one()
    withdraw.withdraw(opened, told, "destroy", SIGNED)
    with monkeypatch.context() as fault:
        fault.setattr(vault, "destroy_sound_key", read_only)
        carrying_out.carry_out(opened)
        with opened.database.read() as session:
            assert recording_id in session.get_one(Tombstone, told).keys_waiting
    assert carrying_out.carry_out(opened)


GIVEN_AT = tombstones.datetime.fromisoformat("2026-01-01T00:00:00+00:00")
