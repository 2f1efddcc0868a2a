"""Re-voicings: which member's reading stands in for a narrator's voice, and who has listened to it.

It is for the gate to say who is given it (`disguised_sound`); here it is kept, judged and taken out again. A reading
that nobody has listened to is given to nobody but the stewards, and every change of the marks asks for a new hearing:
what was marked since may have been read aloud.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import Recording, Revoicing, StageRun, Testimony, TranscriptVersion, now
from archive.services import audit
from archive.services.access import Unknown
from archive.services.custody import discarding
from archive.services.narrators import redaction
from archive.services.transcribing import transcripts


class NotReady(ValueError):
    """There is nothing to listen to yet."""


def of(session: Session, testimony_id: str) -> Revoicing | None:
    """The reading that stands in for a testimony's sound, heard or not."""
    return session.scalars(select(Revoicing).where(Revoicing.testimony_id == testimony_id)).one_or_none()


def text_to_read(session: Session, testimony_id: str) -> tuple[TranscriptVersion, tuple[str, ...]] | None:
    """What a member reads aloud: the approved text without anything marked; None while nothing is approved."""
    version = transcripts.current(session, testimony_id, approved_only=True)
    if version is None:
        return None
    said = (one.text.replace(redaction.TAKEN_OUT, "").strip() for one in redaction.redacted_segments(session, version))
    return version, tuple(text for text in said if text)


def put(
    session: Session, testimony_id: str, recording: Recording, reader_id: str | None, by_id: str | None
) -> Revoicing:
    """Let a recording stand in, in the place of an earlier one, whose rows go.

    Raises:
        Unknown: there is no such testimony, or it was withdrawn.
    """
    testimony = session.get(Testimony, testimony_id)
    if testimony is None or testimony.withdrawn_at is not None:
        raise Unknown("There is no such testimony.")
    take_out(session, testimony_id, by_id)
    read = text_to_read(session, testimony_id)
    made = Revoicing(
        testimony_id=testimony_id,
        recording_id=recording.id,
        version_id=read[0].id if read else None,
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
    found = of(session, testimony_id)
    if found is None or not found.recording.listening_key:
        raise NotReady("The reading has not been made ready to listen to yet.")
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
    found = of(session, testimony_id)
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
