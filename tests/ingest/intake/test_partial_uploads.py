"""What has come of a recording stays until the rest follows, and is nobody else's."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from archive.access.gate import Unknown
from archive.settings import Settings
from ingest.intake import partial_uploads
from ingest.intake.partial_uploads import BeingWritten, NotThere, UploadRefused
from tests.faults.disks import small_disk

MINE, HERS = "anaccountofmine", "anotheraccount"


def test_pieces_become_the_file_and_a_broken_one_keeps_what_came(settings: Settings) -> None:
    upload = partial_uploads.begin(settings, MINE, 10)

    def breaking() -> object:
        yield b"45"
        raise ConnectionError

    assert partial_uploads.append(upload, 0, [b"01", b"23"]) == 4
    with pytest.raises(ConnectionError):
        partial_uploads.append(upload, 4, breaking())  # type: ignore[arg-type]
    again = partial_uploads.find(settings, MINE, upload.id)
    assert (again.offset, again.whole) == (6, False)
    with pytest.raises(NotThere):
        partial_uploads.append(again, 4, [b"45"])
    with pytest.raises(NotThere):
        partial_uploads.append(again, 6, [b"6789", b"too much"])
    assert partial_uploads.append(again, 6, [b"6789"]) == 10
    assert partial_uploads.find(settings, MINE, upload.id).whole
    assert upload.path.read_bytes() == b"0123456789"
    partial_uploads.remove(upload)
    assert list(upload.path.parent.iterdir()) == []


def test_an_upload_is_its_account_s_alone(settings: Settings) -> None:
    upload = partial_uploads.begin(settings, MINE, 10)
    for account, name in ((HERS, upload.id), (MINE, "nosuchupload00"), (MINE, "../secret"), ("", upload.id)):
        with pytest.raises(Unknown):
            partial_uploads.find(settings, account, name)
    assert upload.path.stat().st_mode & 0o077 == 0


def test_two_windows_do_not_write_into_each_other(settings: Settings) -> None:
    upload = partial_uploads.begin(settings, MINE, 10)

    def meanwhile() -> object:
        with pytest.raises(BeingWritten):
            partial_uploads.append(upload, 0, [b"x"])
        yield b"0123"

    assert partial_uploads.append(upload, 0, meanwhile()) == 4  # type: ignore[arg-type]


def test_what_is_too_large_or_too_many_cannot_begin(settings: Settings) -> None:
    for size in (0, settings.max_upload_mb * 1024 * 1024 + 1):
        with pytest.raises(UploadRefused) as refused:
            partial_uploads.begin(settings, MINE, size)
        assert refused.value.code == "large"
    for _ in range(partial_uploads.MOST_OF_ONE_ACCOUNT):
        partial_uploads.begin(settings, MINE, 10)
    with pytest.raises(UploadRefused) as refused:
        partial_uploads.begin(settings, MINE, 10)
    assert refused.value.code == "many"
    partial_uploads.begin(settings, HERS, 10)


def test_what_nobody_goes_on_with_goes_after_a_week(settings: Settings) -> None:
    old, new = (partial_uploads.begin(settings, MINE, 10) for _ in range(2))
    before = time.time() - (partial_uploads.KEPT_DAYS + 1) * 86_400
    for path in (old.path, old.path.with_suffix(".json")):
        os.utime(path, (before, before))
    assert partial_uploads.sweep(settings) == 1
    assert {one.stem for one in new.path.parent.iterdir()} == {new.id}


def test_without_room_for_all_of_it_nothing_begins(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(settings.data.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=partial_uploads.SPARE_BYTES + 9))
    with pytest.raises(UploadRefused) as refused:
        partial_uploads.begin(settings, MINE, 10)
    assert refused.value.code == "full"


@pytest.mark.mounts
def test_a_disk_that_fills_keeps_what_came_before(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial_uploads, "SPARE_BYTES", 0)
    settings.data.mkdir(parents=True, exist_ok=True)
    with small_disk(settings.data / "unfinished", 1) as disk:
        upload = partial_uploads.begin(settings, MINE, 500_000)
        partial_uploads.append(upload, 0, [b"a" * 1000])
        disk.fill(leaving=20_000)
        with pytest.raises(OSError, match="No space left"):
            partial_uploads.append(upload, 1000, [bytes(65_536)] * 4)
        disk.give_room()
        there = partial_uploads.find(settings, MINE, upload.id)
        assert there.offset >= 1000
        assert there.path.read_bytes()[:1000] == b"a" * 1000
        assert partial_uploads.append(there, there.offset, [bytes(500_000 - there.offset)]) == 500_000
