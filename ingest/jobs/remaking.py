"""What can be made again is made again: which recordings lack sound made of their originals, and asking for it.

A backup need hold only originals. At a start, and when somebody asks, every recording that is ready is looked over, and
what is missing is made by the workers as any other work is. What was withdrawn is never asked for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.backends import Backends
from archive.consent import sealing, vault
from archive.models import Recording, Revoicing, StageRun, Testimony
from ingest.jobs import pipeline
from ingest.stages import derive, remake
from ingest.stages.contract import Watcher
from media.derive import RECIPE

STAGES = (remake,)
_PREFIX = "remake:"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """A recording that lacks something which can be made again; `why_not` says why that has to wait, if it has to."""

    recording_id: str
    keys: tuple[str, ...]
    why_not: str = ""


def missing(backends: Backends) -> list[Missing]:
    """Every recording that is ready, not withdrawn, and lacks its listening file, its peaks or its redacted sound."""
    there = frozenset(backends.store.keys("recordings/"))
    found = []
    with backends.database.read() as session:
        for recording in _ready(session):
            lacks = tuple(key for key in _wanted(session, recording) if key not in there)
            if lacks:
                found.append(Missing(recording.id, lacks, _why_not(backends, recording, there)))
    return found


def older(backends: Backends) -> list[str]:
    """Ids of the recordings whose listening file was made in an earlier way, and whose original can be read now.

    Nothing is wrong with one; only somebody who asks gets them anew, since it takes a while.
    """
    there = frozenset(backends.store.keys("recordings/"))
    with backends.database.read() as session:
        found = [one for one in _ready(session) if one.recipe < RECIPE]
        return [one.id for one in found if not _why_not(backends, one, there)]


def ask(backends: Backends) -> list[Missing]:
    """Ask the workers for everything that is missing and can be made; returns what was found missing."""
    found = missing(backends)
    for one in found:
        if one.why_not:
            log.warning("sound of %s is missing and cannot be made again yet: %s", one.recording_id, one.why_not)
            continue
        _begin_anew(backends, one.recording_id)
        backends.queue.enqueue(_PREFIX + one.recording_id)
    return found


def is_remaking(name: str) -> bool:
    """Whether the queue's word means this kind of work."""
    return name.startswith(_PREFIX)


def run(backends: Backends, name: str, watcher: Watcher | None = None) -> None:
    """Make again what is missing of one recording. Raises as `ingest.jobs.pipeline.run`."""
    pipeline.run(backends, name.removeprefix(_PREFIX), watcher=watcher, stages=STAGES)


def run_now(backends: Backends, recording_id: str, watcher: Watcher | None = None) -> None:
    """The same here and at once, for the command line."""
    _begin_anew(backends, recording_id)
    run(backends, recording_id, watcher)


def _begin_anew(backends: Backends, recording_id: str) -> None:
    with backends.database.write() as session:
        mine = delete(StageRun).where(StageRun.recording_id == recording_id, StageRun.stage == remake.NAME)
        session.execute(mine.where(StageRun.state != "running"))


def _ready(session: Session) -> list[Recording]:
    derived = select(StageRun.recording_id).where(StageRun.stage == derive.NAME, StageRun.state == "done")
    told = select(Testimony.recording_id).where(Testimony.withdrawn_at.is_not(None))
    read = select(Revoicing.recording_id).join(Testimony, Testimony.id == Revoicing.testimony_id)
    query = select(Recording).where(
        Recording.state.in_(("ready", "needs-a-person", "working")),
        Recording.id.in_(derived),
        Recording.id.not_in(told),
        Recording.id.not_in(read.where(Testimony.withdrawn_at.is_not(None))),
    )
    return list(session.scalars(query.order_by(Recording.created_at)))


def _wanted(session: Session, recording: Recording) -> list[str]:
    keys = sound.whole_keys(recording.id)
    wanted = [keys.listening, keys.peaks]
    told = session.scalar(select(Testimony.id).where(Testimony.recording_id == recording.id))
    spans = sound.redacted_spans(session, told) if told else []
    if spans:
        keys = sound.redacted_keys(recording.id, spans)
        wanted += [keys.listening, keys.peaks]
    return wanted


def _why_not(backends: Backends, recording: Recording, there: frozenset[str]) -> str:
    if recording.original_key not in there:
        return "its original is not in the store"
    if sealing.sealed(recording):
        try:
            vault.open_vault(backends.settings)
        except vault.VaultClosed as error:
            return str(error)
    return ""
