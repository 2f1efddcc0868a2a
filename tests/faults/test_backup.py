"""A backup is made while the site runs, leaves no key in it, and starts again as an archive that sounds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.access import sound
from archive.backends import Backends, open_backends
from archive.consent import vault
from archive.db import Database
from archive.models import Account, Testimony
from archive.originals import archive_identity
from archive.originals.unclaimed import unclaimed
from archive.preservation import backup, backup_place
from archive.settings import Settings, read_settings
from archive.withdrawal import purge, withdraw
from ingest.intake.submit import submit
from ingest.jobs import pipeline, remaking
from media.store.local import LocalStore
from tests.archive.testimonies import GIVEN, a_testimony
from tests.faults.told import TOLD
from web import cli
from web.serving import make_ready

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "keys" / "vault.key"))
    assert cli.run(["init"]) == 0
    return read_settings()


def test_the_documented_way_back_sounds_again(
    settings: Settings, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backends, target = open_backends(settings), tmp_path / "stick"
    vault.make_key(settings)
    told = [submit(backends, speech(f"{n}.wav", 3.0 + n), TOLD) for n in range(2)]
    for one in told:
        pipeline.run(backends, one.recording_id)
    listening = backends.store.get_bytes(sound.whole_keys(told[0].recording_id).listening)
    assert cli.run(["backup", str(target), "--originals-only"]) == 0
    assert "keep copies of them elsewhere" in capsys.readouterr().err
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert not [name for name in names if "key" in name or name.endswith(".m4a")]
    receipt = submit(backends, speech("later.wav", 5.0), TOLD)
    assert cli.run(["backup", str(target), "--originals-only"]) == 0
    assert "4 were there already" in capsys.readouterr().out, "two originals, and what is said beside them"
    # One is destroyed after the backup: it does not come back with it.
    assert told[1].testimony_id is not None
    withdraw.withdraw(backends, told[1].testimony_id, "destroy", GIVEN)
    purge.purge(backends, told[1].testimony_id)
    backends.index.close()
    backends.database.engine.dispose()
    shutil.rmtree(settings.data)
    shutil.copytree(target, settings.data)
    again = open_backends(settings)
    make_ready(again)
    with again.database.read() as session:
        assert unclaimed(session, again.store) == {}
        assert session.get(Testimony, told[1].testimony_id) is None
    assert not again.store.exists(sound.original_key(told[1].recording_id))
    remaking.ask(again)
    while (name := again.queue.take()) is not None:  # type: ignore[attr-defined]
        if remaking.is_remaking(name):
            remaking.run(again, name)
    assert again.store.get_bytes(sound.whole_keys(told[0].recording_id).listening) == listening
    pipeline.run(again, receipt.recording_id)
    assert again.store.exists(sound.original_key(receipt.recording_id))


def test_a_backup_lets_go_of_what_was_destroyed_since(settings: Settings, speech: Sound, tmp_path: Path) -> None:
    backends, target = open_backends(settings), tmp_path / "stick"
    one = submit(backends, speech(), TOLD)
    pipeline.run(backends, one.recording_id)
    assert cli.run(["backup", str(target)]) == 0
    original = target / "blobs" / sound.original_key(one.recording_id)
    assert original.exists()
    assert one.testimony_id is not None
    withdraw.withdraw(backends, one.testimony_id, "destroy", GIVEN)
    purge.purge(backends, one.testimony_id)
    assert cli.run(["backup", str(target)]) == 0
    assert not original.exists()
    assert TOLD.narrator_en.encode() not in (target / "archive.db").read_bytes()


def test_a_damaged_copy_is_not_called_a_backup(
    settings: Settings, speech: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backends, target = open_backends(settings), tmp_path / "stick"
    one = submit(backends, speech(), TOLD)
    pipeline.run(backends, one.recording_id)
    real = LocalStore.read

    def flipped(store: LocalStore, key: str, start: int = 0, end: int | None = None) -> object:
        return iter([b"flipped"]) if key.endswith("/original") else real(store, key, start, end)

    monkeypatch.setattr(LocalStore, "read", flipped)
    assert cli.run(["backup", str(target)]) == 1
    assert not (target / backup_place.MANIFEST).exists()


def test_a_backup_never_goes_into_what_it_backs_up(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "me.jpg").write_bytes(b"x")
    for target in (settings.data, settings.data / "backup", tmp_path, other):
        assert cli.run(["backup", str(target)]) == 2, target
        assert "another" in capsys.readouterr().err or target == other


@pytest.mark.postgres
@pytest.mark.commits
def test_a_server_s_database_is_written_as_a_laptop_s(
    settings: Settings, postgres_database: Database, tmp_path: Path
) -> None:
    served = Backends(settings, postgres_database)
    with served.database.write() as session:
        made = a_testimony(session)
        session.add(Account(name="sreymom", display_name="S", password_hash="", role="band"))
        told = made.id
    (settings.data / "blobs" / archive_identity.MARK).unlink()
    backup.write(served, backup_place.to_write(settings, str(tmp_path / "stick")), originals_only=True)
    kept = open_backends(read_settings({"MESSENGER_DATA": str(tmp_path / "stick"), "HOME": str(tmp_path)}))
    with kept.database.read() as session:
        assert session.get(Testimony, told) is not None
