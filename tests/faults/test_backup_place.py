"""Where a backup goes: what is written there and what is not, and one sentence for whatever is wrong with the place."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.access import sound
from archive.access.gate import Viewer
from archive.backends import Backends
from archive.consent import sealing, vault
from archive.models import AuditEntry
from archive.preservation import backup, backup_place, last_backup
from archive.settings import read_settings
from archive.withdrawal import withdraw
from media.store.local import LocalStore
from tests.archive.testimonies import GIVEN
from tests.faults.machine import Machine, taken_in
from web import cli

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]
STEWARD = Viewer(None, "steward")


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "There is no room left for"), (errno.EROFS, "it is read-only"), (errno.EIO, "is it still there")],
)
def test_what_is_wrong_with_the_place_is_one_sentence(
    here: Backends,
    speech: Sound,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    told: str,
) -> None:
    taken_in(here, speech())
    stick, real = tmp_path / "stick", LocalStore.put_file

    def full(store: LocalStore, key: str, path: Path) -> None:
        if key.startswith(backup_place.BLOBS):
            raise OSError(number, "said by the disk")
        real(store, key, path)

    with monkeypatch.context() as trapped:
        trapped.setattr(LocalStore, "put_file", full)
        assert cli.run(["backup", str(stick)]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert str(stick) in said
    assert "Traceback" not in said
    assert not (stick / backup_place.MANIFEST).exists()
    assert [one.name for one in stick.iterdir() if one.name.startswith(".")] == [], "nothing of the work is left"
    assert cli.run(["backup", str(stick)]) == 0, "and goes on when there is room"


def test_another_archive_s_backup_is_left_alone(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken_in(here, speech())
    stick = tmp_path / "stick"
    assert cli.run(["backup", str(stick)]) == 0
    before = {path: path.read_bytes() for path in stick.rglob("*") if path.is_file()}
    machine.stands_in("another")
    assert cli.run(["init"]) == 0
    capsys.readouterr()
    assert cli.run(["backup", str(stick)]) == 2
    assert "a backup of another archive; nothing was changed there" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in stick.rglob("*") if path.is_file()} == before


def test_only_what_changed_is_written_again_and_the_rest_is_trusted_or_reread(
    here: Backends, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording, _ = taken_in(here, speech())
    stick = tmp_path / "stick"
    assert cli.run(["backup", str(stick)]) == 0
    original = stick / "blobs" / sound.original_key(recording)
    written = original.stat().st_mtime_ns
    assert cli.run(["backup", str(stick)]) == 0
    assert original.stat().st_mtime_ns == written
    good = original.read_bytes()
    original.write_bytes(b"x" * len(good))
    assert cli.run(["backup", str(stick), "--reread"]) == 0
    assert original.read_bytes() == good, "what had decayed on the stick is written anew"
    mine = here.store.local_path(sound.original_key(recording))
    with mine as path:
        path.write_bytes(b"y" * len(good))
    capsys.readouterr()
    assert cli.run(["backup", str(stick), "--reread"]) == 1
    assert "is not the sound that was taken in" in capsys.readouterr().err
    assert original.read_bytes() == good, "the good copy is not written over with a damaged one"


def test_the_backup_is_noted_and_two_at_once_are_not_made(
    here: Backends, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken_in(here, speech())
    with here.database.read() as session:
        assert last_backup.last_backup(session, 7).old
    refused = []

    def second(_done: int, _of: int) -> None:
        refused.append(cli.run(["backup", str(tmp_path / "other")]))

    backup.write(here, backup_place.to_write(here.settings, str(tmp_path / "stick")), progress=second)
    assert set(refused) == {1}
    assert "Another backup of this archive is being made" in capsys.readouterr().err
    assert cli.run(["backup", str(tmp_path / "stick")]) == 0
    with here.database.read() as session:
        found = last_backup.last_backup(session, 7)
        assert (found.where, found.old) == (str(tmp_path / "stick"), False)
        assert last_backup.last_backup(session, 0).old
        assert session.scalar(select(func.count()).where(AuditEntry.action == last_backup.MADE)) == 1


@pytest.mark.parametrize("target", ["ftp://host/place", "s3://", "s3://key:secret@bucket"])
def test_a_place_that_is_none_is_told(
    here: Backends, target: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["backup", target]) == 2
    assert "s3://BUCKET/PREFIX" in capsys.readouterr().err
    assert not (tmp_path / "ftp:").exists()


def test_a_bucket_with_something_else_in_it_is_refused(
    bucket: str, here: Backends, speech: Sound, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    taken_in(here, speech())
    backup_place.open_store(read_settings(), f"{bucket}/photos").put_bytes("me.jpg", b"x")
    assert cli.run(["backup", f"{bucket}/photos"]) == 2
    assert cli.run(["backup", f"{bucket}/mine"]) == 0
    capsys.readouterr()
    assert cli.run(["backup", f"{bucket}/mine"]) == 0
    assert "0 file(s) copied" in capsys.readouterr().out
    settings = machine.stands_in("elsewhere", store_url=f"{bucket}/sound")
    assert cli.run(["backup", f"{bucket}/sound/copy"]) == 2, "it would lie in what it backs up"
    assert cli.run(["restore", f"{bucket}/mine"]) == 0
    assert cli.run(["check", "--deep"]) == 0
    assert not (settings.data / "blobs").exists()


def test_the_keys_are_copied_only_where_they_are_named_and_lie_apart(
    here: Backends, machine: Machine, speech: Sound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = vault.make_key(here.settings)
    told = [taken_in(here, speech(f"{n}.wav", 3.0 + n)) for n in range(2)]
    for _, testimony in told:
        sealing.seal(here, testimony, STEWARD)
    stick, keys = tmp_path / "stick", tmp_path / "other-stick"
    for refused in (stick, stick / "keys", here.settings.data):
        assert cli.run(["backup", str(stick), "--keys", str(refused)]) == 2
    capsys.readouterr()
    assert cli.run(["backup", str(stick), "--keys", str(keys)]) == 0
    assert "can read every legal name and every sealed recording" in capsys.readouterr().err
    held = {path.read_bytes() for path in stick.rglob("*") if path.is_file()}
    assert key.read_bytes() not in held
    assert not list(stick.rglob("*.key"))
    withdraw.withdraw(here, told[1][1], "destroy", GIVEN)
    newest = here.withdrawals.paths[0]
    settings = machine.stands_in("elsewhere")
    assert cli.run(["restore", str(stick), "--keys", str(keys), "--withdrawals", str(newest)]) == 0
    assert settings.vault_key.read_bytes() == key.read_bytes()
    assert vault.has_sound_key(settings, told[0][0])
    assert not vault.has_sound_key(settings, told[1][0]), "what was destroyed does not come back by its key"
    machine.stands_in("here")
    assert cli.run(["backup", str(stick), "--keys", str(keys)]) == 0
    assert sorted(path.stem for path in (keys / "sound").iterdir()) == [told[0][0]]
