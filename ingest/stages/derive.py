"""Derive: the one listening file and its peaks, made once from the original."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.sound import whole_keys
from archive.consent import sealing
from archive.models import Recording, TranscriptVersion
from ingest.stages.contract import StageOutcome, Tools, Work
from media.derive import RECIPE, make_in_time

NAME = "derive"
VERSION = 1
KINDS = frozenset({"testimony", "song", "revoiced"})
SHARE = 8


def run(work: Work, tools: Tools) -> StageOutcome:
    """Make the listening file; what is aligned, drawn and played is this file and no other."""
    store, keys = tools.backends.store, whole_keys(work.recording_id)
    target = tools.folder / "listening.m4a"
    limit = tools.backends.settings.max_duration_ms
    known_ms = _known_ms(tools, work)
    with sealing.open_original(tools.backends, work.recording_id, work.original_key) as path:
        # What ends early was let in by the stage before, at somebody's word.
        made = make_in_time(
            path, target, known_ms, limit_ms=limit, salvage=True, progress=lambda share: tools.progress(share * 0.95)
        )
    store.put_file(keys.listening, target)
    store.put_bytes(keys.peaks, made.peaks.to_json().encode())
    target.unlink()

    def save(session: Session) -> None:
        recording = session.get_one(Recording, work.recording_id)
        recording.listening_key, recording.peaks_key = keys.listening, keys.peaks
        recording.duration_ms, recording.recipe = made.duration_ms, RECIPE

    return StageOutcome(save, "aac", f"{made.duration_ms} ms, {made.channels} channels")


def _known_ms(tools: Tools, work: Work) -> int | None:
    """How long the listening file was that text and marks were set by; None where there is nothing of the kind."""
    with tools.backends.database.read() as session:
        written = select(TranscriptVersion.id).where(TranscriptVersion.testimony_id == work.testimony_id).limit(1)
        told = work.testimony_id is not None and session.scalar(written) is not None
    return work.duration_ms if work.duration_ms and (work.listening_key or told) else None
