"""Commenting: what band members say to each other beside a line, until it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import normalise, tidy
from archive.models import Account, LineComment, now

LONGEST = 1000


class NothingSaid(ArchiveError, ValueError):
    """A comment without words."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its writer's name."""

    id: str
    line: str
    text: str
    name: str
    made_at: datetime
    settled: bool


def say(session: Session, song_id: str, line: str, text: str, by_id: str) -> LineComment:
    """Put a comment beside a line.

    Raises:
        NothingSaid: there are no words in it.
    """
    words = tidy(text.strip())[:LONGEST]
    if not words:
        raise NothingSaid(Message("Write something first."))
    made = LineComment(song_id=song_id, line=line, text=words, made_by_id=by_id)
    session.add(made)
    session.flush()
    return made


def settle(session: Session, song_id: str, comment_id: str, *, settled: bool) -> LineComment:
    """Fold a comment away, or bring it back.

    Raises:
        Unknown: there is no such comment on this song.
    """
    found = session.get(LineComment, comment_id)
    if found is None or found.song_id != song_id:
        raise Unknown("There is no such thing here.")
    found.settled_at = now() if settled else None
    session.flush()
    return found


def beside(session: Session, song_id: str) -> dict[str, list[Comment]]:
    """Line -> its comments, oldest first."""
    query = (
        select(LineComment, Account.display_name)
        .outerjoin(Account, Account.id == LineComment.made_by_id)
        .where(LineComment.song_id == song_id)
        .order_by(LineComment.made_at, LineComment.id)
    )
    found: dict[str, list[Comment]] = {}
    for one, name in session.execute(query):
        comment = Comment(one.id, one.line, one.text, name or "", one.made_at, one.settled_at is not None)
        found.setdefault(one.line, []).append(comment)
    return found


def forget_comments(session: Session, quotes: frozenset[str]) -> int:
    """Remove every comment that repeats any of these words; returns how many there were."""
    wanted = {folded for quote in quotes if len(folded := normalise(quote).text.strip()) > 3}
    hers = [
        one.id
        for one in session.scalars(select(LineComment))
        if any(quote in normalise(one.text).text for quote in wanted)
    ]
    if hers:
        session.execute(delete(LineComment).where(LineComment.id.in_(hers)))
    return len(hers)
