"""What was tapped while a narrator spoke: proposals that a person of the band takes up or puts away."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue.index_points import PointEntry, set_point
from archive.ledgers import audit
from archive.models import IndexPoint, TappedMoment


def taps_of(session: Session, testimony_id: str) -> list[TappedMoment]:
    """The taps of a testimony that nobody has decided about, in the order of the recording."""
    query = select(TappedMoment).where(TappedMoment.testimony_id == testimony_id)
    return list(session.scalars(query.order_by(TappedMoment.start_ms, TappedMoment.id)))


def take_up(session: Session, testimony_id: str, tap_id: str, title: str, language: str, by_id: str) -> IndexPoint:
    """Make an index point of a tap, under a title. Raises Unknown, NotAPoint."""
    tap = tap_of(session, testimony_id, tap_id)
    made = set_point(session, testimony_id, PointEntry(tap.start_ms, {f"title_{language}": title}), by_id)
    session.delete(tap)
    session.flush()
    return made


def put_away(session: Session, testimony_id: str, tap_id: str, by_id: str) -> None:
    """Nothing is made of a tap. Raises Unknown."""
    tap = tap_of(session, testimony_id, tap_id)
    audit.note(session, by_id, "tap.put-away", f"testimony:{testimony_id}", {"kind": tap.kind})
    session.delete(tap)
    session.flush()


def tap_of(session: Session, testimony_id: str, tap_id: str, kind: str = "") -> TappedMoment:
    """One tap of a testimony, of a kind where that is said. Raises Unknown."""
    found = session.get(TappedMoment, tap_id)
    if found is None or found.testimony_id != testimony_id or (kind and found.kind != kind):
        raise Unknown("There is no such tap.")
    return found
