"""Run as a program by `test_interrupted`: takes one recording in and kills itself at a named moment.

    python -m tests.ingest.interrupted RECORDING STAGE MOMENT

MOMENT is `before` the stage begins, `inside` it after its work and before its results are written, or `after`
they are committed. With STAGE `none` it runs to the end and prints the catalogue.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import select

from archive.backends import Backends, open_backends
from archive.catalogue.descriptions import Description
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import Permission, Recording, Segment, StageRun, Tagging, Testimony, TranscriptVersion
from archive.settings import read_settings
from ingest.engines import loader
from ingest.intake.arriving import sweep
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.stages.contract import StageOutcome, Tools, Work
from tests.ingest.fake_recogniser import FakeRecogniser


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def lay_trap(name: str, moment: str) -> None:
    """Make one stage of the pipeline deadly."""
    stage = next(stage for stage in pipeline.STAGES if name == stage.NAME)
    real = stage.run

    def trapped(work: Work, tools: Tools) -> StageOutcome:
        if moment == "before":
            die()
        outcome = real(work, tools)
        if moment == "inside":
            die()
        return StageOutcome(outcome.save, outcome.tool, outcome.note, after=die)

    stage.run = trapped  # type: ignore[method-assign]


def catalogue(backends: Backends) -> dict[str, object]:
    """Everything the pipeline writes, without ids and times of day."""
    with backends.database.read() as session:
        recording = session.scalars(select(Recording)).one()
        known = {"id": recording.id}
        segments = session.scalars(
            select(Segment).join(TranscriptVersion).order_by(TranscriptVersion.number, Segment.position)
        )
        keys = sorted(backends.store.keys())
        return {
            "recording": [recording.state, recording.sha256, recording.duration_ms, recording.container],
            "runs": sorted((run.stage, run.state) for run in session.scalars(select(StageRun))),
            "testimonies": len(session.scalars(select(Testimony.id)).all()),
            "permissions": sorted((p.form, p.audience) for p in session.scalars(select(Permission))),
            "segments": [[s.text, s.start_ms, s.end_ms, s.flags, s.word_rows] for s in segments],
            "tags": sorted((t.term_id, t.matched) for t in session.scalars(select(Tagging))),
            "blobs": {key.replace(known["id"], "ID"): _digest(backends, key) for key in keys},
            "left over": sorted(str(p.name) for p in (backends.settings.data / "work").rglob("*")),
            "found": sorted(group.replace(known["id"], "ID") for group in backends.index.digests().values()) != [],
        }


def _digest(backends: Backends, key: str) -> str:
    return hashlib.sha256(b"".join(backends.store.read(key))).hexdigest()


def main(recording: Path, stage: str, moment: str) -> None:
    loader.load = lambda *_, **__: FakeRecogniser()  # type: ignore[assignment]
    backends = open_backends(read_settings())
    with backends.database.write() as session:
        load_thesaurus(session)
    sweep(backends)
    if stage != "none":
        lay_trap(stage, moment)
    receipt = submit(backends, recording, Description(language="en"))
    pipeline.run(backends, receipt.recording_id)
    json.dump(catalogue(backends), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
