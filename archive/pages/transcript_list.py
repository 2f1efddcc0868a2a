"""The list of transcripts: what each of them wants, and of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.list_counts import counted
from archive.catalogue.title_lookup import has_words
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Testimony

WANTS = ("person", "drafts", "reviewed", "machine", "done")
"""What a transcript may want, in the order in which it presses: the first, a machine could not do it; somebody is
correcting it; it waits to be approved; nobody has looked at it yet; it is approved, and nothing is open."""

FIRST = 6
"""How many of each kind the overview shows."""


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """A testimony in the list of transcripts.

    Attributes:
        want: one of `WANTS`.
        card: None where the viewer may read it and may not know of it otherwise.
        reason: why a machine could not do it; empty where nothing is wrong.
    """

    want: str
    testimony: Testimony
    card: TestimonyCard | None
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptOverview:
    """How many there are of every kind, and the newest of each."""

    shown: ListPage[TranscriptRow]
    newest: Mapping[str, Sequence[TranscriptRow]]


def overview(session: Session, viewer: Viewer) -> TranscriptOverview:
    """Every kind that there is, with its count and its first rows."""
    counts = _counts(session, viewer) if viewer.inside else {}
    ids = {name: session.scalars(_found(viewer, name).limit(FIRST)).all() for name in counts}
    rows = {row.testimony.id: row for row in _rows(session, viewer, [one for many in ids.values() for one in many])}
    total = sum(counts.values())
    newest = {name: [rows[one] for one in many] for name, many in ids.items()}
    return TranscriptOverview(ListPage(ListRequest(), list(rows.values()), total, total, counts), newest)


def transcript_list(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[TranscriptRow]:
    """A page of the transcripts this viewer may read in full, the newest testimony first.

    Args:
        wanted: `state` is one of `WANTS`; any other counts as none.
    """
    if not viewer.inside:
        return ListPage(wanted, (), 0, 0)
    found = _found(viewer, wanted.state).where(*has_words(viewer, wanted.words))
    counts = _counts(session, viewer)
    everything = sum(counts.values())
    total = counts.get(wanted.state, 0) if wanted.state in WANTS else everything
    if wanted.words:
        total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    ids = session.scalars(found.offset(wanted.offset).limit(PAGE)).all()
    return ListPage(wanted, _rows(session, viewer, ids), total, everything, counts)


def _found(viewer: Viewer, want: str) -> Select[str]:
    wants = Testimony.transcript_wants == want if want in WANTS else Testimony.transcript_wants.in_(WANTS)
    readable = gate.conditions(viewer, "full_transcript")
    return select(Testimony.id).where(wants, *readable).order_by(Testimony.created_at.desc(), Testimony.id)


def _counts(session: Session, viewer: Viewer) -> dict[str, int]:
    readable = gate.conditions(viewer, "full_transcript")
    found = select(Testimony.transcript_wants, func.count()).where(*readable).group_by(Testimony.transcript_wants)
    counts = counted(session, ("transcripts", viewer.scope), found)
    return {name: counts[name] for name in WANTS if counts.get(name)}


def _rows(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[TranscriptRow]:
    known = cards(session, viewer, ids)
    of = {one.id: one for one in session.scalars(select(Testimony).where(Testimony.id.in_(ids)))}
    return [TranscriptRow(of[one].transcript_wants, of[one], known.get(one), of[one].recording.reason) for one in ids]
