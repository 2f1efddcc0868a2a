"""Withdrawals in force: what was taken back, known to every process at its next request, whatever else fails.

The database says what is withdrawn, and so does a file of its own (`narrators.tombstones`), which is written first. The
gate asks both: where the database is locked, full or restored from before, the file alone closes a testimony. Whether
the file has changed is looked at for every statement of a session, which costs as much as asking the disk for its date.

The file may be kept twice, on the machine and beside the vault's key; either closes. One that cannot be read any more,
because the stick it lies on was pulled out, takes nothing back: what it said stays in force while the process lives.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import ORMExecuteState, Session

from archive import tombstones
from archive.db import Database
from archive.models import Tombstone
from archive.settings import Settings
from archive.tombstones import LIFTED, TombstoneLine

_INFO = "withdrawals in force"
_TAKEN_BACK = "taken_back"
_FRESH_S = 2.0
"""A file written so lately may be written again without its date changing; it is read anew until then."""

taken_back: BindParameter[list[str]] = bindparam(_TAKEN_BACK, value=[], expanding=True)
"""Ids of testimonies that the file closes and the database does not; filled in when a session runs a statement."""


class CannotBeWritten(OSError):
    """None of the files of withdrawals can be written."""


@dataclass(slots=True)
class _Copy:
    """One file as it was last read."""

    path: Path
    seen: tuple[int, ...] | None = None
    said: tuple[TombstoneLine, ...] = ()
    torn: tuple[int, ...] = ()
    missing: bool = True
    trouble: str = ""


class InForce:
    """The files of withdrawals, read again when they change. Safe to be asked from several threads."""

    def __init__(self, settings: Settings) -> None:
        beside = settings.vault_key.parent / settings.withdrawals.name
        self.paths = tuple(dict.fromkeys((settings.withdrawals, beside)))
        self._copies = [_Copy(path) for path in self.paths]
        self._said: dict[str, TombstoneLine] = {}
        self._closed: frozenset[str] = frozenset()
        self._only_here: frozenset[str] | None = None
        self._turn = threading.RLock()

    def stones(self) -> dict[str, TombstoneLine]:
        """The last word about each testimony, by its id; what was lifted is among them."""
        self._look()
        return self._said

    def closed(self) -> frozenset[str]:
        """Ids of the testimonies that are withdrawn by what the files say."""
        self._look()
        return self._closed

    def only_here(self, session: Session) -> frozenset[str]:
        """Those of which the database has no tombstone, as this session sees it."""
        closed = self.closed()
        if not closed:
            return closed
        known = self._only_here
        if known is None:
            rows = session.connection().execute(select(Tombstone.testimony_id)).scalars()
            known = closed.difference(rows)
            with self._turn:
                if self._closed is closed:
                    self._only_here = known
        return known

    def ask_the_database_again(self) -> None:
        """What the database knows may have changed."""
        self._only_here = None

    def write(self, stone: TombstoneLine) -> list[Path]:
        """Make a word hold in every file that can be written; returns those that cannot, of which one was there before.

        Raises:
            CannotBeWritten: it holds in none.
        """
        self._look()
        failed: list[Path] = []
        reasons = []
        done = 0
        for number, copy in enumerate(self._copies):
            if number and not copy.path.parent.is_dir():
                failed += [copy.path] if copy.seen is not None else []
                continue
            try:
                if copy.missing and copy.said:
                    self._write_anew(copy)
                tombstones.write(copy.path, stone)
                done += 1
            except OSError as error:
                failed.append(copy.path)
                reasons.append(error.strerror or type(error).__name__)
        if not done:
            raise CannotBeWritten("; ".join(dict.fromkeys(reasons)) or "there is no place for it")
        self._look(anew=True)
        return failed

    def _write_anew(self, copy: _Copy) -> None:
        for known in copy.said:
            tombstones.write(copy.path, known)

    def complete(self, stones: Iterable[TombstoneLine]) -> list[Path]:
        """Write what the files and `stones` say wherever it is missing; returns the files that cannot be written."""
        self._look(anew=True)
        wanted = dict(self._said)
        for stone in stones:
            wanted.setdefault(stone.testimony_id, stone)
        failed = []
        for number, copy in enumerate(self._copies):
            if number and not copy.path.parent.is_dir():
                failed += [copy.path] if copy.seen is not None else []
                continue
            said = {} if copy.missing else {stone.testimony_id: stone for stone in copy.said}
            try:
                if number == 0 or wanted:
                    tombstones.keep_room(copy.path)
                for stone in wanted.values():
                    if said.get(stone.testimony_id) != stone:
                        tombstones.write(copy.path, stone)
            except OSError:
                failed.append(copy.path)
        self._look(anew=True)
        return failed

    def missing(self) -> bool:
        """Whether none of the files is there."""
        self._look()
        return all(copy.missing for copy in self._copies)

    def troubles(self) -> list[tuple[Path, str]]:
        """Files that are there and cannot be read, that were there and are not, or that hold a line that broke off."""
        self._look()
        found = [(copy.path, copy.trouble) for copy in self._copies if copy.trouble]
        found += [(copy.path, "missing") for copy in self._copies if copy.missing and copy.seen is not None]
        return found + [(copy.path, f"torn {number}") for copy in self._copies for number in copy.torn]

    def readable(self) -> None:
        """Raises tombstones.TombstonesUnreadable, with the way out, where a file is damaged."""
        for copy in self._copies:
            if copy.path.exists():
                tombstones.read(copy.path)

    def _look(self, *, anew: bool = False) -> None:
        for copy in self._copies:
            state = _state(copy.path)
            if state is None and copy.missing and not anew:
                continue
            if anew or state is None or state != copy.seen or _fresh(state):
                with self._turn:
                    self._read(copy)

    def _read(self, copy: _Copy) -> None:
        state = _state(copy.path)
        if state is None:
            copy.missing = True
            return
        try:
            stones = tombstones.read(copy.path)
        except (OSError, tombstones.TombstonesUnreadable) as error:
            copy.trouble, copy.missing = str(error), False
            return
        before = copy.said
        # Only what was lifted in the file stops being in force; a line that is gone from it does not.
        copy.said = _merged([*before, *stones.said]) if _lost(before, stones.said) else stones.said
        copy.seen, copy.torn, copy.missing, copy.trouble = state, stones.torn, False, ""
        if copy.said != before or not self._said:
            self._said = {one.testimony_id: one for one in _merged(one for each in self._copies for one in each.said)}
            self._closed = frozenset(one.testimony_id for one in self._said.values() if one.mode != LIFTED)
            self._only_here = None


def _lost(before: tuple[TombstoneLine, ...], now: tuple[TombstoneLine, ...]) -> bool:
    return not {one.testimony_id for one in before} <= {one.testimony_id for one in now}


def _merged(stones: Iterable[TombstoneLine]) -> tuple[TombstoneLine, ...]:
    found: dict[str, TombstoneLine] = {}
    for stone in sorted(stones, key=lambda one: (one.at, one.mode != LIFTED)):
        found[stone.testimony_id] = tombstones.later(found.get(stone.testimony_id), stone)
    return tuple(found.values())


def merged(stones: Iterable[TombstoneLine]) -> dict[str, TombstoneLine]:
    """The last word about each testimony out of several places, by its id."""
    return {one.testimony_id: one for one in _merged(stones)}


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _fresh(state: tuple[int, ...]) -> bool:
    return abs(time.time() - state[2] / 1e9) < _FRESH_S


def watch(database: Database, in_force: InForce) -> None:
    """Let every session of this database know what is in force."""
    database.tell_sessions(_INFO, in_force)
    database.before_each(_fill_in)


def _fill_in(state: ORMExecuteState) -> object:
    in_force = of(state.session)
    if in_force is None or not state.is_select:
        return None
    only_here = in_force.only_here(state.session)
    if not only_here or state.is_executemany:
        return None
    state.parameters = state.parameters or {}
    return state.invoke_statement(params={_TAKEN_BACK: sorted(only_here)})


def of(session: Session) -> InForce | None:
    """What is in force for a session; None where nobody watches, as in a test of the database alone."""
    found = session.info.get(_INFO)
    return found if isinstance(found, InForce) else None


def closes(session: Session, testimony_id: str) -> bool:
    """Whether a testimony is withdrawn by what the files say, whatever the database knows."""
    in_force = of(session)
    return in_force is not None and testimony_id in in_force.closed()
