"""Moments of consent; which day one falls on is for `archive.time_zone` to say.

A laptop's clock is not to be trusted. What has ended must not open again because a flat battery put the clock back,
so an end is compared with the latest moment the archive has ever recorded, its *mark*: the time of the newest entry
in either ledger. A start is compared with the clock alone, so that putting it back can only close.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, and_, bindparam, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from archive.models import AuditEntry, ConsentEvent, now
from archive.models.base import UtcDateTime

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)

RIGHT_NOW: BindParameter[datetime] = bindparam("right_now", callable_=now, type_=UtcDateTime)
"""The clock's time when the statement runs, so that a statement may be kept."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The clock's time, and the latest time the archive has recorded, which never goes back."""

    clock: datetime
    mark: datetime

    def within(self, start: datetime | None, end: datetime | None) -> bool:
        """Whether this moment lies in `[start, end)`, with the clock for the start and the mark for the end."""
        return self.started(start) and not self.ended(end)

    def started(self, start: datetime | None) -> bool:
        return start is None or start <= self.clock

    def ended(self, end: datetime | None) -> bool:
        return end is not None and (end <= self.clock or end <= self.mark)


def _newest_event() -> ScalarSelect[datetime]:
    return select(ConsentEvent.at).order_by(ConsentEvent.seq.desc()).limit(1).scalar_subquery()


def _newest_entry() -> ScalarSelect[datetime]:
    return select(AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(1).scalar_subquery()


def moment(session: Session, at: datetime | None = None) -> Moment:
    """The moment to judge by: `at` as the clock's time (now, unless given) and the archive's mark."""
    newest = session.execute(select(_newest_event(), _newest_entry())).one()
    marks = [mark for mark in newest if mark is not None]
    return Moment(clock=at or now(), mark=max(marks, default=_BEFORE_ALL))


def within(
    start: InstrumentedAttribute[datetime | None],
    end: InstrumentedAttribute[datetime | None],
    at: datetime | BindParameter[datetime] | None = None,
) -> ColumnElement[bool]:
    """`Moment.within` as SQL over two columns; without `at`, the moment is that at which the statement runs."""
    clock = RIGHT_NOW if at is None else literal(at, UtcDateTime) if isinstance(at, datetime) else at
    still = [or_(mark.is_(None), end > mark) for mark in (_newest_event(), _newest_entry())]
    return and_(or_(start.is_(None), start <= clock), or_(end.is_(None), and_(end > clock, *still)))
