"""What a narrator's events add up to: the ledger's arithmetic, without a database.

- `grant` adds. It lifts no suspension and undoes no withdrawal.
- `narrow` names what is to remain. What remains is what both it and the grants before it allow: it can only take away.
- `suspend` closes everything until the narrator confirms again.
- `withdraw` ends everything.
- `reconfirm` lifts a suspension; with grants of its own it replaces all earlier ones. After a withdrawal only the
  latter opens anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from archive.access.rule import BY_NAME_ONLY, LEVELS, PURPOSES, Grant, rank
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models.consent import AUDIENCES, FORMS

INSIDE = frozenset({"band", "MB"})  # the audiences of whoever works here
FIELDS = ("form", "audience", "purpose", "start", "end", "level")


class NotAGrant(ArchiveError, ValueError):
    """A grant names something that the ledger does not know, or ends before it starts."""


class Event(Protocol):
    """The part of a consent event that its arithmetic needs."""

    @property
    def kind(self) -> str: ...
    @property
    def grants(self) -> Iterable[Mapping[str, object]]: ...


@dataclass(frozen=True, slots=True)
class EffectiveConsent:
    """What holds after some events; `grants` is empty while suspended or withdrawn."""

    given: tuple[Grant, ...] = ()
    suspended: bool = False
    withdrawn: bool = False

    @property
    def grants(self) -> tuple[Grant, ...]:
        return () if self.suspended or self.withdrawn else self.given


def effective_consent(events: Iterable[Event]) -> EffectiveConsent:
    """What the events of one testimony add up to, in the order of the ledger."""
    now = EffectiveConsent()
    for event in events:
        now = after(now, event.kind, tuple(read(row) for row in event.grants))
    return now


def after(before: EffectiveConsent, kind: str, grants: Iterable[Grant] = ()) -> EffectiveConsent:
    """What holds when one more event is added to `before`."""
    grants = tuple(grants)
    if kind == "withdraw":
        return EffectiveConsent(withdrawn=True)
    if kind == "reconfirm" and grants:
        return EffectiveConsent(tidy(grants))
    if before.withdrawn:
        return before
    if kind == "grant":
        return EffectiveConsent(tidy((*before.given, *grants)), before.suspended)
    if kind == "narrow":
        both = (overlap(mine, theirs) for mine in grants for theirs in before.given)
        return EffectiveConsent(tidy(grant for grant in both if grant), before.suspended)
    return EffectiveConsent(before.given, suspended=kind == "suspend")


def sounds_outside(grants: Iterable[Grant]) -> bool:
    """Whether the narrator's voice may be heard outside the band."""
    return any(grant.form == "original_sound" and grant.audience not in INSIDE for grant in grants)


def overlap(one: Grant, other: Grant) -> Grant | None:
    """What two grants both allow, or None.

    Everyone includes each audience; no purpose includes each purpose but those that a grant must name.
    """
    audience = _shared(one.audience, other.audience, "public")
    purpose = _shared(one.purpose, other.purpose, "")
    if purpose in BY_NAME_ONLY and one.purpose != other.purpose:
        purpose = None
    if one.form != other.form or audience is None or purpose is None:
        return None
    start = max((s for s in (one.start, other.start) if s), default=None)
    end = min((e for e in (one.end, other.end) if e), default=None)
    if start and end and end <= start:
        return None
    level = LEVELS[min(rank(one.level), rank(other.level))] if one.form == "place" else ""
    return Grant(one.form, audience, purpose, start, end, level)


def _shared(one: str, other: str, widest: str) -> str | None:
    if one == other or other == widest:
        return one
    return other if one == widest else None


def covers(wide: Grant, narrow: Grant) -> bool:
    """Whether `wide` allows the same audience everything that `narrow` does.

    A grant to everyone covers no other audience's: the gate reads it more strictly where other people are in the story.
    """
    return wide.audience == narrow.audience and overlap(wide, narrow) == narrow


def tidy(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The same permission in fewer grants and one order: what another grant covers is left out."""
    distinct = sorted(set(grants), key=_order)
    return tuple(grant for grant in distinct if not any(other != grant and covers(other, grant) for other in distinct))


def _order(grant: Grant) -> tuple[int, int, str, str, str, str]:
    row = write(grant)
    times = (str(row["start"] or ""), str(row["end"] or ""))
    return (FORMS.index(grant.form), AUDIENCES.index(grant.audience), grant.purpose, *times, grant.level)


def checked(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants, when every one of them means something; a place without a level is the country.

    Raises:
        NotAGrant: one does not.
    """
    return tuple(read(write(grant)) for grant in grants)


def read(row: Mapping[str, object]) -> Grant:
    """A grant out of its row in an event.

    Raises:
        NotAGrant: it means nothing.
    """
    start, end = _time(row.get("start")), _time(row.get("end"))
    form, audience = str(row.get("form") or ""), str(row.get("audience") or "")
    purpose, level = str(row.get("purpose") or ""), str(row.get("level") or "")
    for value, known, noun in (
        (form, FORMS, "form"),
        (audience, AUDIENCES, "audience"),
        (purpose, PURPOSES, "purpose"),
    ):
        if value not in known and (value or noun != "purpose"):
            raise NotAGrant(Message("“{value}” is nothing that can be granted."), value=value)
    if form == "place":
        level = level or LEVELS[0]
    if level and (form != "place" or level not in LEVELS):
        raise NotAGrant(Message("“{level}” is no exactness of “{form}”."), level=level, form=form)
    if start and end and end <= start:
        raise NotAGrant(Message("The end must come after the beginning."))
    return Grant(form, audience, purpose, start, end, level)


def _time(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise NotAGrant(Message("“{value}” is no moment."), value=value) from None
    if time.tzinfo is None:
        raise NotAGrant(Message("A moment of consent needs its time zone."))
    return time.astimezone(UTC)


def write(grant: Grant) -> dict[str, object]:
    """The grant as its row in an event; times as ISO 8601 in UTC."""
    row: dict[str, object] = {field: getattr(grant, field) for field in FIELDS}
    for field in ("start", "end"):
        value = row[field]
        row[field] = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else None
    return row
