"""A recording is listened to until its end by somebody of the band before its narrator's voice leaves the band.

Nobody else knows who is named in it: a machine's draft misses names, and a narrator's yes speaks for her alone. It is
said once for a recording, together with approving its words or by itself, and can be taken back: then the gate closes
at the next request, and what left in between is counted for whoever took it back.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.consent import releases
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Testimony, now


class NothingToHear(ArchiveError, ValueError):
    """The recording has no sound that can be listened to yet."""


def hear(session: Session, testimony_id: str, by_id: str | None) -> Testimony:
    """Somebody says that they have listened to the recording from beginning to end.

    Raises:
        Unknown: there is no such testimony.
        NothingToHear: see there.
    """
    testimony = _testimony(session, testimony_id)
    if not testimony.recording.listening_key:
        raise NothingToHear(Message("The sound has not been made yet."))
    if testimony.heard_through_at is None:
        testimony.heard_through_at, testimony.heard_through_by_id = now(), by_id
        session.flush()
        audit.note(session, by_id, "sound.heard-through", f"testimony:{testimony_id}")
    return testimony


def take_back(session: Session, testimony_id: str, by_id: str | None) -> int:
    """Nobody has listened after all: the voice is the band's alone again, from the next request on.

    Returns:
        How often something of the testimony has left the archive since it was said; that cannot be called back.

    Raises:
        Unknown: there is no such testimony.
    """
    testimony = _testimony(session, testimony_id)
    if testimony.heard_through_at is None:
        return 0
    since = testimony.heard_through_at
    gone = sum(one.at >= since for one in releases.releases_of(session, testimony_id))
    testimony.heard_through_at, testimony.heard_through_by_id = None, None
    session.flush()
    audit.note(session, by_id, "sound.heard-through-taken-back", f"testimony:{testimony_id}", {"left since": gone})
    return gone


def _testimony(session: Session, testimony_id: str) -> Testimony:
    found = session.get(Testimony, testimony_id)
    if found is None or found.withdrawn_at is not None:
        raise Unknown("There is no such testimony.")
    return found
