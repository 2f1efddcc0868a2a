"""Who works on what: claims with leases, kept in the stage rows.

A claim is taken under a lock on the recording's row, and a heartbeat renews it. A worker that was killed stops
renewing, and after `LEASE` anybody may go on from the last stage that was done; on the same machine at once, because
there it can be seen that the process is gone.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive import in_force
from archive.db import Database
from archive.models import Recording, StageRun, Testimony, now
from ingest.stages.contract import Stage, Stopped, Work

LEASE = timedelta(seconds=90)
BEAT_SECONDS = 1.0
MAX_ATTEMPTS = 4

HOST = socket.gethostname()


def worker_name() -> str:
    """This thread of this process on this machine."""
    return f"{HOST}/{os.getpid()}/{threading.get_ident()}"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one stage on one recording; it takes the work from `begins` to `ends`, 0 to 1."""

    stage: Stage
    begins: float
    ends: float
    work: Work
    worker: str


class TooManyAttempts(RuntimeError):
    """A stage was begun several times and never came to an end, not even to an error."""


def claim(database: Database, stages: Sequence[Stage], recording_id: str) -> Claim | None:
    """Claim the recording's next stage; None when there is none, or when somebody else is at it.

    Raises:
        TooManyAttempts: the next stage has taken its worker down `MAX_ATTEMPTS` times.
    """
    worker = worker_name()
    with database.write() as session:
        recording = session.get(Recording, recording_id, with_for_update=True)
        if recording is None or recording.state in {"cancelled", "failed"} or _withdrawn(session, recording_id):
            return None
        todo = [stage for stage in stages if recording.kind in stage.KINDS]
        runs = _runs(session, recording_id)
        if any(run.state == "running" and _alive(run, worker) for run in runs.values()):
            return None
        number = next((i for i, stage in enumerate(todo) if not _done(runs.get(stage.NAME), stage)), None)
        if number is None:
            return None
        stage = todo[number]
        run = runs.get(stage.NAME) or StageRun(recording_id=recording_id, stage=stage.NAME, attempts=0)
        if run.attempts >= MAX_ATTEMPTS:
            raise TooManyAttempts(stage.NAME)
        _forget(session, recording_id, [later.NAME for later in todo[number + 1 :]])
        run.version, run.state, run.progress, run.worker = stage.VERSION, "running", 0.0, worker
        run.attempts += 1
        run.started_at, run.finished_at, run.lease_until = now(), None, now() + LEASE
        session.add(run)
        recording.state = "working"
        shares = [each.SHARE for each in todo]
        begins, ends = (sum(shares[:end]) / sum(shares) for end in (number, number + 1))
        return Claim(stage, begins, ends, work_of(session, recording), worker)


def under_way(database: Database, recording_id: str) -> bool:
    """Whether another worker is at this recording, and alive."""
    with database.read() as session:
        runs = _runs(session, recording_id).values()
        return any(run.state == "running" and _alive(run, worker_name()) for run in runs)


def _runs(session: Session, recording_id: str) -> dict[str, StageRun]:
    query = select(StageRun).where(StageRun.recording_id == recording_id)
    return {run.stage: run for run in session.scalars(query)}


def _done(run: StageRun | None, stage: Stage) -> bool:
    return run is not None and run.state == "done" and run.version == stage.VERSION


def _forget(session: Session, recording_id: str, names: list[str]) -> None:
    """What comes after a stage that is run again has to be run again too."""
    session.execute(delete(StageRun).where(StageRun.recording_id == recording_id, StageRun.stage.in_(names)))


def _alive(run: StageRun, worker: str) -> bool:
    if run.lease_until is None or run.lease_until < now():
        return False
    host, _, rest = run.worker.partition("/")
    if host != HOST or run.worker == worker:
        return run.worker != worker
    process = int(rest.partition("/")[0])
    if process == os.getpid():
        return any(str(thread.ident) == rest.partition("/")[2] for thread in threading.enumerate())
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def work_of(session: Session, recording: Recording) -> Work:
    """The recording as a stage is given it."""
    testimony = session.scalars(select(Testimony).where(Testimony.recording_id == recording.id)).one_or_none()
    return Work(
        recording_id=recording.id,
        kind=recording.kind,
        testimony_id=testimony.id if testimony else None,
        sha256=recording.sha256,
        original_key=recording.original_key,
        listening_key=recording.listening_key,
        language=recording.language,
        duration_ms=recording.duration_ms or 0,
        salvaged=recording.salvaged,
    )


def confirm(session: Session, held: Claim) -> tuple[Recording, StageRun]:
    """Lock the recording and its run for writing results.

    Raises:
        Stopped: the recording is gone or cancelled, its testimony was withdrawn, or the claim is another's.
    """
    recording = session.get(Recording, held.work.recording_id, with_for_update=True)
    if recording is None or recording.state == "cancelled":
        raise Stopped
    run = session.get(StageRun, (held.work.recording_id, held.stage.NAME))
    if run is None or run.worker != held.worker or run.state != "running":
        raise Stopped
    if held.work.testimony_id is not None:
        testimony = session.get(Testimony, held.work.testimony_id)
        if testimony is None or testimony.withdrawn_at is not None or in_force.closes(session, testimony.id):
            raise Stopped
    return recording, run


def wanted(database: Database, held: Claim) -> bool:
    """Whether the work is still to be done, as `confirm` sees it."""
    try:
        with database.write() as session:
            confirm(session, held)
    except Stopped:
        return False
    return True


def _withdrawn(session: Session, recording_id: str) -> bool:
    query = select(Testimony).where(Testimony.recording_id == recording_id)
    rows = session.scalars(query)
    return any(one.withdrawn_at is not None or in_force.closes(session, one.id) for one in rows)


class Heartbeat:
    """Renews a claim and writes its progress, about once a second, until the work is no longer wanted."""

    def __init__(self, database: Database, held: Claim) -> None:
        self._database = database
        self._claim = held
        self._fraction = 0.0
        self._over = threading.Event()
        self._stopped = threading.Event()

    def progress(self, fraction: float) -> None:
        """Note how far the work is. Raises Stopped when it is no longer wanted."""
        if self._stopped.is_set():
            raise Stopped
        self._fraction = min(max(fraction, 0.0), 1.0)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                with self._database.write() as session:
                    _, run = confirm(session, self._claim)
                    run.progress, run.lease_until = self._fraction, now() + LEASE
            except Stopped:
                self._stopped.set()
                return

    @contextmanager
    def beating(self) -> Iterator[Heartbeat]:
        thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()
