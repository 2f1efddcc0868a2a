"""Ways in which the archive could be broken, one at a time: what the histories are there to catch.

Each is a small change to the program that acts, made in the process of one act, or (`IN_THE_SITE`) to the site that
answers meanwhile. Whoever weakens an invariant by mistake does about as much.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from archive.access import sound
from archive.backends import Backends
from archive.consent import sealing
from archive.in_force import InForce
from archive.models import Recording
from archive.preservation import backup
from archive.withdrawal import carrying_out, purge, withdraw
from archive.withdrawal.withdraw import Report
from web import serving

if TYPE_CHECKING:
    from tests.faults.history import History


def _withdrawing_does_nothing() -> None:
    withdraw.withdraw = lambda _archive, told, mode, _given: Report(told, mode, (), ())  # type: ignore[assignment]


def _the_database_is_not_told() -> None:
    withdraw._close = lambda *_: None


def _the_file_is_not_told() -> None:
    InForce.write = InForce.complete = lambda *_: []  # type: ignore[method-assign, assignment]


def _nothing_is_carried_out() -> None:
    carrying_out.carry_out = lambda *_, **__: True


def _step_does_nothing(left_out: str) -> None:
    purge.STEPS = tuple((name, (lambda *_: 0) if name == left_out else step) for name, step in purge.STEPS)
    # What a step has left is done once more afterwards, of two kinds: neither is, here.
    if left_out == "blobs":
        purge.left_over = lambda _archive: []
    if left_out == "keys":
        carrying_out.destroy_keys = lambda _archive: []


def _after(module: Any, name: str, then: Callable[..., None]) -> None:
    """Let a function do what it does, and something more."""
    real = getattr(module, name)

    def done(*given: Any, **named: Any) -> Any:
        result = real(*given, **named)
        then(*given)
        return result

    setattr(module, name, done)


def _clear_what_is_unknown(archive: Backends) -> None:
    with archive.database.read() as session:
        known = set(session.scalars(select(Recording.original_key)))
    for key in list(archive.store.keys("recordings/")):
        if key.endswith("/original") and key not in known:
            archive.store.delete(key)


def _lose_the_keys(archive: Backends, *_: Any) -> None:
    for path in archive.settings.sound_keys.glob("*.key"):
        path.unlink()


def _leave_one_out(_archive: Backends, place: Any) -> None:
    originals = sorted(Path(place.folder).rglob("recordings/*/original"))
    for path in originals[:1]:
        path.unlink()


def _cut_an_original(archive: Backends) -> None:
    """Something is written over an original, as a stage that works in place would."""
    with archive.database.read() as session:
        first = session.scalars(select(Recording.id).order_by(Recording.id)).first()
    if first and archive.store.exists(key := sound.original_key(first)):
        archive.store.put_bytes(key, archive.store.get_bytes(key)[:-1])


BREAKS: dict[str, Callable[[], None]] = {
    "withdrawing does nothing": _withdrawing_does_nothing,
    "the database is not told of a withdrawal": _the_database_is_not_told,
    "the file is not told of a withdrawal": _the_file_is_not_told,
    "nothing is carried out": _nothing_is_carried_out,
    **{f"a purge leaves out its step {name}": partial(_step_does_nothing, name) for name in ("keys", "blobs", "rows")},
    "a start clears what the database does not know": partial(_after, serving, "make_ready", _clear_what_is_unknown),
    "a start writes over an original": partial(_after, serving, "make_ready", _cut_an_original),
    "sealing loses the keys": partial(_after, sealing, "seal", _lose_the_keys),
    "a backup leaves an original out": partial(_after, backup, "write", _leave_one_out),
}
IN_THE_SITE = "the site does not read the file of withdrawals"
"""It is broken where the site answers, in the process that tests."""


def told_by(history: Callable[[], History], steps: int) -> str:
    """What a history says of a broken archive: why it failed, or nothing where it saw nothing."""
    one = history()
    try:
        with pytest.MonkeyPatch.context() as patch:
            if one.broken == IN_THE_SITE:
                patch.setattr(InForce, "closed", lambda _self: frozenset())
            for _ in range(steps):
                one.step()
            one.end()
    except AssertionError as error:
        return str(error).strip() or str(traceback.extract_tb(error.__traceback__)[-1].line)
    finally:
        one.close()
    return ""
