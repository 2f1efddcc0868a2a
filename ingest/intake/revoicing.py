"""A member's reading comes in: through the same intake and the same first stages as every recording, and then it waits.

It is looked at, kept byte for byte and made into a listening file as any sound is; nobody transcribes or indexes it,
since its words are the testimony's. Until a steward has listened to it, it stands in for nothing.
"""

from __future__ import annotations

from pathlib import Path

from archive.backends import Backends
from archive.consent import revoicing
from archive.models import Recording, new_id
from archive.originals import discarding
from archive.transcripts.readable_text import text_to_read
from archive.withdrawal import purge
from ingest.intake.arriving import arriving
from ingest.intake.submit import digest_and_size
from media.sniff import demuxer_of


def submit_reading(backends: Backends, testimony_id: str, path: Path, reader_id: str | None, by_id: str | None) -> str:
    """Take a reading in, in the place of an earlier one.

    Returns:
        The id of the recording, which waits for its stages.

    Raises:
        media.refused.Refused: it can be seen at once that this is no recording.
        archive.access.gate.Unknown: there is no such testimony.
    """
    demuxer_of(path)
    digest, size = digest_and_size(path)
    recording_id = new_id()
    with arriving(backends, recording_id, path), backends.database.write() as session:
        recording = Recording(
            id=recording_id, kind="revoiced", sha256=digest, size=size, submitted_by_id=by_id, original_name=""
        )
        session.add(recording)
        session.flush()
        before = revoicing.reading_of(session, testimony_id)
        earlier = before.recording_id if before else None
        read = text_to_read(session, testimony_id)
        version_id = read[0].id if read else None
        revoicing.put(session, testimony_id, recording, reader_id, by_id, version_id=version_id)
        discarding.kept(session, recording_id)
    if earlier is not None:
        purge.sweep(backends, earlier)
    backends.queue.enqueue(recording_id)
    return recording_id


def take_out(backends: Backends, testimony_id: str, by_id: str | None) -> bool:
    """Let nothing stand in for a testimony any more, and remove the reading; False where there was none."""
    with backends.database.write() as session:
        recording_id = revoicing.take_out(session, testimony_id, by_id)
    if recording_id is None:
        return False
    purge.sweep(backends, recording_id)
    return True
