"""Which recording of a member may stand in for a narrator's voice, once a steward has listened to it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from archive.models import Recording, Revoicing


def stand_in(session: Session, testimony_id: str) -> str | None:
    """The recording that may stand in for this narrator's voice, or None."""
    return stand_ins(session, [testimony_id]).get(testimony_id)


def stand_ins(session: Session, testimony_ids: Collection[str]) -> dict[str, str]:
    """Testimony id -> the recording that may stand in for its narrator's voice, where there is one."""
    if not testimony_ids:
        return {}
    heard = and_(Revoicing.testimony_id.in_(testimony_ids), Revoicing.heard_at.is_not(None))
    ready = select(Revoicing.testimony_id, Recording.id).join(Recording, Revoicing.recording_id == Recording.id)
    rows = session.execute(ready.where(heard, Recording.listening_key != ""))
    return {row[0]: row[1] for row in rows}
