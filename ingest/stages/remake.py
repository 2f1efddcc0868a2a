"""Remake: the listening file, the peaks and the redacted sound again from the original, where they are missing,
or were made in an earlier way.

No step of a recording's way, but work of the same kind: it is claimed, beats, can be killed and begins again. What a
backup left out, or somebody deleted, comes back so; no text is made anew.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.access.sound import whole_keys
from archive.models import Recording
from ingest.stages import derive
from ingest.stages.contract import StageOutcome, Tools, Work
from ingest.stages.redacted_sound import make_redacted
from media.derive import RECIPE
from media.refused import OtherTime

NAME = "remake"
VERSION = 1
KINDS = frozenset({"testimony", "song", "revoiced"})
SHARE = 1


def run(work: Work, tools: Tools) -> StageOutcome:
    """Make what is missing, or was made in an earlier way; what is there otherwise stays as it is."""
    store, keys = tools.backends.store, whole_keys(work.recording_id)
    with tools.backends.database.read() as session:
        older = session.get_one(Recording, work.recording_id).recipe < RECIPE
    there = store.exists(keys.listening) and store.exists(keys.peaks)
    whole = older or not there
    try:
        made = derive.run(work, tools) if whole else None
    except OtherTime:
        if not there:
            raise
        made, whole = None, False  # what its text and marks were set by is worth more than a better sound
    redacted = work.testimony_id is not None and make_redacted(
        tools.backends, work.testimony_id, tools.progress, anew=older
    )

    def save(session: Session) -> None:
        if made is not None:
            made.save(session)
        else:
            recording = session.get_one(Recording, work.recording_id)
            recording.listening_key, recording.peaks_key = keys.listening, keys.peaks
            recording.recipe = RECIPE

    return StageOutcome(save, "aac", "made again" if whole or redacted else "nothing to do")
