"""Near copies of a narrator's words, in what others wrote: found before her words go, kept or removed one by one.

Destroying removes what is tied to her testimony, and the lines that are her very words. It cannot judge what somebody
wrote down by themselves: a line of the band's own that differs by a capital, a remark that quotes half a sentence, a
search that was kept, a campaign's name. So what shares a run of words with hers is noted by its place, never by its
text, and a steward decides about each.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.backends import Backends
from archive.catalogue import details
from archive.language.normalise import normalise
from archive.language.words import words
from archive.ledgers import audit
from archive.lyrics import shared_draft
from archive.models import (
    Base,
    Campaign,
    Draft,
    GatheredPassage,
    IndexPoint,
    KeptSearch,
    LineComment,
    LineTiming,
    LyricLine,
    LyricVersion,
    PassageCode,
    PassageCollection,
    Segment,
    SetEntry,
    SetList,
    Song,
    Testimony,
    Tombstone,
    TranscriptVersion,
)
from archive.retrieval import indexing

log = logging.getLogger(__name__)

RUN = 4
"""Words in a row that hardly two people say by chance."""
SHORTEST_WHOLE = 3
"""A text of fewer words than a run counts where all of it stands in hers, if it has so many."""
OPEN, KEPT, BLANKED = "open", "kept", "blanked"

PLACES: dict[str, tuple[type[Base], tuple[str, ...]]] = {
    "line": (LyricLine, ("km", "en")),
    "note": (LyricVersion, ("note",)),
    "comment": (LineComment, ("text",)),
    "search": (KeptSearch, ("name", "query")),
    "gathered": (GatheredPassage, ("note",)),
    "collection": (PassageCollection, ("name", "note")),
    "code": (PassageCode, ("name",)),
    "set": (SetList, ("title", "title_en", "place", "notes")),
    "entry": (SetEntry, ("heading", "text", "questions", "singer", "notes")),
    "campaign": (Campaign, ("name_km", "name_en", "description_km", "description_en", "ask_km", "ask_en")),
    "song": (Song, ("title_km", "title_en", "note_km", "note_en", "use_km", "use_en")),
    "testimony": (Testimony, ("title_km", "title_en", "synopsis_km", "synopsis_en")),
    "point": (IndexPoint, ("title_km", "title_en", "synopsis_km", "synopsis_en")),
}
"""Kind of place -> its rows, and where in them people write."""
DRAFT = "draft"
"""A line of a song that is still being written is a place too, `draft:SONG:LINE`; it is no row of its own."""


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A place that shares a run of words with a destroyed testimony, as it reads now.

    Attributes:
        place: `KIND:ID`.
        song_id: the song it belongs to, if it does, and how that song is called.
        texts: what stands there, each of its texts that is not empty.
    """

    place: str
    kind: str
    song_id: str | None
    texts: tuple[str, ...]
    song_km: str = ""
    song_en: str = ""


