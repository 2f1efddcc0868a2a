"""How many there are of each kind, for the heads of lists: exact in a small archive, kept for a moment in a large one.

Counting asks the gate about every testimony: the one thing of a list that grows with the archive. What is counted past
`SMALL` is therefore kept until something is written into a ledger, and for `KEPT_S` at most, since permissions also
begin and end by the clock alone. A list itself is never kept: what a viewer may no longer have is gone with the next
request, and a count is at most that much behind.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import CompoundSelect, Connection, Engine, Select, func, select
from sqlalchemy.orm import Session

from archive.models import AuditEntry, ConsentEvent

SMALL = 1_000
KEPT_S = 20.0
MOST = (
    256  # counts kept of one database; there are as many as there are lists and viewers who may have different things
)


@dataclass(frozen=True, slots=True)
class _Counted:
    mark: tuple[int | None, int | None]
    at: float
    counts: dict[str, int]


_kept: WeakKeyDictionary[Engine | Connection, dict[Hashable, _Counted]] = WeakKeyDictionary()


def counted(session: Session, what: Hashable, found: Select[str, int] | CompoundSelect[str, int]) -> dict[str, int]:
    """Kind -> how many.

    Args:
        what: names the list and whoever looks at it, as far as that changes what is counted.
        found: rows of a kind and its count.
    """
    bind = session.get_bind()
    mark = session.execute(
        select(select(func.max(AuditEntry.seq)).scalar_subquery(), select(func.max(ConsentEvent.seq)).scalar_subquery())
    ).one()
    here = _kept.setdefault(bind, {})
    kept = here.get(what)
    if kept is not None and kept.mark == tuple(mark) and time.monotonic() - kept.at < KEPT_S:
        return kept.counts
    counts = {row[0]: row[1] for row in session.execute(found)}
    if sum(counts.values()) > SMALL:
        if len(here) >= MOST:
            here.clear()
        here[what] = _Counted((mark[0], mark[1]), time.monotonic(), counts)
    return counts
