"""Words under a mark that stay where no mark reaches: in a title, in a synopsis, in an index point.

A mark takes words out of the transcript and the sound. Whoever described the testimony may have written the same name
or place, and whether that gives somebody away only a person can judge; so each such text is shown, and changed or left.

A text is shown when it shares with the marked words what hardly stands there by chance: several of them in a row, or
one that is said in this testimony only under marks. Of a translation nobody knows which words the mark means; there it
is several in a row, or a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue import index_points
from archive.consent.redaction import marks_of
from archive.db import Database
from archive.language.normalise import normalise, tidy
from archive.language.words import WordSpan, words
from archive.ledgers import audit
from archive.models import IndexPoint, MarkedText, Redaction, Testimony, TranscriptVersion
from archive.timing import Span
from archive.transcripts import transcript_versions
from archive.transcripts.readable_text import TAKEN_OUT, taken_and_left, touches

TESTIMONY = "testimony"
_FIELDS = {Testimony: (*index_points.FIELDS, "setting"), IndexPoint: index_points.FIELDS}
RUN = 3
"""Marked words in a row that hardly stand elsewhere by chance."""
_SHORTEST = 2
"""Letters of a word that says something by itself."""
_ENDS = frozenset(".!?\u17d4")


class NoTitleLeft(ValueError):
    """An index point has a title in one language at least."""


@dataclass(frozen=True, slots=True)
class MarkedPlace:
    """A text with marked words in it.

    Attributes:
        place: `testimony`, or the id of an index point; `start_ms` is where that point stands.
        parts: the text in pieces, each with whether it is of the marked words.
        proposed: the text with the block in their place.
    """

    place: str
    field: str
    start_ms: int | None
    text: str
    parts: tuple[tuple[str, bool], ...]

    @property
    def proposed(self) -> str:
        joined = "".join(TAKEN_OUT if marked else part for part, marked in self.parts)
        return re.sub(rf"{TAKEN_OUT}(?:\s*{TAKEN_OUT})+", TAKEN_OUT, joined)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What tells a marked passage apart: single words, and runs of RUN."""

    single: frozenset[str]
    runs: frozenset[tuple[str, ...]]


def found(session: Session, testimony_id: str) -> list[MarkedPlace]:
    """Every text of the catalogue that has marked words in it and of which nobody has said that it stays."""
    kept = {
        (one.place, one.field, one.digest)
        for one in session.scalars(select(MarkedText).where(MarkedText.testimony_id == testimony_id))
        if one.kept_by_id is not None
    }
    return [one for one in _all(session, testimony_id) if (one.place, one.field, _digest(one.text)) not in kept]


def look_again(session: Session, testimony_id: str) -> int:
    """Keep the rows true after the marks or the texts have changed; returns how many texts wait for a decision."""
    there = {(one.place, one.field): _digest(one.text) for one in _all(session, testimony_id)}
    rows = session.scalars(select(MarkedText).where(MarkedText.testimony_id == testimony_id)).all()
    for row in rows:
        digest = there.pop((row.place, row.field), None)
        if digest is None:
            session.delete(row)
        elif digest != row.digest:
            row.digest, row.kept_by_id = digest, None
    for (place, field), digest in there.items():
        session.add(MarkedText(testimony_id=testimony_id, place=place, field=field, digest=digest))
    session.flush()
    return undecided(session).get(testimony_id, 0)


def look_at_all(database: Database) -> None:
    """Keep the rows of every testimony with marks true, one by one; its texts may have changed where nobody looked."""
    with database.read() as session:
        marked = list(session.scalars(select(Redaction.testimony_id).distinct()))
    for testimony_id in marked:
        with database.write() as session:
            look_again(session, testimony_id)


def undecided(session: Session) -> dict[str, int]:
    """Testimonies with texts that wait for a decision -> how many."""
    open_still = select(MarkedText.testimony_id, func.count()).where(MarkedText.kept_by_id.is_(None))
    return dict(session.execute(open_still.group_by(MarkedText.testimony_id)).all())


def keep(session: Session, testimony_id: str, place: str, field: str, by_id: str) -> None:
    """Say that a text stays as it is. Raises Unknown where nothing is to be decided of it."""
    one = _one(session, testimony_id, place, field)
    row = _row(session, testimony_id, place, field)
    if row is None:
        row = MarkedText(testimony_id=testimony_id, place=place, field=field)
        session.add(row)
    row.digest, row.kept_by_id = _digest(one.text), by_id
    session.flush()
    audit.note(session, by_id, "marked-words.kept", f"testimony:{testimony_id}", {"place": place, "field": field})


