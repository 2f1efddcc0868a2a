"""What the studio shows: which songs are timed, a song's lines with their times, and what others have just changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.catalogue.title_lookup import has_title
from archive.lists import PAGE, ListPage, ListRequest
from archive.lyrics.current_words import lines_of, sung_lines
from archive.models import (
    Account,
    AlignmentWish,
    Arrangement,
    LineTiming,
    LyricLine,
    LyricVersion,
    Song,
    StageRun,
    StudioEdit,
)
from archive.models.arrangement import LEADS
from archive.models.lyric import IS_CURRENT
from archive.songs import arrangements, line_words, timing_edits
from archive.songs.machine_timing import ALIGN

DOUBTFUL = 0.5  # below this a machine's placing wants a person's ear
HISTORY = 60
NOT_HERE = frozenset({"added", "renamed", "removed", "words"})  # undone on other pages


@dataclass(frozen=True, slots=True)
class Count:
    """How far an arrangement is timed; `doubtful` are placed by the machine and not surely."""

    arrangement: Arrangement
    lines: int
    placed: int
    doubtful: int
    machine: int

    @property
    def unplaced(self) -> int:
        return self.lines - self.placed


@dataclass(frozen=True, slots=True)
class Timed:
    """A song in the studio's list."""

    song: Song
    lines: int
    counts: tuple[Count, ...]

    @property
    def left(self) -> int:
        """How many lines of the leading arrangement have no time; all of them where there is no recording."""
        return self.counts[0].unplaced if self.counts else self.lines


def room(session: Session, viewer: gate.Viewer, wanted: ListRequest) -> ListPage[Timed]:
    """A page of the songs the viewer may open, what is left to do first.

    Args:
        wanted: `state` is `left`, for those with lines that have no time, or `timed`.
    """
    if not viewer.inside:
        return ListPage(wanted, (), 0, 0)
    mine = select(Song).where(Song.id.in_(gate.visible_songs(viewer)))
    states = {"left": _left(), "timed": ~_left()}
    found = mine.where(*has_title(wanted.words))
    if wanted.state in states:
        found = found.where(states[wanted.state])
    order = (case((_left(), 0), else_=1), case((Song.state == "published", 0), else_=1), Song.slug)
    rows = [
        counted(session, song) for song in session.scalars(found.order_by(*order).offset(wanted.offset).limit(PAGE))
    ]
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    counts = {
        name: session.scalar(mine.where(one).with_only_columns(func.count())) or 0 for name, one in states.items()
    }
    return ListPage(wanted, rows, total, sum(counts.values()), {name: count for name, count in counts.items() if count})


def _left() -> ColumnElement[bool]:
    """Of a song: a line that is sung has no time in the arrangement that leads, or there is no arrangement."""
    order = case({kind: place for place, kind in enumerate(LEADS)}, value=Arrangement.kind, else_=len(LEADS))
    lead = select(Arrangement.id).where(Arrangement.song_id == Song.id).order_by(order, Arrangement.id).limit(1)
    timed = select(LineTiming.line_id).where(
        LineTiming.line_id == LyricLine.id,
        LineTiming.arrangement_id == lead.correlate(Song).scalar_subquery(),
        LineTiming.start_ms.is_not(None),
    )
    current = (LyricVersion.song_id == Song.id, IS_CURRENT, LyricLine.held.is_(False))
    sung = select(LyricLine.id).join(LyricVersion).where(*current, ~timed.correlate(LyricLine, Song).exists())
    return sung.correlate(Song).exists()


def counted(session: Session, song: Song) -> Timed:
    """How far each of a song's arrangements is."""
    lines = {line.id for line in sung_lines(session, song.id)}
    every = arrangements.arrangements(session, song.id)
    rows = session.scalars(select(LineTiming).where(LineTiming.arrangement_id.in_([one.id for one in every])))
    timings = [row for row in rows if row.line_id in lines and row.start_ms is not None]
    counts = []
    for one in every:
        own = [row for row in timings if row.arrangement_id == one.id]
        machine = [row for row in own if row.origin == "machine"]
        doubtful = [row for row in machine if (row.confidence or 0.0) < DOUBTFUL]
        counts.append(Count(one, len(lines), len(own), len(doubtful), len(machine)))
    return Timed(song, len(lines), tuple(counts))


def table(session: Session, viewer: gate.Viewer, song: Song, arrangement: Arrangement) -> dict[str, Any]:
    """All that the studio's page needs of a song in one arrangement, as JSON can hold it."""
    lines = lines_of(session, song.id)
    return {
        "number": _number(session, song.id),
        "lines": _shown(session, viewer, lines, arrangement.id),
        "history": _history(session, song, arrangement.id, viewer.account_id, 0)[-HISTORY:],
        "work": work(session, arrangement),
    }


