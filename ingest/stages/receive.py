"""Receive: the file leaves quarantine as the original, if its bytes are those that were handed in."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from archive.access.sound import original_key, quarantine_key
from archive.language.messages import Message
from archive.models import Recording
from ingest.stages.contract import StageOutcome, Tools, Work
from media.refused import Broken

NAME = "receive"
VERSION = 1
KINDS = frozenset({"testimony", "song", "revoiced"})
SHARE = 1


def run(work: Work, tools: Tools) -> StageOutcome:
    """Keep the original byte for byte under its own key.

    Raises:
        Broken: the stored bytes are not those whose hash was taken when it came in.
    """
    store, waiting, kept = tools.backends.store, quarantine_key(work.recording_id), original_key(work.recording_id)
    source = waiting if store.exists(waiting) else kept
    digest, size, read = hashlib.sha256(), store.size(source), 0
    for piece in store.read(source):
        digest.update(piece)
        read += len(piece)
        tools.progress(read / max(size, 1))
    if digest.hexdigest() != work.sha256:
        raise Broken(Message("The file was damaged on its way into the archive; hand it in again."))
    if source == waiting:
        with store.local_path(waiting) as path:
            store.put_file(kept, path)

    def save(session: Session) -> None:
        recording = session.get_one(Recording, work.recording_id)
        recording.original_key, recording.size = kept, size

    return StageOutcome(save, "sha-256", f"{size} bytes", after=lambda: store.delete(waiting))