def change_point(session: Session, testimony_id: str, point_id: str, field: str, text: str, by_id: str) -> None:
    """Write a text of an index point anew; one of the testimony's own is a correction of its description.

    Raises:
        Unknown: nothing is to be decided of it.
        NoTitleLeft: see there.
    """
    _one(session, testimony_id, point_id, field)
    point = session.get(IndexPoint, point_id)
    if point is None:
        raise Unknown("There is no such thing here.")
    setattr(point, field, tidy(" ".join(text.split()))[: index_points.LONGEST[field]])
    if not (point.title_km or point.title_en):
        raise NoTitleLeft("An index point needs a title.")
    audit.note(session, by_id, "point.changed", f"testimony:{testimony_id}", {"point": point_id})
    look_again(session, testimony_id)


def _one(session: Session, testimony_id: str, place: str, field: str) -> MarkedPlace:
    there = (one for one in found(session, testimony_id) if (one.place, one.field) == (place, field))
    one = next(there, None)
    if one is None:
        raise Unknown("There is no such thing here.")
    return one


def _row(session: Session, testimony_id: str, place: str, field: str) -> MarkedText | None:
    wanted = select(MarkedText).filter_by(testimony_id=testimony_id, place=place, field=field)
    return session.scalars(wanted).one_or_none()


def _all(session: Session, testimony_id: str) -> list[MarkedPlace]:
    told = session.get(Testimony, testimony_id)
    spans = [one.span for one in marks_of(session, testimony_id)] if told is not None else []
    if told is None or not spans:
        return []
    telling = _telling(session, testimony_id, spans)
    rows: list[tuple[str, int | None, Testimony | IndexPoint]] = [(TESTIMONY, None, told)]
    rows += [(point.id, point.start_ms, point) for point in index_points.points_of(session, testimony_id)]
    places = []
    for place, start_ms, row in rows:
        for field in _FIELDS[type(row)]:
            text = str(getattr(row, field) or "")
            parts = _parts(text, telling)
            if any(marked for _, marked in parts):
                places.append(MarkedPlace(place, field, start_ms, text, parts))
    return places


def _telling(session: Session, testimony_id: str, spans: Sequence[Span]) -> _Telling:
    versions = select(TranscriptVersion).where(TranscriptVersion.testimony_id == testimony_id)
    single: set[str] = set()
    elsewhere: set[str] = set()
    runs: set[tuple[str, ...]] = set()
    for version in session.scalars(versions):
        if version.translates_id is not None:
            for text in _touched_translations(session, version, spans):
                runs.update(_runs(_plain_words(text)))
                single.update(_names(text))
            continue
        for segment in version.segments:
            taken, left = taken_and_left(segment, spans)
            for text in taken:
                runs.update(_runs(_plain_words(text)))
                single.update(_telling_words(text))
            elsewhere.update(_plain_words(left))
    return _Telling(frozenset(single - elsewhere), frozenset(runs))


def _touched_translations(session: Session, version: TranscriptVersion, spans: Sequence[Span]) -> Iterator[str]:
    original = session.get_one(TranscriptVersion, version.translates_id)
    texts = transcript_versions.translated_texts(session, version)
    for segment in original.segments:
        if segment.id in texts and any(touches(span, segment) for span in spans):
            yield texts[segment.id]


def _names(text: str) -> Iterator[str]:
    """Words with a capital that do not begin a sentence: where a script has capitals, names do."""
    before = "."
    for one in _cut(text):
        if one.is_word and one.text[:1].isupper() and before[-1:] not in _ENDS and len(one.text) >= _SHORTEST:
            yield _plain(one.text)
        before = one.text.strip() or before


def _telling_words(text: str) -> Iterator[str]:
    """Words that may tell something by themselves: where a script has capitals, names and numbers do."""
    for one in _cut(text):
        if one.is_word and len(one.text) >= _SHORTEST and not one.text.islower():
            yield _plain(one.text)


def _runs(said: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(said[at : at + RUN]) for at in range(len(said) - RUN + 1))


def _plain(word: str) -> str:
    return normalise(word).text


def _plain_words(text: str) -> list[str]:
    return [_plain(one.text) for one in _cut(text) if one.is_word]


def _cut(text: str) -> Iterable[WordSpan]:
    return words(tidy(text))


def _parts(text: str, telling: _Telling) -> tuple[tuple[str, bool], ...]:
    pieces = list(_cut(text))
    said = [(at, _plain(one.text)) for at, one in enumerate(pieces) if one.is_word]
    marked = {at for at, word in said if word in telling.single}
    for number in range(len(said) - RUN + 1):
        if tuple(word for _, word in said[number : number + RUN]) in telling.runs:
            marked.update(at for at, _ in said[number : number + RUN])
    return tuple((one.text, at in marked) for at, one in enumerate(pieces))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
