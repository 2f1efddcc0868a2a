"""Re-voicings: which member's reading stands in for a narrator's voice, and who has listened to it.

It is for the gate to say who is given it (`disguised_sound`); here it is kept, judged and taken out again. A reading
that nobody has listened to is given to nobody but the stewards, and every change of the marks asks for a new hearing:
what was marked since may have been read aloud.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Recording, Revoicing, StageRun, Testimony, now
from archive.originals import discarding


class ReadingNotReady(ArchiveError, ValueError):
    """There is nothing to listen to yet."""


def reading_of(session: Session, testimony_id: str) -> Revoicing | None:
    """The reading that stands in for a testimony's sound, heard or not."""
    return session.scalars(select(Revoicing).where(Revoicing.testimony_id == testimony_id)).one_or_none()


def put(
    session: Session,
    testimony_id: str,
    recording: Recording,
    reader_id: str | None,
    by_id: str | None,
    *,
    version_id: str | None = None,
) -> Revoicing:
    """Let a recording stand in, in the place of an earlier one, whose rows go.

    Args:
        version_id: the transcript version whose text was read, where one was.

    Raises:
        Unknown: there is no such testimony, or it was withdrawn.
    """
    testimony = session.get(Testimony, testimony_id)
    if testimony is None or testimony.withdrawn_at is not None:
        raise Unknown("There is no such testimony.")
    take_out(session, testimony_id, by_id)
    made = Revoicing(
        testimony_id=testimony_id,
        recording_id=recording.id,
        version_id=version_id,
        reader_id=reader_id,
        added_by_id=by_id,
    )
    session.add(made)
    session.flush()
    audit.note(session, by_id, "revoicing.added", f"testimony:{testimony_id}", {"recording": recording.id})
    return made


def hear(session: Session, testimony_id: str, by_id: str) -> Revoicing:
    """A steward says that they listened to it from beginning to end, and that it may stand in.

    Raises:
        NotReady: see there.
    """
    found = reading_of(session, testimony_id)
    if found is None or not found.recording.listening_key:
        raise ReadingNotReady(Message("The sound has not been made yet."))
    found.heard_by_id, found.heard_at = by_id, now()
    session.flush()
    audit.note(session, by_id, "revoicing.heard", f"testimony:{testimony_id}", {"recording": found.recording_id})
    return found


def take_out(session: Session, testimony_id: str, by_id: str | None) -> str | None:
    """Let nothing stand in any more.

    Returns:
        The id of the recording whose sound is to be removed, since nothing in the database names it any more; None
        where there was none.
    """
    found = reading_of(session, testimony_id)
    if found is None:
        return None
    recording = found.recording
    session.delete(found)
    session.flush()
    for run in session.scalars(select(StageRun).where(StageRun.recording_id == recording.id)):
        session.delete(run)
    session.flush()
    session.delete(recording)
    discarding.discard(session, recording.id)
    session.flush()
    audit.note(session, by_id, "revoicing.removed", f"testimony:{testimony_id}", {"recording": recording.id})
    return recording.id