class Runs:
    """Every run of words of some texts, in a form that case, marks and punctuation do not change."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._runs: set[tuple[str, ...]] = set()
        for text in texts:
            said = _plain_words(text)
            for length in range(SHORTEST_WHOLE, RUN + 1):
                self._runs.update(tuple(said[at : at + length]) for at in range(len(said) - length + 1))

    def in_text(self, text: str) -> bool:
        """Whether the text shares a run with them, or is short and stands whole among them."""
        said = _plain_words(text)
        length = RUN if len(said) >= RUN else SHORTEST_WHOLE
        return any(tuple(said[at : at + length]) in self._runs for at in range(len(said) - length + 1))


def _plain_words(text: str) -> list[str]:
    return [one.text for one in words(normalise(text).text) if one.is_word]


def note(session: Session, testimony_id: str) -> int:
    """Write down in the tombstone where near copies stand, before her words are gone; returns how many are open.

    Repeated after a purge that was broken off it adds nothing that was decided already.
    """
    said = select(Segment.text).join(TranscriptVersion).where(TranscriptVersion.testimony_id == testimony_id)
    runs = Runs(session.scalars(said))
    stone = session.get_one(Tombstone, testimony_id)
    found = dict.fromkeys(_sharing(session, runs, testimony_id), OPEN)
    _leave(stone, found | stone.left)
    return stone.left_open


def _leave(stone: Tombstone, left: dict[str, str]) -> None:
    stone.left, stone.left_open = left, sum(state == OPEN for state in left.values())


def _sharing(session: Session, runs: Runs, testimony_id: str) -> Iterator[str]:
    for kind, (table, columns) in PLACES.items():
        query = select(table).execution_options(yield_per=500)
        if table is IndexPoint:
            query = query.where(IndexPoint.testimony_id != testimony_id)
        if table is GatheredPassage:  # those of it go with it
            query = query.where(GatheredPassage.testimony_id != testimony_id)
        elif table is SetEntry:
            query = query.where(SetEntry.testimony_id.is_distinct_from(testimony_id))
        elif table is Testimony:
            query = query.where(Testimony.id != testimony_id)
        for row in session.scalars(query):
            if any(runs.in_text(text) for column in columns if (text := getattr(row, column))):
                yield f"{kind}:{row.id}"  # type: ignore[attr-defined]
    for draft in session.scalars(select(Draft).execution_options(yield_per=50)):
        for line in shared_draft.lines_of(draft.state, gone=True):
            if any(runs.in_text(text) for text in (line.km, line.en) if text):
                yield f"{DRAFT}:{draft.song_id}:{line.ref}"


def left_of(session: Session, testimony_id: str) -> list[NearCopy]:
    """What is still to be decided; what is gone meanwhile, or empty, needs no decision.

    Raises:
        Unknown: nothing of this id was destroyed.
    """
    stone = _stone(session, testimony_id)
    found = (_copy(session, place) for place, state in sorted(stone.left.items()) if state == OPEN)
    return [one for one in found if one is not None]


def undecided(session: Session) -> dict[str, int]:
    """Destroyed testimonies with near copies that nobody has decided about -> how many; reads no other tombstone."""
    stones = session.scalars(select(Tombstone.testimony_id).where(Tombstone.left_open > 0))
    counted = {testimony_id: len(left_of(session, testimony_id)) for testimony_id in stones}
    return {testimony_id: count for testimony_id, count in counted.items() if count}


def decide(backends: Backends, testimony_id: str, place: str, *, remove: bool, by_id: str) -> None:
    """Keep what stands in a place, or remove it; what was decided is written down without a word of it.

    What is removed leaves the index and the database's file as well.

    Raises:
        Unknown: there is no such place to be decided about.
    """
    with backends.database.write() as session:
        stone = _stone(session, testimony_id)
        found = _copy(session, place) if stone.left.get(place) == OPEN else None
        if found is None:
            raise Unknown("There is no such thing here.")
        if remove:
            _remove(session, found)
        _leave(stone, stone.left | {place: BLANKED if remove else KEPT})
        action = "near-copy.removed" if remove else "near-copy.kept"
        audit.note(session, by_id, action, f"testimony:{testimony_id}", {"place": place})
    if remove:
        _leave_nowhere(backends, testimony_id, found)


def _leave_nowhere(backends: Backends, testimony_id: str, removed: NearCopy) -> None:
    if removed.song_id is not None:
        with backends.database.read() as session:
            indexing.index_songs(session, backends.index, [removed.song_id])
    elif removed.kind in {"testimony", "point", "campaign"}:
        indexing.reconcile(backends.database, backends.index)
    try:
        backends.database.compact(_table_of(removed))
    except DBAPIError as error:  # somebody holds it: it is written anew with what is left of the withdrawal
        with backends.database.write() as session:
            stone = _stone(session, testimony_id)
            stone.purged_at, stone.troubles = None, {"database file": "locked"}
        log.warning("a removed near copy may still lie in free space (%s); it is tried again", type(error).__name__)


def _table_of(copy: NearCopy) -> str:
    return Draft.__tablename__ if copy.kind == DRAFT else PLACES[copy.kind][0].__tablename__


def _stone(session: Session, testimony_id: str) -> Tombstone:
    stone = session.get(Tombstone, testimony_id)
    if stone is None or stone.mode != "destroy":
        raise Unknown("There is no such thing here.")
    return stone


def _copy(session: Session, place: str) -> NearCopy | None:
    kind, _, row_id = place.partition(":")
    if kind == DRAFT:
        song_id, _, ref = row_id.partition(":")
        line = next((one for one in _drafted(session, song_id) if one.ref == ref), None)
        texts = tuple(filter(None, (line.km, line.en))) if line else ()
    else:
        table, columns = PLACES[kind]
        row = session.get(table, row_id)
        song_id = _song_of(session, row) or ""
        texts = tuple(text for column in columns if (text := getattr(row, column, "")))
    song = session.get(Song, song_id) if song_id else None
    called = (song.title_km, song.title_en) if song is not None and kind != "song" else ("", "")
    return NearCopy(place, kind, song_id or None, texts, *called) if texts else None


def _drafted(session: Session, song_id: str) -> list[shared_draft.DraftLine]:
    draft = session.get(Draft, song_id)
    return shared_draft.lines_of(draft.state, gone=True) if draft else []


def _song_of(session: Session, row: Base | None) -> str | None:
    if isinstance(row, LyricLine):
        return session.get_one(LyricVersion, row.version_id).song_id
    if isinstance(row, Song):
        return row.id
    return row.song_id if isinstance(row, LyricVersion | LineComment) else None


def _remove(session: Session, copy: NearCopy) -> None:
    """A line is blanked and held, as her own are; comments, searches and codes go; all else stays without its text."""
    if copy.kind == DRAFT:
        song_id, _, ref = copy.place.partition(":")[2].partition(":")
        shared_draft.empty_line(session, song_id, ref)
        return
    table, columns = PLACES[copy.kind]
    row = session.get_one(table, copy.place.partition(":")[2])
    if isinstance(row, LineComment | KeptSearch | PassageCode):
        session.delete(row)
        return
    if isinstance(row, Song | Campaign):
        details.forget_changes(session, row)  # an earlier state would bring it back
    for column in columns:
        setattr(row, column, "")
    if isinstance(row, Song | Campaign):
        row.slug = row.id  # an address is made of the title
    if isinstance(row, Song):
        row.title_romanised = ""
    if isinstance(row, LyricLine):
        row.romanised, row.words, row.held = "", [], True
        session.execute(delete(LineTiming).where(LineTiming.line_id == row.id))
