"""Tombstones that outlive the database: which testimonies were withdrawn, in a file beside the vault's key.

A backup that is restored knows nothing of what was withdrawn after it was made. The file lies outside the data folder
and its backups, and holds random ids, a date and what was asked for, one JSON object a line; it is only appended, and
the last line about an id counts. It is written before the database is, so that a crash in between withdraws too much
rather than too little.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.settings import Settings

MODES = ("restrict", "destroy")
_LIFTED = "lifted"


class TombstonesUnreadable(RuntimeError):
    """The file of withdrawn testimonies is damaged; nothing may be served until somebody has looked at it."""


@dataclass(frozen=True, slots=True)
class Stone:
    """One withdrawal: a testimony's id, `restrict` or `destroy`, when, and the ids of its recordings."""

    testimony_id: str
    mode: str
    at: datetime
    recordings: tuple[str, ...] = ()


def tombstone_file(settings: Settings) -> Path:
    """Where the archive keeps its tombstones: beside the vault's key, never in the data folder."""
    return settings.vault_key.parent / "tombstones.jsonl"


def write(path: Path, testimony_id: str, mode: str, at: datetime, recordings: Iterable[str] = ()) -> None:
    """Append one line and see it onto the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    row = {"testimony": testimony_id, "mode": mode, "at": at.isoformat(), "recordings": sorted(recordings)}
    line = json.dumps(row, sort_keys=True) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def lift(path: Path, testimony_id: str, at: datetime) -> None:
    """The narrator confirmed again: the restriction no longer counts. What was destroyed stays so."""
    write(path, testimony_id, _LIFTED, at)


def read(path: Path) -> list[Stone]:
    """Every withdrawal that counts, oldest first; none when there is no file yet.

    Raises:
        TombstonesUnreadable: a line is not what the archive wrote. A last line without its end is what a power cut
            leaves and counts when it can be read.
    """
    if not path.exists():
        return []
    found: dict[str, Stone] = {}
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            row = json.loads(line)
            recordings = tuple(map(str, row.get("recordings", ())))
            stone = Stone(str(row["testimony"]), str(row["mode"]), datetime.fromisoformat(row["at"]), recordings)
        except (ValueError, KeyError, TypeError):
            if number == len(lines):
                continue
            raise TombstonesUnreadable(f"Line {number} of {path.name} cannot be read.") from None
        before = found.get(stone.testimony_id)
        if stone.mode == _LIFTED:
            if before is not None and before.mode != "destroy":
                del found[stone.testimony_id]
        elif before is None or before.mode != "destroy":
            found[stone.testimony_id] = stone
    return sorted(found.values(), key=lambda stone: stone.at)
