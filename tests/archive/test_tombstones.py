"""The file of withdrawals: whole lines, none lost behind a torn one, and room on a full disk."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from archive import tombstones
from archive.models import now
from archive.tombstones import TombstoneLine

AT = now()


def _stone(name: str, mode: str = "restrict", later: int = 0) -> TombstoneLine:
    return TombstoneLine(name, mode, AT + timedelta(seconds=later))


def _said(path: Path) -> dict[str, str]:
    return {one.testimony_id: one.mode for one in tombstones.read(path).said}


def test_it_is_private_and_the_last_line_about_an_id_counts(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "tombstones.jsonl"
    tombstones.write(path, _stone("aaaa"))
    tombstones.write(path, _stone("bbbb", "destroy", 1))
    tombstones.write(path, _stone("aaaa", "lifted", 2))
    tombstones.write(path, _stone("bbbb", "lifted", 3))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _said(path) == {"aaaa": "lifted", "bbbb": "destroy"}


def test_what_is_written_is_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "stones"
    said = TombstoneLine(
        "aaaa", "destroy", AT, ("r1", "r2"), ("r1",), ("k:1",), {"method": "signed", "evidence": {"a": 1}}
    )
    tombstones.write(path, said)
    assert tombstones.read(path).said == (said,)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_line_swallows_neither_the_one_before_nor_the_one_behind(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "stones"
    tombstones.write(path, _stone("aaaa"))
    whole = path.read_bytes().rstrip(b"\n")
    torn = _stone("torn").to_json().encode()[:cut]
    path.write_bytes(whole + b"\n" + torn)
    tombstones.write(path, _stone("bbbb", later=1))
    found = tombstones.read(path)
    assert [one.testimony_id for one in found.said] == ["aaaa", "bbbb"]
    assert found.torn == (2,)


def test_a_line_that_an_older_version_glued_to_a_torn_one_is_found(tmp_path: Path) -> None:
    path = tmp_path / "stones"
    old = '{"at": "2026-01-01T00:00:00+00:00", "mode": "destroy", "testimony": "aaaa"}'
    path.write_text(f'{old}\n{{"at": "2026-01-0{old.replace("aaaa", "bbbb")}\n')
    assert _said(path) == {"aaaa": "destroy", "bbbb": "destroy"}


@pytest.mark.parametrize(
    "line",
    ["hello", '{"testimony": "a", "mode": "forgive", "at": "2026-01-01T00:00:00+00:00"}', '{"mode": 1}', "\udcff"],
)
def test_a_damaged_line_is_an_alarm_that_says_the_way_out(tmp_path: Path, line: str) -> None:
    path = tmp_path / "stones"
    tombstones.write(path, _stone("aaaa"))
    whole = path.read_bytes().rstrip(b"\n")
    path.write_bytes(whole + b"\n" + line.encode(errors="surrogateescape") + b"\n" + whole + b"\n")
    with pytest.raises(tombstones.TombstonesUnreadable, match=r"Line 2 of .*newest copy"):
        tombstones.read(path)


def test_a_process_that_hangs_with_the_file_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stones"
    tombstones.write(path, _stone("aaaa"))
    monkeypatch.setattr(tombstones, "LONGEST_WAIT_S", 0.1)
    with path.open("rb") as hanging:
        fcntl.flock(hanging, fcntl.LOCK_EX)
        with pytest.raises(tombstones.TombstonesHeld, match="another program holds it"):
            tombstones.write(path, _stone("bbbb"))
    tombstones.write(path, _stone("cccc"))
    assert _said(path) == {"aaaa": "restrict", "cccc": "restrict"}


def test_a_withdrawal_finds_room_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stones"
    tombstones.keep_room(path)
    size, real = path.stat().st_size, os.pwrite

    def full(handle: int, data: bytes, at: int) -> int:
        if at + len(data) > size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data, at)

    monkeypatch.setattr(os, "pwrite", full)
    written = 100
    for number in range(written):
        tombstones.write(path, _stone(f"t{number}"))
    with pytest.raises(OSError, match="No space"):
        tombstones.write(path, TombstoneLine("much", "restrict", AT, ("r" * size,)))
    assert len(_said(path)) == written
    assert tombstones.read(path).torn == ()


def test_two_processes_write_one_after_the_other(tmp_path: Path) -> None:
    path, children = tmp_path / "stones", []
    for number in range(4):
        child = os.fork()
        if not child:
            for each in range(25):
                tombstones.write(path, _stone(f"t{number}x{each}"))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert len(_said(path)) == 100
