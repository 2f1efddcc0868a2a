"""Carrying withdrawals out: what holds already is done, wherever it could not be done at once.

A withdrawal holds by a line in a file or a row in the database. From there it is written to all the places that must
know it (the files, the database, the object store), what was made of the testimony is purged, and keys that lie on a
stick are destroyed when the stick is back. Everything here can be repeated and is, at each start and beside the site,
until nothing is left to do; what is left is told to stewards and by `messenger check`, as *not yet done*.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from archive import in_force, tombstones
from archive.backends import Backends
from archive.consent import vault
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import AuditEntry, Testimony, Tombstone, now
from archive.tombstones import LIFTED, READMITTED, TombstoneLine
from archive.withdrawal import mistakes, purge, withdraw
from archive.withdrawal.purge import WITHDRAWALS

FIRST_WAIT_S, LONGEST_WAIT_S = 15.0, 900.0
_REBUILT, _LOOKED, _MADE = "withdrawals.rebuilt", "withdrawals.looked", "withdrawals.file-made"

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Undone:
    """A withdrawal that holds and is not wholly carried out.

    Attributes:
        steps: what is still to do -> why it could not be done yet, both codes: `file`, `database`, `store`, `keys` and
            the steps of a purge; `waiting`, `away`, `full`, `locked`, `read-only`, `unreachable`, `broken`, `failed`.
    """

    testimony_id: str
    mode: str
    at: datetime
    steps: dict[str, str]


def undone(backends: Backends) -> list[Undone]:
    """Every withdrawal that is not wholly carried out, the oldest first. Touches neither the store nor the stick."""
    said = backends.withdrawals.stones()
    with backends.database.read() as session:
        rows = {row.testimony_id: row for row in session.scalars(select(Tombstone))}
        open_still = set(session.scalars(select(Testimony.id).where(Testimony.withdrawn_at.is_(None))))
    found = []
    for testimony_id in sorted(rows.keys() | {key for key, one in said.items() if one.mode != LIFTED}):
        row, stone = rows.get(testimony_id), said.get(testimony_id)
        steps: dict[str, str] = {}
        if row is None or testimony_id in open_still:
            steps["database"] = "waiting"
        if stone is None or stone.mode == LIFTED or (row and row.mode == "destroy" and stone.mode == "restrict"):
            steps["file"] = "waiting"
        if row is not None:
            steps |= row.troubles
            if row.purged_at is None and not row.troubles:
                steps["purge"] = "waiting"
            if row.keys_waiting:
                steps["keys"] = "away"
        if steps:
            mode, at = (row.mode, row.at) if row else (stone.mode, stone.at) if stone else ("", now())
            found.append(Undone(testimony_id, mode, at, steps))
    return sorted(found, key=lambda one: one.at)


def at_start(backends: Backends) -> None:
    """To be called before anything is served: what any place knows to be withdrawn is in force when this returns.

    Raises:
        tombstones.TombstonesUnreadable: a file is damaged; nothing may be served until somebody has looked at it.
        withdrawal.NothingDone: something is withdrawn that can be written down nowhere; nothing may be served.
    """
    backends.withdrawals.readable()
    missing = backends.withdrawals.missing()
    with backends.database.read() as session:
        known = [_as_stone(row) for row in session.scalars(select(Tombstone))]
        had_one = _last(session, _MADE) is not None
    stored = _stored(backends)
    said = in_force.merged([*known, *stored, *backends.withdrawals.stones().values()])
    failed = backends.withdrawals.complete(said.values())
    carry_out(backends, stored=stored)
    closed = {one.testimony_id for one in said.values() if one.mode != LIFTED}
    if failed and not closed <= backends.withdrawals.closed() | {one.testimony_id for one in _rows(backends)}:
        raise withdraw.NothingDone(
            Message(
                "Something was withdrawn that can be written neither into the file of withdrawals nor into the "
                "database. Make room, or make {path} writable, and start again; nothing is served until then."
            ),
            path=failed[0],
        )
    if failed and missing:
        return
    try:
        with backends.database.write() as session:
            if missing and (known or stored or had_one):
                counts = {"from the database": len(known), "from the store": len(stored)}
                audit.note(session, None, _REBUILT, "", counts)
            if not had_one:
                audit.note(session, None, _MADE)
    except SQLAlchemyError:
        log.exception("the database cannot be written at the start")


def carry_out(backends: Backends, *, stored: Iterable[TombstoneLine] = ()) -> bool:
    """Do what is still to do, as far as it can be done now; True when nothing is left."""
    with _one_at_a_time:
        _carry_out(backends, stored)
    return not undone(backends)


def _carry_out(backends: Backends, stored: Iterable[TombstoneLine]) -> None:
    said = in_force.merged([*stored, *backends.withdrawals.stones().values()])
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("database", lambda: _tell_the_database(backends, said.values())),
        ("file", lambda: backends.withdrawals.complete(_rows(backends))),
        ("store", lambda: _tell_the_store(backends)),
        ("purge", lambda: purge.purge_waiting(backends)),
        ("mistakes", lambda: mistakes.finish(backends)),
        ("keys", lambda: destroy_keys(backends)),
    )
    for name, step in steps:
        try:
            step()
        except Exception as error:  # each is tried whatever became of the others
            log.warning("a withdrawal is not yet carried out (%s): %s", name, type(error).__name__, exc_info=True)
    backends.withdrawals.ask_the_database_again()


def _tell_the_database(backends: Backends, stones: Iterable[TombstoneLine]) -> None:
    lacking = _not_in(backends, stones)
    if lacking:
        withdraw.replay(backends, lacking)


def _not_in(backends: Backends, stones: Iterable[TombstoneLine]) -> list[TombstoneLine]:
    """Those that the database does not know in full; most of the time there are none, and nothing need be written."""
    with backends.database.read() as session:
        rows = {row.testimony_id: row for row in session.scalars(select(Tombstone))}
        open_still = set(session.scalars(select(Testimony.id).where(Testimony.withdrawn_at.is_(None))))
    return [one for one in stones if one.mode != LIFTED and _lacks(rows.get(one.testimony_id), one, open_still)]


def _lacks(row: Tombstone | None, stone: TombstoneLine, open_still: set[str]) -> bool:
    if row is None or stone.testimony_id in open_still:
        return True
    mode = "destroy" if stone.mode == READMITTED else stone.mode
    lists = (("recordings", stone.recordings), ("sealed", stone.sealed), ("sounds", stone.sounds))
    return (mode == "destroy" != row.mode) or any(not set(wanted) <= set(getattr(row, name)) for name, wanted in lists)


def _rows(backends: Backends) -> list[TombstoneLine]:
    with backends.database.read() as session:
        return [_as_stone(row) for row in session.scalars(select(Tombstone))]


def _as_stone(row: Tombstone) -> TombstoneLine:
    lists = tuple(row.recordings), tuple(row.sealed), tuple(row.sounds)
    return TombstoneLine(row.testimony_id, row.mode, row.at, *lists)


def _stored(backends: Backends) -> list[TombstoneLine]:
    """What the object store knows; nothing where it does not answer, since file and database know as well."""
    found = []
    try:
        for key in list(backends.store.keys(WITHDRAWALS)):
            found.append(tombstones.from_json(json.loads(backends.store.get_bytes(key))))
    except Exception as error:
        log.warning("withdrawals in the store cannot be read: %s", type(error).__name__, exc_info=True)
    return found


def _tell_the_store(backends: Backends) -> None:
    """One small object for each, so that a database restored elsewhere is told by the store that lies beside it."""
    there = {key.removeprefix(WITHDRAWALS).removesuffix(".json") for key in backends.store.keys(WITHDRAWALS)}
    told = backends.withdrawals.stones()
    for testimony_id, stone in told.items():
        key, line = f"{WITHDRAWALS}{testimony_id}.json", stone.to_json().encode()
        if testimony_id in there:
            if backends.store.get_bytes(key) == line:
                continue
        elif stone.mode == LIFTED:
            continue
        backends.store.put_bytes(key, line)


def destroy_keys(backends: Backends) -> list[str]:
    """Destroy every key of destroyed sound that can be reached, and note which still wait; returns those destroyed.

    A copy of a key that comes back on another stick is destroyed as well, however long ago its sound was.
    """
    destroyed = []
    if not vault.keys_are_here(backends.settings):
        return []
    with backends.database.read() as session:
        rows = [row for row in session.scalars(select(Tombstone)) if row.mode == "destroy"]
    for row in rows:
        waiting = set(row.keys_waiting)
        for one in {*row.recordings, *row.keys_waiting}:
            try:
                destroyed += [one] if vault.destroy_sound_key(backends.settings, one) else []
                waiting.discard(one)
            except OSError:
                waiting.add(one)
        if waiting != set(row.keys_waiting) and row.purged_at is not None:
            with backends.database.write() as session:
                session.get_one(Tombstone, row.testimony_id).keys_waiting = sorted(waiting)
                detail: dict[str, object] = {"waiting": len(waiting)}
                audit.note(session, None, "sound-key.destroyed", f"testimony:{row.testimony_id}", detail)
    return destroyed


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The file of withdrawals was gone at a start, and was written anew from what else knew them."""

    at: datetime
    database: int
    store: int


