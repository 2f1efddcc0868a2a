"""A recording written down again by another model, beside the versions there are: those stay as they were.

What it has heard so far outlives a kill in the same place as a first transcription's, and is forgotten with it when the
testimony is taken back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.models import Recording, Testimony, TypedTranscript
from archive.retrieval import indexing
from archive.transcripts import imported, transcript_versions
from ingest.engines import memory
from ingest.jobs.claims import work_of
from ingest.jobs.pipeline import told
from ingest.recognition.stored_checkpoints import forget
from ingest.stages import transcribe
from ingest.stages.contract import Stopped

_TELL_SECONDS = 0.7
_BEAT_SECONDS = 30.0

log = logging.getLogger(__name__)


def run(backends: Backends, asked_id: str) -> None:
    """Hear the recording by the model that was asked for, which was claimed before, and keep what it wrote."""
    with backends.database.read() as session:
        asked = session.get_one(TypedTranscript, asked_id)
        engine, model, testimony_id = asked.engine, asked.model, asked.testimony_id
        work = work_of(session, session.get_one(Recording, session.get_one(Testimony, testimony_id).recording_id))
    share = 0.0

    @contextmanager
    def writing() -> Iterator[Session]:
        with backends.database.write() as session:
            if not imported.further(session, asked_id, share):
                raise Stopped
            yield session

    tell = teller(backends, asked_id)

    def progress(done: float) -> None:
        nonlocal share
        share = min(done, 0.99)
        tell(done)

    try:
        with _alive(backends, asked_id, lambda: share):
            heard = transcribe.hear(backends, work, engine, model, writing, progress)
        language = heard.language or work.language or "und"
        made_by = (heard.engine, heard.model, heard.version)
        with writing() as session:
            forget(session, work.recording_id)
            verdict = transcribe.verdict_of(heard)
            version = transcript_versions.add_version(
                session, testimony_id, language, heard.utterances, stage="machine", engine=made_by, verdict=verdict
            )
            row = session.get_one(TypedTranscript, asked_id)
            row.state, row.progress, row.lease_until, row.version_id = "done", 1.0, None, version.id
    except Stopped:
        return
    except Exception as error:
        log.warning("a recording could not be written down again (%s)", type(error).__name__)
        fail(backends, asked_id, error)
        return
    finally:
        memory.give_back()
    indexing.index_testimony(backends.database, backends.index, testimony_id)


@contextmanager
def _alive(backends: Backends, asked_id: str, share: Callable[[], float]) -> Iterator[None]:
    """Renew the claim while a large model is made ready, which can take longer than a claim holds."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_SECONDS):
            with backends.database.write() as session:
                if not imported.further(session, asked_id, share()):
                    return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def teller(backends: Backends, asked_id: str) -> Callable[[float], None]:
    """Writes down how far the work is, now and then; raises Stopped when it is not wanted any longer."""
    before = float("-inf")

    def tell(share: float) -> None:
        nonlocal before
        if time.monotonic() - before < _TELL_SECONDS:
            return
        before = time.monotonic()
        with backends.database.write() as session:
            if not imported.further(session, asked_id, min(share, 0.99)):
                raise Stopped

    return tell


def fail(backends: Backends, asked_id: str, error: Exception) -> None:
    """Say in a sentence why it did not work."""
    with backends.database.write() as session:
        row = session.get(TypedTranscript, asked_id)
        if row is not None:
            row.state, row.lease_until = "failed", None
            row.reason = told(error).kept()
