"""Gathering passages into a collection, noting and coding them, and reading them as far as the gate allows now.

Nothing of what was said is kept here: a passage is a version and a stretch of time. Whoever may not read the testimony
any more has no passage of it; its keeper is told that something was taken back, and never what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.gathering.collections import NotGathered, readable, use, written
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import GatheredPassage, PassageCode, PassageCoding, PassageCollection, TranscriptVersion, now
from archive.timing import Span
from archive.transcripts import readable_text, transcript_versions
from archive.transcripts.readable_text import ShownSegment

LONGEST_CODE = 80
MOST_CODES = 20  # on one passage
MOST_PASSAGES = 1_000  # in one collection, which somebody may take along as a whole
SORTS = ("", "told")
_BETWEEN_CODES = str.maketrans({";": ",", "\n": ",", "\u060c": ",", "\u3001": ","})


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as its reader may have it.

    Attributes:
        version: the number of the version that is read: the one it was gathered from, or, where that may not be had any
            more, the one that holds.
        text: in the language spoken, with what is taken out as blocks; `other` in the other language, empty for none.
        codes: its codes in the order of their names.
    """

    passage: GatheredPassage
    card: TestimonyCard
    version: int
    language: str
    text: str
    other_language: str
    other: str
    codes: tuple[str, ...]


def gather(
    session: Session, viewer: Viewer, collection: PassageCollection, testimony_id: str, asked: Span
) -> GatheredPassage:
    """Put what is said in a stretch of time into a collection, whole segments of it; what lies there lies there once.

    Args:
        asked: in the listening file; without length, what is said at that moment.

    Raises:
        Unknown: there is no such testimony, or its words may not be read.
        NotGathered: nothing is said there, or the collection is full.
    """
    gate.require(session, viewer, testimony_id, "existence")
    version = transcript_versions.holding(session, viewer.inside, testimony_id)
    if version is None:
        raise Unknown("There is no such thing here.")
    within = _within(readable_text.readable(session, viewer, version), asked)
    if not within:
        raise NotGathered(Message("Nothing was written down at this moment. Choose another one."))
    span = Span(within[0].span.start_ms, max(one.span.end_ms for one in within))
    mine = GatheredPassage.collection_id == collection.id
    found = session.scalar(
        select(GatheredPassage).where(
            mine,
            GatheredPassage.testimony_id == testimony_id,
            GatheredPassage.version == version.number,
            GatheredPassage.start_ms == span.start_ms,
            GatheredPassage.end_ms == span.end_ms,
        )
    )
    if found is None:
        held = session.scalar(select(func.count()).select_from(GatheredPassage).where(mine)) or 0
        if held >= MOST_PASSAGES:
            told = Message("A collection has at most {n} passages. Begin another one.")
            raise NotGathered(FilledMessage(told, {"n": MOST_PASSAGES}))
        found = GatheredPassage(
            collection_id=collection.id,
            testimony_id=testimony_id,
            version=version.number,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
        )
        session.add(found)
    found.removed_at = None
    use(collection)
    session.flush()
    return found


def _within(segments: Sequence[ShownSegment], asked: Span) -> list[ShownSegment]:
    if asked.duration_ms:
        return [one for one in segments if one.span.overlaps(asked)]
    begun = [one for one in segments if one.span.start_ms <= asked.start_ms]
    return begun[-1:] or list(segments[:1])


def listed(
    session: Session, viewer: Viewer, collection: PassageCollection, wanted: ListRequest
) -> ListPage[ReadPassage]:
    """A page of a collection: as it was gathered, or in the order in which it was told; narrowed to a code or words."""
    query = _there(viewer, collection)
    narrowed = query.where(*_narrowed(collection, wanted))
    everything = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    total = session.scalar(select(func.count()).select_from(narrowed.subquery())) or 0
    here = narrowed.order_by(*_order(wanted.sort)).offset(wanted.offset).limit(PAGE)
    found = read(session, viewer, session.scalars(here).all())
    return ListPage(wanted, found, total, everything)


def every(session: Session, viewer: Viewer, collection: PassageCollection) -> list[ReadPassage]:
    """All of a collection in the order in which it was told, to be taken along."""
    query = _there(viewer, collection).order_by(*_order("told")).limit(MOST_PASSAGES)
    return read(session, viewer, session.scalars(query).all())


