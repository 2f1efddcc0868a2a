"""Taking back a recording that was refused: its rows, its sound and its work folder, as if it had never come."""

from __future__ import annotations

import shutil

from sqlalchemy import delete, select

from archive.backends import Backends
from archive.catalogue import incoming
from archive.ledgers import audit
from archive.models import Arrangement, Narrator, Permission, Recording, Revoicing, StageRun, Testimony
from archive.originals import discarding
from ingest.stages.taken_back import TakenBack
from media.refused import Refused


def discard(backends: Backends, recording_id: str, refused: Refused) -> None:
    """Remove everything of a recording; only the audit log keeps that something was refused, and why.

    Can be repeated; the bytes go before the rows, so that a killed process leaves a row to find and try again.
    """
    for key in [*backends.store.keys(f"recordings/{recording_id}/"), f"quarantine/{recording_id}"]:
        backends.store.delete(key)
    shutil.rmtree(backends.settings.data / "work" / recording_id, ignore_errors=True)
    with backends.database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        if recording is None:
            return
        testimonies = list(session.scalars(select(Testimony).where(Testimony.recording_id == recording_id)))
        for testimony in testimonies:
            session.execute(delete(Permission).where(Permission.testimony_id == testimony.id))
            session.delete(testimony)
            session.flush()
            others = select(Testimony.id).where(Testimony.narrator_id == testimony.narrator_id)
            if session.scalar(others.limit(1)) is None:
                session.execute(delete(Narrator).where(Narrator.id == testimony.narrator_id))
        session.execute(delete(Revoicing).where(Revoicing.recording_id == recording_id))
        session.execute(delete(StageRun).where(StageRun.recording_id == recording_id))
        session.execute(delete(Arrangement).where(Arrangement.recording_id == recording_id))
        session.flush()
        actor, name = recording.submitted_by_id, recording.original_name
        session.delete(recording)
        discarding.discard(session, recording_id)
        kind = type(refused).__name__
        said = {"reason": str(refused), "kind": kind, "sentence": refused.sentence.as_json()}
        audit.note(session, actor, "recording.refused", "", said)
        shown = "" if isinstance(refused, TakenBack) else name
        incoming.note_refused(session, actor, shown, kind, refused.sentence.kept())