def since(session: Session, viewer: gate.Viewer, song: Song, arrangement: Arrangement, number: int) -> dict[str, Any]:
    """What has changed after an edit's number: the edits, and the lines as they stand now."""
    edits = _history(session, song, arrangement.id, viewer.account_id, number)
    lines = lines_of(session, song.id)
    touched = {line_id for edit in edits for line_id in edit["lines"]}
    return {
        "number": _number(session, song.id),
        "edits": edits,
        "lines": _shown(session, viewer, [line for line in lines if line.id in touched], arrangement.id),
        "order": [line.id for line in lines],
        "work": work(session, arrangement),
    }


def _number(session: Session, song_id: str) -> int:
    return session.scalar(select(func.max(StudioEdit.number)).where(StudioEdit.song_id == song_id)) or 0


def shown(
    session: Session, viewer: gate.Viewer, song: Song, arrangement_id: str, wanted: Collection[str]
) -> list[dict[str, Any]]:
    """Some of the song's lines as they stand; without an arrangement, without times."""
    lines = [line for line in lines_of(session, song.id) if line.id in wanted]
    return _shown(session, viewer, lines, arrangement_id)


def closed(session: Session, viewer: gate.Viewer, lines: Sequence[LyricLine]) -> frozenset[str]:
    """Those of the lines that are held, or whose words this viewer may not have: they are shown without words."""
    ids = [line.id for line in lines]
    kept = select(LyricLine.id).where(LyricLine.id.in_(ids), LyricLine.id.in_(gate.closed_lines(viewer)))
    return frozenset(session.scalars(kept)) | {line.id for line in lines if line.held}


def _shown(
    session: Session, viewer: gate.Viewer, lines: Sequence[LyricLine], arrangement_id: str
) -> list[dict[str, Any]]:
    rows = session.scalars(select(LineTiming).where(LineTiming.arrangement_id == arrangement_id))
    timings = {row.line_id: row for row in rows}
    kept = closed(session, viewer, lines)
    return [_kept(line) if line.id in kept else _line(line, timings.get(line.id)) for line in lines]


def _kept(line: LyricLine) -> dict[str, Any]:
    return {"id": line.id, "section": line.section, "held": True, "pieces": [], "language": "km", "timing": None}


def _line(line: LyricLine, row: LineTiming | None) -> dict[str, Any]:
    return {
        "id": line.id,
        "section": line.section,
        "held": False,
        "pieces": line_words.pieces(line),
        "language": "km" if line.km else "en",
        "romanised": line.romanised if line.km else "",
        "english": line.en if line.km or line.romanised else "",
        "timing": timing_edits.written(line, row),
    }


def _history(
    session: Session, song: Song, arrangement_id: str, account_id: str | None, after: int
) -> list[dict[str, Any]]:
    """Edits after a number, oldest first; `here` are those of the times in this arrangement, which are undone here."""
    query = (
        select(StudioEdit, Account.display_name)
        .outerjoin(Account, Account.id == StudioEdit.account_id)
        .where(StudioEdit.song_id == song.id, StudioEdit.number > after)
        .order_by(StudioEdit.number.desc())
        .limit(HISTORY * 4)
    )
    found = [
        {
            "id": edit.id,
            "number": edit.number,
            "kind": edit.kind,
            "who": name or "",
            "mine": edit.account_id is not None and edit.account_id == account_id,
            "undoes": edit.undoes_id,
            "here": edit.kind not in NOT_HERE and any(one.get("arrangement") == arrangement_id for one in edit.entries),
            "lines": sorted({str(entry["line"]) for entry in edit.entries if entry.get("line")}),
            **_counted(edit, arrangement_id),
        }
        for edit, name in session.execute(query)
    ]
    return found[::-1]


def _counted(edit: StudioEdit, arrangement_id: str) -> dict[str, int]:
    """Of what the machine did in this arrangement: how many lines it placed, and how many it could not."""
    if edit.kind != "machine":
        return {}
    made = [one["after"] for one in edit.entries if one.get("arrangement") == arrangement_id]
    placed = sum(isinstance(one, dict) and one.get("start") is not None for one in made)
    return {"placed": placed, "out": len(made) - placed}


def work(session: Session, arrangement: Arrangement) -> dict[str, Any]:
    """Whether the machine is placing lines in this arrangement, and how far it is."""
    wish = session.get(AlignmentWish, arrangement.id)
    run = session.get(StageRun, (arrangement.recording_id, ALIGN))
    failed = wish is not None and arrangement.recording.state == "failed"
    return {
        "wanted": wish is not None and not failed,
        "running": wish is not None and run is not None and run.state == "running",
        "progress": round(run.progress, 3) if wish is not None and run is not None else 0.0,
        "failed": arrangement.recording.reason if failed else "",
    }