def _there(viewer: Viewer, collection: PassageCollection) -> Select[GatheredPassage]:
    return select(GatheredPassage).where(
        GatheredPassage.collection_id == collection.id, GatheredPassage.removed_at.is_(None), readable(viewer)
    )


def _order(sort: str) -> tuple[ColumnElement[object], ...]:
    told = (GatheredPassage.testimony_id, GatheredPassage.start_ms, GatheredPassage.id)
    return told if sort == "told" else (GatheredPassage.gathered_at, GatheredPassage.id)  # type: ignore[return-value]


def _narrowed(collection: PassageCollection, wanted: ListRequest) -> list[ColumnElement[bool]]:
    """To a code by its id, and to words of the notes and codes."""
    of_mine = select(PassageCoding.passage_id).join(PassageCode).where(PassageCode.collection_id == collection.id)
    found: list[ColumnElement[bool]] = [
        or_(
            GatheredPassage.note.icontains(word, autoescape=True),
            GatheredPassage.id.in_(of_mine.where(PassageCode.name.icontains(word, autoescape=True))),
        )
        for word in wanted.words
    ]
    if code := dict(wanted.narrowed).get("code"):
        found.append(GatheredPassage.id.in_(of_mine.where(PassageCode.id == code)))
    return found


def read(session: Session, viewer: Viewer, passages: Sequence[GatheredPassage]) -> list[ReadPassage]:
    """Passages with their words, in the order given; without those that may not be read."""
    known = cards(session, viewer, {one.testimony_id for one in passages})
    codes = _codes(session, [one.id for one in passages])
    found: dict[str, ReadPassage] = {}
    ordered = sorted(passages, key=lambda one: (one.testimony_id, one.version))
    for (testimony_id, number), of_it in groupby(ordered, key=lambda one: (one.testimony_id, one.version)):
        if (card := known.get(testimony_id)) is None:
            continue
        try:
            version, segments, other, translated = _words(session, viewer, testimony_id, number)
        except Unknown:
            continue
        for one in of_it:
            found[one.id] = ReadPassage(
                passage=one,
                card=card,
                version=version.number,
                language=version.language,
                text=_said(segments, one.span),
                other_language=other,
                other=_said(translated, one.span),
                codes=codes.get(one.id, ()),
            )
    return [found[one.id] for one in passages if one.id in found]


def _words(
    session: Session, viewer: Viewer, testimony_id: str, number: int
) -> tuple[TranscriptVersion, Sequence[ShownSegment], str, Sequence[ShownSegment]]:
    """The words of a version, or of the one that holds, and of its translation. Raises Unknown."""
    version = transcript_versions.citable(session, viewer.inside, testimony_id, number)
    version = version or transcript_versions.holding(session, viewer.inside, testimony_id)
    if version is None:
        raise Unknown("There is no such thing here.")
    segments = readable_text.readable(session, viewer, version)
    for language, other in transcript_versions.translations(session, version).items():
        if viewer.inside or other.stage == "approved":
            return version, segments, language, readable_text.readable(session, viewer, other)
    return version, segments, "", ()


def _said(segments: Sequence[ShownSegment], span: Span) -> str:
    return " ".join(text for one in segments if one.span.overlaps(span) and (text := one.text.strip()))


def passage_at(session: Session, collection: PassageCollection, passage_id: str) -> GatheredPassage:
    """Raises Unknown: it is not in this collection."""
    found = session.get(GatheredPassage, passage_id)
    if found is None or found.collection_id != collection.id:
        raise Unknown("There is no such thing here.")
    return found


def remove(session: Session, collection: PassageCollection, passage_id: str, *, back: bool = False) -> None:
    """Take a passage out of its collection, or put it back with its note and codes. Raises Unknown."""
    passage_at(session, collection, passage_id).removed_at = None if back else now()
    session.flush()


def move(session: Session, passage: GatheredPassage, into: PassageCollection) -> None:
    """Into another collection of the same keeper, with its note and its codes."""
    names = _codes(session, [passage.id]).get(passage.id, ())
    session.execute(delete(PassageCoding).where(PassageCoding.passage_id == passage.id))
    before, passage.collection_id = passage.collection_id, into.id
    session.flush()
    _code(session, passage, names)
    _forget_unused(session, before)


