"""A recording is finished beside workers: by this process, or by them while this one looks on.

Where the queue is on one machine, this process does the work itself, and waits only for what a worker of the site was
quicker to take. Where it is elsewhere, workers do it all; a machine that only brings recordings in loads no model.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select

from archive.backends import Backends
from archive.models import Recording, StageRun
from ingest.jobs import claims, pipeline
from ingest.stages.contract import Watcher

LOOK_S = 0.5
UNTAKEN_S = 15.0
NOBODY = "No worker has taken the recording yet; start one with “messenger worker”. It is kept until then."


def finish(backends: Backends, recording_id: str, watcher: Watcher, complain: Callable[[str], None]) -> None:
    """Return when the recording is finished, or nobody is at it any more.

    Args:
        complain: told once, where workers are elsewhere and none takes it.

    Raises:
        media.refused.Refused: the file is not a recording the archive takes.
        ingest.jobs.pipeline.StageFailed: a stage failed here.
    """
    if backends.settings.queue_url.startswith("inline:"):
        while not pipeline.run(backends, recording_id, watcher=watcher) and claims.under_way(
            backends.database, recording_id
        ):
            time.sleep(LOOK_S)
        return
    began, told = time.monotonic(), False
    while (state := _look(backends, recording_id, watcher)) in {"waiting", "working"}:
        if state == "waiting" and not told and time.monotonic() - began > UNTAKEN_S:
            complain(NOBODY)
            told = True
        time.sleep(LOOK_S)


def _look(backends: Backends, recording_id: str, watcher: Watcher) -> str:
    """The recording's state, its progress told to the watcher; a recording that was refused is gone."""
    with backends.database.read() as session:
        recording = session.get(Recording, recording_id)
        if recording is None:
            return "gone"
        runs = {run.stage: run for run in session.scalars(select(StageRun).filter_by(recording_id=recording_id))}
        todo = [stage for stage in pipeline.STAGES if recording.kind in stage.KINDS]
    whole, before = sum(stage.SHARE for stage in todo), 0
    for stage in todo:
        run = runs.get(stage.NAME)
        if run is not None and run.state == "running":
            watcher.stage(stage.NAME, before / whole, (before + stage.SHARE) / whole)
            watcher.progress(run.progress)
        before += stage.SHARE
    return recording.state
