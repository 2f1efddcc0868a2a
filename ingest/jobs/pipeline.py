"""The way of one recording, from the file that came in to a testimony that can be found.

The runner owns the order, the skipping of what is done, the transaction, retries and progress; a stage owns its work.
Kill the process at any point, run again, and the catalogue ends the same.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive import troubles
from archive.backends import Backends
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.ledgers import audit
from archive.models import Recording, StageRun, TranscriptVersion, now
from archive.withdrawal import purge
from ingest.engines import memory
from ingest.intake.discard import discard
from ingest.jobs import scratch
from ingest.jobs.claims import MAX_ATTEMPTS, Claim, Heartbeat, TooManyAttempts, claim, confirm, wanted
from ingest.recognition import stored_checkpoints
from ingest.stages import align, derive, index, link, probe, receive, redact, step, tag, transcribe
from ingest.stages.contract import Nobody, Stage, Stopped, Tools, Watcher, Work
from media.refused import Refused, Truncated

STAGES: tuple[Stage, ...] = (receive, probe, derive, step, align, transcribe, tag, link, index, redact)

log = logging.getLogger(__name__)


class StageFailed(ArchiveError, RuntimeError):
    """A stage could not do its work; the sentence says which and why, and the recording waits for a person.

    What went wrong is its cause; whoever catches it keeps that for a developer where it is `unexpected`.
    """

    @property
    def unexpected(self) -> BaseException | None:
        """What should not have happened; None where the sentence says it all."""
        cause = self.__cause__
        return None if cause is None or troubles.told(cause) else cause


def run(
    backends: Backends, recording_id: str, *, watcher: Watcher | None = None, stages: Sequence[Stage] = STAGES
) -> bool:
    """Take one recording through every stage that is not done yet.

    Returns:
        Whether anything was done: nothing is, when all is done or when another worker is at it.

    Raises:
        Refused: the file is not a recording the archive takes; nothing of it is left.
        StageFailed: a stage failed; what was done before it stays, and `retry` goes on from there.
    """
    try:
        done = _run_stages(backends, recording_id, watcher or Nobody(), stages)
    finally:
        memory.give_back()
    _clear_up(backends, recording_id, stages)
    return done


def _run_stages(backends: Backends, recording_id: str, watcher: Watcher, stages: Sequence[Stage]) -> bool:
    begun = False
    while True:
        try:
            held = claim(backends.database, stages, recording_id)
        except TooManyAttempts as error:
            raise _fail(
                backends,
                recording_id,
                str(error),
                FilledMessage(Message("It was begun {n} times without an end."), {"n": MAX_ATTEMPTS}),
            ) from None
        if held is None:
            break
        begun = True
        watcher.stage(held.stage.NAME, held.begins, held.ends)
        try:
            _run_stage(backends, held, watcher)
        except Stopped:
            log.info("stage %s of %s is no longer wanted", held.stage.NAME, recording_id)
            purge.sweep(backends, recording_id)
            break
    return begun


def _run_stage(backends: Backends, held: Claim, watcher: Watcher) -> None:
    heart = Heartbeat(backends.database, held)

    def progress(fraction: float) -> None:
        heart.progress(fraction)
        watcher.progress(fraction)

    @contextmanager
    def writing() -> Iterator[Session]:
        with backends.database.write() as session:
            confirm(session, held)
            yield session

    try:
        with heart.beating(), scratch.folder(backends, held.work.recording_id) as folder:
            outcome = held.stage.run(held.work, Tools(backends, folder, progress, writing))
            if outcome.after is not None:
                with backends.database.write() as session:
                    confirm(session, held)
                    outcome.save(session)
                outcome.after()
        with backends.database.write() as session:
            _, stage_run = confirm(session, held)
            if outcome.after is None:
                outcome.save(session)
            stage_run.state, stage_run.progress, stage_run.attempts = "done", 1.0, 0
            stage_run.finished_at, stage_run.lease_until = now(), None
            stage_run.tool, stage_run.outcome = outcome.tool, outcome.note
    except Stopped:
        raise
    except Refused as error:
        if not wanted(backends.database, held):
            raise Stopped from None
        if _was_taken_in(backends, held.work):
            # Whatever the matter is now, it was a recording once, and may be the only copy: a person has to look.
            raise _fail(backends, held.work.recording_id, held.stage.NAME, error.sentence) from error
        if isinstance(error, Truncated) and _offered(backends, held.work, error):
            raise _fail(backends, held.work.recording_id, held.stage.NAME, error.sentence) from error
        discard(backends, held.work.recording_id, error)
        raise
    except Exception as error:
        if not wanted(backends.database, held):
            # Its files may have been taken away under it; what it stumbled over says nothing to anybody.
            raise Stopped from None
        raise _fail(backends, held.work.recording_id, held.stage.NAME, told(error)) from error
    watcher.progress(1.0)


def _offered(backends: Backends, work: Work, error: Truncated) -> bool:
    """Whether what can be read of a cut-off recording is offered to whoever brought it on the site, and noted so.

    Who brings a file on the command line has it still, and says beforehand that it may end early.
    """
    if work.testimony_id is None:
        return False
    with backends.database.write() as session:
        recording = session.get(Recording, work.recording_id, with_for_update=True)
        if recording is None or recording.submitted_by_id is None or not error.kept_ms:
            return False
        recording.duration_ms, recording.missing_ms = error.kept_ms, error.missing_ms
        return True


def salvage(backends: Backends, recording_id: str, by_id: str | None) -> bool:
    """Take in what can be read of a recording that was cut off. False where there is nothing to choose."""
    with backends.database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        if recording is None or recording.state != "failed" or recording.missing_ms is None or recording.salvaged:
            return False
        recording.salvaged = True
        detail: dict[str, object] = {"missing_ms": recording.missing_ms}
        audit.note(session, by_id, "recording.salvaged", f"recording:{recording_id}", detail)
    return retry(backends, recording_id)


def _was_taken_in(backends: Backends, work: Work) -> bool:
    """Whether its sound was made ready to hear, or its words were written down, at any time before."""
    if work.listening_key:
        return True
    with backends.database.read() as session:
        written = select(TranscriptVersion.id).where(TranscriptVersion.testimony_id == work.testimony_id).limit(1)
        return session.scalar(written) is not None


def told(error: Exception) -> FilledMessage:
    """An error of ours is written for people; of anybody else's only the name is safe to show."""
    return troubles.told(error) or FilledMessage(Message(type(error).__name__))