def rebuilt(session: Session) -> Rebuilt | None:
    """The last time the file had to be rebuilt, until a steward has said that they looked; None otherwise."""
    found, looked = _last(session, _REBUILT), _last(session, _LOOKED)
    if found is None or (looked is not None and looked.seq > found.seq):
        return None
    counts = [int(str(found.detail.get(name, 0))) for name in ("from the database", "from the store")]
    return Rebuilt(found.at, *counts)


def looked(session: Session, by_id: str) -> None:
    """A steward has seen that the file was rebuilt, and put a newer copy beside it or has none."""
    audit.note(session, by_id, _LOOKED)


def _last(session: Session, action: str) -> AuditEntry | None:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq.desc()).limit(1)
    return session.scalars(query).one_or_none()


class Carrier:
    """Carries withdrawals out beside the site or a worker: at once when it is woken, else again and again, less often
    each time that something could not be done."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._over = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="withdrawals", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self, timeout: float = 5.0) -> None:
        self._over.set()
        self._woken.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        wait = FIRST_WAIT_S
        while not self._over.is_set():
            woken = self._woken.wait(wait)
            self._woken.clear()
            if self._over.is_set():
                return
            wait = FIRST_WAIT_S if woken else wait
            try:
                done = carry_out(self._backends)
            except Exception:
                log.exception("withdrawals cannot be carried out")
                done = False
            wait = FIRST_WAIT_S if done else min(wait * 2, LONGEST_WAIT_S)