def annotate(session: Session, passage: GatheredPassage, note: str, codes: str) -> None:
    """Write a passage's note and its codes, which are parted by commas."""
    passage.note = written(note)
    given = (" ".join(tidy(one).split())[:LONGEST_CODE] for one in codes.translate(_BETWEEN_CODES).split(","))
    session.execute(delete(PassageCoding).where(PassageCoding.passage_id == passage.id))
    _code(session, passage, tuple(dict.fromkeys(filter(None, given)))[:MOST_CODES])
    _forget_unused(session, passage.collection_id)


def _code(session: Session, passage: GatheredPassage, names: Sequence[str]) -> None:
    known = {one.name.casefold(): one for one in codes_of(session, passage.collection_id)}
    chosen: set[str] = set()
    for name in names:
        code = known.get(name.casefold())
        if code is None:
            code = PassageCode(collection_id=passage.collection_id, name=name)
            session.add(code)
            session.flush()
            known[name.casefold()] = code
        chosen.add(code.id)
    session.add_all(PassageCoding(passage_id=passage.id, code_id=one) for one in sorted(chosen))
    session.flush()


def _forget_unused(session: Session, collection_id: str) -> None:
    used = select(PassageCoding.code_id)
    mine = PassageCode.collection_id == collection_id
    session.execute(delete(PassageCode).where(mine, PassageCode.id.not_in(used)))


def codes_of(session: Session, collection_id: str) -> list[PassageCode]:
    """The codes of a collection by their names."""
    query = select(PassageCode).where(PassageCode.collection_id == collection_id)
    return list(session.scalars(query.order_by(PassageCode.name)))


def codes_shown(session: Session, viewer: Viewer, collection: PassageCollection) -> list[tuple[PassageCode, int]]:
    """The codes of passages that this viewer may read, each with how many there are."""
    query = (
        select(PassageCode, func.count())
        .join(PassageCoding, PassageCoding.code_id == PassageCode.id)
        .join(GatheredPassage, GatheredPassage.id == PassageCoding.passage_id)
        .where(PassageCode.collection_id == collection.id, GatheredPassage.removed_at.is_(None), readable(viewer))
        .group_by(PassageCode.id)
        .order_by(PassageCode.name)
    )
    return [(code, count) for code, count in session.execute(query)]


def _codes(session: Session, passage_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    rows = session.execute(
        select(PassageCoding.passage_id, PassageCode.name)
        .join(PassageCode, PassageCode.id == PassageCoding.code_id)
        .where(PassageCoding.passage_id.in_(passage_ids))
        .order_by(PassageCode.name)
    )
    found: dict[str, tuple[str, ...]] = {}
    for passage_id, name in rows:
        found[passage_id] = (*found.get(passage_id, ()), name)
    return found


def _closed(viewer: Viewer, collection: PassageCollection) -> tuple[ColumnElement[bool], ...]:
    return (GatheredPassage.collection_id == collection.id, GatheredPassage.removed_at.is_(None), ~readable(viewer))


def something_taken_back(session: Session, viewer: Viewer, collection: PassageCollection) -> bool:
    """Whether its keeper gathered something that may not be read any more; nobody else is told.

    Whoever a collection is shared with may never have been able to know of what was in it.
    """
    if viewer.account_id != collection.account_id:
        return False
    closed = select(GatheredPassage.id).where(*_closed(viewer, collection)).limit(1)
    return collection.lost or session.scalar(closed) is not None


def heard_of(session: Session, viewer: Viewer, collection: PassageCollection) -> None:
    """Its keeper has read that something was taken back: what may not be read now leaves the collection for good."""
    collection.lost = False
    session.execute(delete(GatheredPassage).where(*_closed(viewer, collection)))
    _forget_unused(session, collection.id)


def forget_testimony(session: Session, testimony_id: str) -> int:
    """Take a destroyed testimony out of every collection, with its notes; their keepers are told that something went.

    Returns:
        How many passages there were.
    """
    mine = GatheredPassage.testimony_id == testimony_id
    held = select(GatheredPassage.collection_id).where(mine)
    kept = set(session.scalars(held.where(GatheredPassage.removed_at.is_(None))))
    every_one = set(session.scalars(held))
    session.execute(update(PassageCollection).where(PassageCollection.id.in_(kept)).values(lost=True))
    count = session.scalar(select(func.count()).select_from(GatheredPassage).where(mine)) or 0
    session.execute(delete(PassageCoding).where(PassageCoding.passage_id.in_(select(GatheredPassage.id).where(mine))))
    session.execute(delete(GatheredPassage).where(mine))
    for collection_id in sorted(every_one):
        _forget_unused(session, collection_id)
    return count