def _fail(backends: Backends, recording_id: str, stage: str, why: FilledMessage) -> StageFailed:
    with backends.database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        stage_run = session.get(StageRun, (recording_id, stage))
        if recording is not None and stage_run is not None:
            recording.state, recording.reason = "failed", f"{stage}: {why.kept()}"
            stage_run.state, stage_run.finished_at, stage_run.lease_until = "failed", now(), None
            stage_run.outcome = str(why)
    return StageFailed(Message("The stage “{stage}” failed: {why}"), stage=stage, why=why)


def _clear_up(backends: Backends, recording_id: str, stages: Sequence[Stage]) -> None:
    """When every stage is done, say so and drop the work folder; leave both alone while somebody is at it."""
    with backends.database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        if recording is not None:
            query = select(StageRun.stage).where(StageRun.recording_id == recording_id, StageRun.state == "done")
            done = set(session.scalars(query))
            if not {stage.NAME for stage in stages if recording.kind in stage.KINDS} <= done:
                if recording.state != "cancelled":
                    return
            elif recording.state == "working":
                recording.state = "needs-a-person" if recording.reason else "ready"
    shutil.rmtree(scratch.work_folder(backends, recording_id), ignore_errors=True)


def cancel(backends: Backends, recording_id: str) -> bool:
    """Stop the work; what is done stays, what is half done goes. False when there was nothing to stop."""
    with backends.database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        if recording is None or recording.state not in {"waiting", "working"}:
            return False
        recording.state = "cancelled"
        session.execute(
            delete(StageRun).where(StageRun.recording_id == recording_id, StageRun.state.in_(("waiting", "running")))
        )
        stored_checkpoints.forget(session, recording_id)
        return True


def retry(backends: Backends, recording_id: str) -> bool:
    """Let a failed or cancelled recording go on from its last stage that is done. False when it was neither."""
    with backends.database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        if recording is None or recording.state not in {"failed", "cancelled"}:
            return False
        recording.state, recording.reason = "waiting", ""
        session.execute(delete(StageRun).where(StageRun.recording_id == recording_id, StageRun.state != "done"))
    backends.queue.enqueue(recording_id)
    return True


def unfinished(backends: Backends) -> list[str]:
    """Recordings that still want work, the oldest first, whether or not a queue remembers them."""
    with backends.database.read() as session:
        query = select(Recording.id).where(Recording.state.in_(("waiting", "working"))).order_by(Recording.created_at)
        return list(session.scalars(query))
