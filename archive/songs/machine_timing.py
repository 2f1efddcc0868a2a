"""The machine places a song's lines: asked for by a person, done by a worker, and never over a person's own work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.language.messages import Message
from archive.lyrics import current_words
from archive.models import (
    AlignmentWish,
    Arrangement,
    LineTiming,
    LyricLine,
    Recording,
    Song,
    StageRun,
    new_id,
)
from archive.songs import line_words
from archive.songs.timing_edits import Done, EditInProgress, EditInvalid
from archive.timing import TimedLine


def ask(session: Session, arrangement: Arrangement, account_id: str | None) -> None:
    """Wish for the lines to be placed; the caller puts the recording's id into the queue.

    Raises:
        EditInvalid: the recording is not ready, or the song has no words.
    """
    recording = session.get_one(Recording, arrangement.recording_id, with_for_update=True)
    if not recording.listening_key:
        raise EditInvalid(Message("The recording is not ready yet."))
    if not current_words.sung_lines(session, arrangement.song_id):
        raise EditInvalid(Message("The song has no words yet."))
    if not _to_place(session, arrangement):
        raise EditInvalid(Message("Every line was timed by hand. Clear the times of those the machine should place."))
    if session.get(AlignmentWish, arrangement.id) is None:
        session.add(AlignmentWish(arrangement_id=arrangement.id, account_id=account_id))
    run = session.get(StageRun, (recording.id, ALIGN))
    if run is not None and run.state != "running":
        session.delete(run)
    if recording.state not in {"waiting", "working"}:
        recording.state, recording.reason = "waiting", ""


def _to_place(session: Session, arrangement: Arrangement) -> list[LyricLine]:
    """The lines that the machine may place: neither held nor timed by a person."""
    lines = current_words.sung_lines(session, arrangement.song_id)
    return [line for line in lines if not line.held and not _by_person(session, arrangement.id, line.id)]


def _by_person(session: Session, arrangement_id: str, line_id: str) -> bool:
    timing = session.get(LineTiming, (arrangement_id, line_id))
    return timing is not None and timing.origin == "human" and timing.start_ms is not None


def forget_placed_lines(session: Session, arrangement: Arrangement) -> None:
    """Wish for it no longer; work that is under way ends at its next step."""
    wish = session.get(AlignmentWish, arrangement.id)
    if wish is not None:
        session.delete(wish)
        session.flush()


def wished(session: Session, recording_id: str) -> list[Arrangement]:
    """The arrangements of a recording in which lines are to be placed."""
    query = (
        select(Arrangement)
        .join(AlignmentWish, AlignmentWish.arrangement_id == Arrangement.id)
        .where(Arrangement.recording_id == recording_id)
        .order_by(Arrangement.id)
    )
    return list(session.scalars(query))


def words_of(session: Session, arrangement: Arrangement) -> tuple[list[str], list[str], str]:
    """The lines to place: their ids, their texts, and the language most of them are in."""
    lines = [
        line for line in current_words.sung_lines(session, arrangement.song_id) if line_words.text_of(line).strip()
    ]
    khmer = sum(bool(line.km) for line in lines) * 2 >= len(lines)
    return [line.id for line in lines], [line_words.text_of(line) for line in lines], "km" if khmer else "en"


def keep_placed_lines(
    session: Session, arrangement_id: str, ids: Sequence[str], found: Sequence[TimedLine]
) -> Done | None:
    """Write down what the machine found, as one edit that can be undone; a line that a person has timed stays.

    Returns None where nobody wishes for it any more, or nothing was to be changed.
    """
    wish = session.get(AlignmentWish, arrangement_id)
    arrangement = session.get(Arrangement, arrangement_id)
    if wish is None or arrangement is None:
        return None
    session.delete(wish)
    session.get_one(Song, arrangement.song_id, with_for_update=True)
    desk = EditInProgress(session, arrangement.song_id, None)
    for line_id, placed in zip(ids, found, strict=True):
        line = desk.lines.get(line_id)
        if line is None or line.held or _by_person(session, arrangement_id, line_id):
            continue
        desk.time(line, arrangement_id, _value(placed, line_words.pieces(line)))
    return desk.write_down(new_id(), "machine") if desk.entries else None


def _value(placed: TimedLine, pieces: Sequence[str]) -> dict[str, Any]:
    laid = line_words.laid_over(pieces, placed.words, placed.start_ms, placed.end_ms)
    return {
        "start": placed.start_ms,
        "end": placed.end_ms,
        "words": [[one.length, one.start_ms, one.end_ms, one.confidence] for one in laid],
        "confidence": placed.confidence,
        "origin": "machine",
        "follows": None,
    }


ALIGN = "align"
