"""Derive: the one listening file and its peaks, made once from the original."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.access.sound import whole_keys
from archive.consent import sealing
from archive.models import Recording
from ingest.stages.contract import StageOutcome, Tools, Work
from media.derive import make_listening

NAME = "derive"
VERSION = 1
KINDS = frozenset({"testimony", "song", "revoiced"})
SHARE = 8


def run(work: Work, tools: Tools) -> StageOutcome:
    """Make the listening file; what is aligned, drawn and played is this file and no other."""
    store, keys = tools.backends.store, whole_keys(work.recording_id)
    target = tools.folder / "listening.m4a"
    limit = tools.backends.settings.max_duration_ms
    with sealing.open_original(tools.backends, work.recording_id, work.original_key) as path:
        made = make_listening(path, target, limit_ms=limit, progress=lambda share: tools.progress(share * 0.95))
    store.put_file(keys.listening, target)
    store.put_bytes(keys.peaks, made.peaks.to_json().encode())
    target.unlink()

    def save(session: Session) -> None:
        recording = session.get_one(Recording, work.recording_id)
        recording.listening_key, recording.peaks_key = keys.listening, keys.peaks
        recording.duration_ms = made.duration_ms

    return StageOutcome(save, "aac", f"{made.duration_ms} ms, {made.channels} channels")
