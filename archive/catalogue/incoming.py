"""What was handed in and how far it is: recordings on their way, for the people who work on them.

The stage rows are the truth. A band member sees what the gate lets her know of and what she handed in herself; of
songs' recordings, which have no narrator, those of the songs that she may open, and those that belong to none yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.catalogue.list_counts import counted
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Arrangement, Recording, RefusedUpload, Revoicing, StageRun, Testimony, now

REMEMBERED = timedelta(hours=24)
EARLY = 0.04  # a stage that has done less than this cannot yet say how long it takes
UNDER_WAY = frozenset({"waiting", "working"})
STATES = {
    "under-way": ("waiting", "working"),
    "person": ("needs-a-person",),
    "failed": ("failed",),
    "stopped": ("cancelled",),
}
"""What a recording may be looked for by -> its states; the rest have come in whole."""
CAME = ("ready", "cancelled")
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
        reason: why a person is needed, or which stage failed and why, as it is kept.
        findings: what ails the sound, as codes; empty where the viewer may not hear it.
        progress: over all steps, 0 to 1.
        missing_ms: about how much of it is not there; None for a whole recording.
        salvaged: what is there of it was chosen to be taken in.
        discardable: this viewer may say that it was taken in by mistake: a steward, or for a day whoever brought it.
    """

    recording_id: str
    testimony_id: str | None
    title_km: str
    title_en: str
    original_name: str
    state: str
    reason: str
    findings: tuple[str, ...]
    duration_ms: int | None
    at: datetime
    progress: float
    steps: tuple[Step, ...]
    discardable: bool = False
    missing_ms: int | None = None
    salvaged: bool = False

    @property
    def cut_off(self) -> bool:
        """It ends before its header says, and nobody has chosen yet whether what is there is to be taken."""
        return self.state == "failed" and self.missing_ms is not None and not self.salvaged

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY


def incoming(
    session: Session, viewer: Viewer, stages: Sequence[tuple[str, Collection[str], int]], wanted: ListRequest
) -> ListPage[Incoming]:
    """A page of what is on its way, what waits for a person, and what has come; each newest first.

    Args:
        stages: every stage in order, with the kinds of recording it works on and about how long it takes.
        wanted: `state` is one of `STATES`; words are looked for in titles and names of files that may be told.
    """
    known = _known_to(viewer)
    states = STATES.get(wanted.state, (*_ORDER, *CAME))
    by_state = known.with_only_columns(Recording.state, func.count()).group_by(Recording.state)
    numbers = {row[0]: row[1] for row in session.execute(by_state.where(Recording.state.not_in(CAME)))}
    numbers |= counted(session, ("incoming", viewer), by_state.where(Recording.state.in_(CAME)))
    matching = known.where(*(_has(viewer, word) for word in wanted.words))
    if wanted.words:
        by_state = matching.with_only_columns(Recording.state, func.count()).group_by(Recording.state)
        found = {row[0]: row[1] for row in session.execute(by_state.where(Recording.state.in_(states)))}
    else:
        found = {state: numbers.get(state, 0) for state in states}
    counts = {name: sum(numbers.get(state, 0) for state in states) for name, states in STATES.items()}
    shown = _on_the_way(session, viewer, _page(session, matching, found, wanted.offset), stages)
    return ListPage(
        wanted, shown, sum(found.values()), sum(numbers.values()), {name: n for name, n in counts.items() if n}
    )


def _page(
    session: Session, matching: Select[Recording, Testimony], found: Mapping[str, int], offset: int
) -> list[tuple[Recording, Testimony | None]]:
    """The rows at an offset: what is on its way and what failed, then what has come; each newest first.

    What has come is nearly everything and lies in the order of an index: sorted with the rest, all would be read.
    """
    first = case(_ORDER, value=Recording.state)
    pressing = matching.where(Recording.state.in_([state for state in found if state in _ORDER]))
    page = pressing.order_by(first, Recording.created_at.desc(), Recording.id).offset(offset).limit(PAGE)
    rows: list[tuple[Recording, Testimony | None]] = [(row[0], row[1]) for row in session.execute(page)]
    before = sum(count for state, count in found.items() if state in _ORDER)
    came = matching.where(Recording.state.in_([state for state in found if state not in _ORDER]))
    rest = came.order_by(Recording.created_at.desc(), Recording.id).offset(max(0, offset - before))
    return rows + [(row[0], row[1]) for row in session.execute(rest.limit(PAGE - len(rows)))]


def one_incoming(
    session: Session, viewer: Viewer, stages: Sequence[tuple[str, Collection[str], int]], recording_id: str
) -> Incoming | None:
    """One recording on its way; None where there is none that this viewer may know of."""
    row = session.execute(_known_to(viewer).where(Recording.id == recording_id)).one_or_none()
    return _on_the_way(session, viewer, [(row[0], row[1])], stages)[0] if row else None


