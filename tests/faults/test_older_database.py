"""The store and the database belong together, or nothing starts; and what the database lost is taken up again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from archive.access import gate, sound
from archive.access.gate import PUBLIC, Viewer
from archive.backends import Backends, open_backends
from archive.consent import decisions, sealing, vault
from archive.models import ArchiveIdentity, Recording, Testimony
from archive.originals import archive_identity
from archive.originals.unclaimed import unclaimed
from archive.preservation import adopting, sidecars
from archive.settings import Settings, read_settings
from archive.withdrawal import purge, withdraw
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from tests.archive.testimonies import GIVEN
from tests.faults.told import TOLD
from web import cli
from web.serving import make_ready

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]
BAND = Viewer("b", "band", frozenset({"MB"}))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "keys" / "vault.key"))
    return read_settings()


@pytest.fixture
def backends(settings: Settings) -> Backends:
    opened = open_backends(settings)
    archive_identity.confirm(opened)
    return opened


def _handed_in(backends: Backends, path: Path) -> tuple[str, str]:
    receipt = submit(backends, path, TOLD)
    pipeline.run(backends, receipt.recording_id)
    sidecars.follow(backends)
    assert receipt.testimony_id is not None
    return receipt.recording_id, receipt.testimony_id


def _copied(backends: Backends, target: Path) -> Path:
    backends.database.compact()
    return Path(shutil.copy(backends.settings.data / "archive.db", target))


def _put_back(backends: Backends, copy: Path | None) -> Backends:
    data = backends.settings.data
    backends.database.engine.dispose()
    for one in data.glob("archive.db*"):
        one.unlink()
    if copy is not None:
        shutil.copy(copy, data / "archive.db")
    return open_backends(backends.settings)


def test_an_older_database_over_newer_sound_is_refused_and_then_joined(
    backends: Backends, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, told = _handed_in(backends, speech("one.wav", 3.0))
    copy = _copied(backends, tmp_path / "old.db")
    second, later = _handed_in(backends, speech("two.wav", 4.0))
    with backends.database.write() as session:
        decisions.narrow(session, told, decisions.BAND_ONLY, GIVEN)
    sidecars.follow(backends)
    original = backends.store.get_bytes(sound.original_key(second))
    older = _put_back(backends, copy)
    with pytest.raises(archive_identity.StoreMismatch, match="older than the sound"):
        make_ready(older)
    assert cli.run(["check"]) == 1
    assert second in capsys.readouterr().out
    assert cli.run(["init"]) == 1
    assert cli.run(["init", "--adopt-store"]) == 0
    assert told in capsys.readouterr().err
    with older.database.read() as session:
        assert not gate.may(session, PUBLIC, told, "existence"), "she narrowed it after this copy was made"
    make_ready(older)
    assert adopting.adopt(older, second) == later
    pipeline.run(older, second)
    assert older.store.get_bytes(sound.original_key(second)) == original
    with older.database.read() as session:
        found = session.get_one(Testimony, later)
        assert (found.title_en, found.narrator.pseudonym_en) == ("Overtime", "Sokha")
        assert not gate.may(session, PUBLIC, later, "existence"), "it was public; a steward has to confirm that"
        assert gate.may(session, BAND, later, "original_sound")
        assert session.get_one(Recording, second).state in {"ready", "needs-a-person"}
        assert unclaimed(session, older.store) == {}
    assert older.store.exists(sound.original_key(first))


def test_a_lost_database_does_not_begin_anew_over_the_sound(backends: Backends, speech: Sound) -> None:
    _handed_in(backends, speech())
    before = sorted(backends.store.keys("recordings/"))
    empty = _put_back(backends, None)
    with pytest.raises(archive_identity.StoreMismatch, match="put the database back if it was lost"):
        make_ready(empty)
    assert cli.run(["ingest", "--retry"]) == 1
    assert sorted(empty.store.keys("recordings/")) == before
    assert cli.run(["init", "--adopt-store"]) == 0
    assert cli.run(["unclaimed", "adopt", "--all"]) == 0
    with empty.database.read() as session:
        assert unclaimed(session, empty.store) == {}
        assert session.scalars(select(Testimony.title_en)).all() == ["Overtime"]


def test_another_archives_store_is_refused(backends: Backends, speech: Sound, tmp_path: Path) -> None:
    _handed_in(backends, speech())
    other = open_backends(read_settings({"MESSENGER_DATA": str(tmp_path / "other"), "HOME": str(tmp_path)}))
    archive_identity.confirm(other)
    other.__dict__["store"] = backends.store
    with pytest.raises(archive_identity.StoreMismatch, match="another archive"):
        make_ready(other)


def test_an_archive_of_an_earlier_version_starts_as_before(backends: Backends, speech: Sound) -> None:
    recording, _ = _handed_in(backends, speech())
    with backends.database.write() as session:
        session.execute(delete(ArchiveIdentity))
    backends.store.delete(archive_identity.MARK)
    backends.store.delete(sound.description_key(recording))
    make_ready(backends)
    sidecars.follow(backends)
    assert sidecars.read(backends.store, recording) is not None


def test_a_damaged_mark_is_refused_and_its_sentence_is_a_way_out(backends: Backends, speech: Sound) -> None:
    recording, _ = _handed_in(backends, speech())
    backends.store.put_bytes(archive_identity.MARK, b'{"archive": "half a li')
    with pytest.raises(archive_identity.StoreMismatch, match="damaged"):
        make_ready(backends)
    assert cli.run(["init", "--adopt-store"]) == 0
    make_ready(backends)
    assert backends.store.exists(sound.original_key(recording))


def test_a_store_without_any_of_the_sound_is_refused(backends: Backends, speech: Sound) -> None:
    _handed_in(backends, speech())
    shutil.rmtree(backends.settings.data / "blobs")
    again = open_backends(backends.settings)
    with pytest.raises(archive_identity.StoreMismatch, match="none of the sound"):
        make_ready(again)


def test_a_description_says_what_is_needed_and_not_more(backends: Backends, speech: Sound) -> None:
    recording, told = _handed_in(backends, speech())
    said = json.dumps(sidecars.read(backends.store, recording))
    assert {"Overtime", "Sokha", told} <= {one for one in ("Overtime", "Sokha", told) if one in said}
    with backends.database.read() as session:
        place = session.get_one(Testimony, told).narrator.province
    assert sidecars.read(backends.store, recording)["narrator"]["province"] == place  # type: ignore[index]
    with backends.database.write() as session:
        decisions.narrow(session, told, decisions.BAND_ONLY, GIVEN)
    sidecars.follow(backends)
    assert sidecars.read(backends.store, recording)["narrator"]["province"] is None  # type: ignore[index]
    vault.make_key(backends.settings)
    sealing.seal(backends, told, Viewer(None, "steward"))
    assert sidecars.read(backends.store, recording) is None
    sidecars.follow(backends)
    said = json.dumps(sidecars.read(backends.store, recording))
    assert "Overtime" not in said
    assert "Sokha" not in said


def test_what_was_destroyed_has_no_description_and_is_not_adopted(backends: Backends, speech: Sound) -> None:
    recording, told = _handed_in(backends, speech())
    original = backends.store.get_bytes(sound.original_key(recording))
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    purge.purge(backends, told)
    sidecars.follow(backends)
    assert list(backends.store.keys("recordings/")) == []
    empty = _put_back(backends, None)
    empty.store.put_bytes(sound.original_key(recording), original)  # from a backup of the sound
    archive_identity.adopt_store(empty)
    with pytest.raises(adopting.CannotAdopt, match="taken back"):
        adopting.adopt(empty, recording)


def test_what_nobody_wants_is_set_aside_and_not_deleted(backends: Backends, capsys: pytest.CaptureFixture[str]) -> None:
    backends.store.put_bytes("recordings/nobodys/original", b"whose voice is this")
    assert cli.run(["unclaimed", "set-aside", "nobodys", "--yes"]) == 0
    assert backends.store.get_bytes("lost-and-found/recordings/nobodys/original") == b"whose voice is this"
    assert not backends.store.exists("recordings/nobodys/original")
    capsys.readouterr()
    assert cli.run(["unclaimed", "list"]) == 0
    assert "0 recording(s)" in capsys.readouterr().err
