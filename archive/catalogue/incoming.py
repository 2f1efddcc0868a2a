"""What was handed in and how far it is: recordings on their way, for the people who work on them.

The stage rows are the truth. A band member sees what the gate lets her know of and what she handed in herself; of
songs' recordings, which have no narrator, those of the songs that she may open, and those that belong to none yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.models import Arrangement, AuditEntry, Recording, Revoicing, StageRun, Testimony, now

REMEMBERED = timedelta(hours=24)
SHOWN = 60
EARLY = 0.04  # a stage that has done less than this cannot yet say how long it takes
UNDER_WAY = frozenset({"waiting", "working"})
_ORDER = {"working": 0, "waiting": 1, "failed": 2, "needs-a-person": 2}


AGAIN = "remake"
"""The stage that makes missing sound again: while it runs, its progress is the recording's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one recording; `left_s` is a guess from how long it took so far, None where there is none."""

    name: str
    state: str
    progress: float
    left_s: int | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A recording that was handed in.

    Attributes:
        state: as in `archive.models.recording.STATES`.
        original_name, duration_ms: empty and None where the viewer may know of the testimony and not hear it.
        reason: why a person is needed, or why it failed.
        progress: over all steps, 0 to 1.
    """

    recording_id: str
    testimony_id: str | None
    title_km: str
    title_en: str
    original_name: str
    state: str
    reason: str
    duration_ms: int | None
    at: datetime
    progress: float
    steps: tuple[Step, ...]

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Something this account handed in that was refused after a closer look; nothing else is left of it.

    Attributes:
        kind: the name of the refusal, for whoever has its sentence in another language.
    """

    reason: str
    kind: str
    at: datetime


def incoming(session: Session, viewer: Viewer, stages: Sequence[tuple[str, Collection[str], int]]) -> list[Incoming]:
    """What is on its way, what waits for a person, and what came lately; each newest first.

    Args:
        stages: every stage in order, with the kinds of recording it works on and about how long it takes.
    """
    rows = session.execute(_known_to(viewer).order_by(Recording.created_at.desc()).limit(SHOWN)).all()
    runs = select(StageRun).where(StageRun.recording_id.in_([row[0].id for row in rows]))
    by_recording: dict[str, dict[str, StageRun]] = {}
    for run in session.scalars(runs):
        by_recording.setdefault(run.recording_id, {})[run.stage] = run
    heard = _heard(session, viewer, [row[1].id for row in rows if row[1] is not None])
    found = [
        _incoming(
            recording,
            testimony,
            by_recording.get(recording.id, {}),
            stages,
            told=testimony is None or testimony.id in heard or recording.submitted_by_id == viewer.account_id,
        )
        for recording, testimony in rows
    ]
    return sorted(found, key=lambda one: _ORDER.get(one.state, len(_ORDER)))


def _heard(session: Session, viewer: Viewer, testimony_ids: Collection[str]) -> frozenset[str]:
    """Those of the testimonies whose sound this viewer may hear: of the others neither length nor file name is told."""
    forms = (Testimony.id.in_(gate.permitted(viewer, form)) for form in ("original_sound", "disguised_sound"))
    return frozenset(session.scalars(select(Testimony.id).where(Testimony.id.in_(list(testimony_ids)), or_(*forms))))


def may_manage(session: Session, viewer: Viewer, recording_id: str) -> bool:
    """Whether this viewer may stop this recording or start it again."""
    return session.execute(_known_to(viewer).where(Recording.id == recording_id)).one_or_none() is not None


def _known_to(viewer: Viewer) -> Select[Recording, Testimony]:
    found = select(Recording, Testimony).outerjoin(Testimony, Testimony.recording_id == Recording.id)
    if not viewer.inside:
        return found.where(Recording.id.is_(None))
    mine = Testimony.withdrawn_at.is_(None) & (Recording.submitted_by_id == viewer.account_id)
    of_closed_songs = select(Arrangement.recording_id).where(Arrangement.song_id.not_in(gate.visible_songs(viewer)))
    sung = (Recording.kind == "song") & Recording.id.not_in(of_closed_songs)
    listed = gate.permitted(viewer, "existence")
    readings = select(Revoicing.recording_id).where(Revoicing.testimony_id.in_(listed))
    return found.where(or_(sung, mine, Recording.id.in_(readings), Testimony.id.in_(listed)))


def _incoming(
    recording: Recording,
    testimony: Testimony | None,
    runs: dict[str, StageRun],
    stages: Sequence[tuple[str, Collection[str], int]],
    *,
    told: bool,
) -> Incoming:
    own = [(name, share) for name, kinds, share in stages if recording.kind in kinds]
    if (again := runs.get(AGAIN)) is not None and again.state == "running":
        own = [(AGAIN, 1)]
    steps = tuple(_step(name, runs.get(name)) for name, _ in own)
    shares = [share for _, share in own]
    done = sum((step.state == "done" or step.progress) * share for step, share in zip(steps, shares, strict=True))
    return Incoming(
        recording_id=recording.id,
        testimony_id=testimony.id if testimony else None,
        title_km=testimony.title_km if testimony else "",
        title_en=testimony.title_en if testimony else "",
        original_name=recording.original_name if told else "",
        state=recording.state,
        reason=recording.reason,
        duration_ms=recording.duration_ms if told else None,
        at=recording.created_at,
        progress=done / sum(shares) if shares else 0.0,
        steps=steps,
    )


def _step(name: str, run: StageRun | None) -> Step:
    if run is None:
        return Step(name, "waiting", 0.0, None)
    left = None
    if run.state == "running" and run.started_at is not None and run.progress >= EARLY:
        taken = (now() - run.started_at).total_seconds()
        left = max(1, round(taken * (1 - run.progress) / run.progress))
    return Step(name, run.state, run.progress if run.state == "running" else 0.0, left)


def turned_away(session: Session, viewer: Viewer) -> list[TurnedAway]:
    """What this account handed in during the last day and a closer look refused."""
    if viewer.account_id is None:
        return []
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.action == "recording.refused",
            AuditEntry.actor_id == viewer.account_id,
            AuditEntry.at > now() - REMEMBERED,
        )
        .order_by(AuditEntry.seq.desc())
        .limit(10)
    )
    return [
        TurnedAway(str(entry.detail.get("reason", "")), str(entry.detail.get("kind", "")), entry.at)
        for entry in session.scalars(query)
    ]