def _has(viewer: Viewer, word: str) -> ColumnElement[bool]:
    titled = or_(*(title.icontains(word, autoescape=True) for title in (Testimony.title_km, Testimony.title_en)))
    told = or_(Testimony.id.is_(None), _may_hear(viewer), Recording.submitted_by_id == viewer.account_id)
    return or_(titled, told & Recording.original_name.icontains(word, autoescape=True))


def _on_the_way(
    session: Session,
    viewer: Viewer,
    rows: Sequence[tuple[Recording, Testimony | None]],
    stages: Sequence[tuple[str, Collection[str], int]],
) -> list[Incoming]:
    runs = select(StageRun).where(StageRun.recording_id.in_([row[0].id for row in rows]))
    by_recording: dict[str, dict[str, StageRun]] = {}
    for run in session.scalars(runs):
        by_recording.setdefault(run.recording_id, {})[run.stage] = run
    heard = _heard(session, viewer, [row[1].id for row in rows if row[1] is not None])
    return [
        _incoming(
            recording,
            testimony,
            by_recording.get(recording.id, {}),
            stages,
            told=testimony is None or testimony.id in heard or recording.submitted_by_id == viewer.account_id,
            discardable=testimony is not None and discardable(viewer, recording),
        )
        for recording, testimony in rows
    ]


def discardable(viewer: Viewer, recording: Recording) -> bool:
    """Whether this viewer is shown the way to discarding it as a mistake (`archive.withdrawal.mistakes`)."""
    mine = recording.submitted_by_id == viewer.account_id and recording.created_at > now() - REMEMBERED
    return viewer.account_id is not None and (viewer.role == "steward" or mine)


def _heard(session: Session, viewer: Viewer, testimony_ids: Collection[str]) -> frozenset[str]:
    """Those of the testimonies whose sound this viewer may hear: of the others neither length nor file name is told."""
    found = select(Testimony.id).where(Testimony.id.in_(list(testimony_ids)), _may_hear(viewer))
    return frozenset(session.scalars(found))


def _may_hear(viewer: Viewer) -> ColumnElement[bool]:
    return or_(*(and_(*gate.conditions(viewer, form)) for form in ("original_sound", "disguised_sound")))


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
    listed = and_(Testimony.id.is_not(None), *gate.conditions(viewer, "existence"))
    readings = select(Revoicing.recording_id).where(Revoicing.testimony_id.in_(gate.permitted(viewer, "existence")))
    return found.where(or_(listed, sung, mine, Recording.id.in_(readings)))


def _incoming(
    recording: Recording,
    testimony: Testimony | None,
    runs: dict[str, StageRun],
    stages: Sequence[tuple[str, Collection[str], int]],
    *,
    told: bool,
    discardable: bool,
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
        findings=tuple(recording.findings.split()) if told else (),
        duration_ms=recording.duration_ms if told else None,
        at=recording.created_at,
        progress=done / sum(shares) if shares else 0.0,
        steps=steps,
        discardable=discardable,
        missing_ms=recording.missing_ms if told else None,
        salvaged=recording.salvaged,
    )


def _step(name: str, run: StageRun | None) -> Step:
    if run is None:
        return Step(name, "waiting", 0.0, None)
    left = None
    if run.state == "running" and run.started_at is not None and run.progress >= EARLY:
        taken = (now() - run.started_at).total_seconds()
        left = max(1, round(taken * (1 - run.progress) / run.progress))
    return Step(name, run.state, run.progress if run.state == "running" else 0.0, left)


def turned_away(session: Session, viewer: Viewer) -> list[RefusedUpload]:
    """What this account handed in during the last day and a closer look refused; nothing else is left of it."""
    if viewer.account_id is None:
        return []
    query = select(RefusedUpload).where(
        RefusedUpload.account_id == viewer.account_id, RefusedUpload.at > now() - REMEMBERED
    )
    return list(session.scalars(query.order_by(RefusedUpload.at.desc()).limit(PAGE)))


def note_refused(session: Session, account_id: str | None, name: str, kind: str, reason: str) -> None:
    """Keep for a day what whoever brought a file is told of it; what is older goes."""
    session.execute(delete(RefusedUpload).where(RefusedUpload.at <= now() - REMEMBERED))
    if account_id is not None:
        session.add(RefusedUpload(account_id=account_id, name=name[:255], kind=kind, reason=reason))
        session.flush()


def clear_refused(session: Session, viewer: Viewer, refused_id: str) -> None:
    """Forget one of this account's refused files. Raises Unknown."""
    found = session.get(RefusedUpload, refused_id)
    if found is None or viewer.account_id is None or found.account_id != viewer.account_id:
        raise Unknown("There is no such thing here.")
    session.delete(found)
    session.flush()
