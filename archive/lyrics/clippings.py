"""Gathering: passages of testimony are put on the desk, lie there by theme, and can be heard there.

What may not be quoted in a lyric cannot be clipped, and says why. A clipping whose consent goes away later stays as a
place that is held; its words are not there. Clippings are asked about anew each time they are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate, reasons
from archive.access.gate import Unknown, Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.lists import PAGE, ListPage, ListRequest
from archive.lyrics import comments, shared_draft
from archive.lyrics.sources import allowed, closed_outside, taken_out
from archive.models import Clipping, Segment, Song, Source, Tagging, Term, Testimony, TranscriptVersion, now
from archive.models.base import ID_LENGTH
from archive.models.source import quote_hash
from archive.transcripts import quotations, transcript_versions

LEAD_MS = 500  # heard before the words begin
LONGEST_QUOTE = 600
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"

WORDS = {
    "flagged": Message("The machine was not sure of these words. Listen and put them right first."),
    "taken-out": Message("This part is taken out of the testimony, so it cannot be sung."),
    "not-there": Message("These words do not stand at this place in the transcript. Choose them again."),
    "too-long": Message("That is too long. Choose a few sentences of it."),
}


class CannotClip(ArchiveError, ValueError):
    """A passage cannot be put on the desk; its code is one of `WORDS`, or a reason of the gate."""

    def __init__(self, code: str) -> None:
        super().__init__(WORDS.get(code) or reasons.WORDS[code], code=code)


@dataclass(frozen=True, slots=True)
class ClippingTheme:
    """What a clipping is about; without an id, nobody has said yet."""

    id: str = ""
    km: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class DeskClipping:
    """A clipping as one viewer may have it.

    Attributes:
        quote: the words; empty where they may not be read, and always where it is held.
        card: whom it is from; None where that may not be known.
        relations: how a line may draw on it: not `verbatim` where only a paraphrase is allowed; none where it is held.
        held: why it may not be used now, a reason's code; empty where it may.
        closed_outside: what of it a song that goes out may not have, as `sources.closed_outside` says.
    """

    clipping: Clipping
    quote: str
    language: str
    card: TestimonyCard | None
    theme: ClippingTheme
    relations: tuple[str, ...]
    held: str
    closed_outside: str = ""

    @property
    def play_from_ms(self) -> int:
        return max(0, self.clipping.start_ms - LEAD_MS)

    @property
    def why(self) -> FilledMessage:
        """Why it is held."""
        return CannotClip(self.held).sentence


def clip(
    session: Session,
    viewer: Viewer,
    testimony_id: str,
    at_ms: int,
    *,
    words: str = "",
    language: str = "",
    song: Song | None = None,
    by_id: str | None = None,
) -> Clipping:
    """Put a passage on the desk: the words given, or all that is said at that moment; what lies there lies there once.

    Args:
        at_ms: a moment in the listening file, within the passage.
        words: as they stand in the transcript or its translation.
        language: of the words; the language spoken unless given.
        song: the song they lie with; without one, with the testimony's campaign.

    Raises:
        Unknown: there is no such testimony, or the viewer may not know of it.
        CannotClip: it may not be read or not be quoted in a lyric, or is not to be trusted.
    """
    gate.require(session, viewer, testimony_id, "existence")
    if gate.best_transcript_form(session, viewer, testimony_id) is None:
        raise CannotClip(gate.may(session, viewer, testimony_id, "redacted_transcript").reason)
    relations, reason = allowed(session, viewer, testimony_id)
    if not relations:
        raise CannotClip(reason)
    version = _version(session, viewer, testimony_id, language)
    place = _place(session, version, at_ms, words)
    if len(place.quote) > LONGEST_QUOTE:
        raise CannotClip("too-long")
    if taken_out(session, testimony_id, place.span):
        raise CannotClip("taken-out")
    testimony = session.get_one(Testimony, testimony_id)
    campaign = None if song else testimony.campaign_id
    return _laid(session, version, place, song.id if song else None, campaign, by_id)


def of_source(session: Session, source: Source, song_id: str) -> Clipping:
    """The clipping that quotes what a kept line quotes, so that a draft can draw on the same words."""
    place = quotations.Anchor(source.segment_id or "", source.span, source.quote)
    version = session.get_one(TranscriptVersion, source.version_id)
    made = _laid(session, version, place, song_id, None, source.made_by_id)
    if source.state == "review":
        made.state = "review"
    return made


def lying_with(session: Session, viewer: Viewer, song: Song, used: Collection[str] = ()) -> list[DeskClipping]:
    """What lies with a song, and what it draws on: by theme, then in the order it was said."""
    query = select(Clipping).where(
        or_(Clipping.song_id == song.id, Clipping.id.in_(list(used))),
        or_(Clipping.off_at.is_(None), Clipping.id.in_(list(used))),
    )
    return shown(session, viewer, session.scalars(query).all())


def not_with_a_song(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[DeskClipping]:
    """A page of what lies on the desk for no song yet: of the newest first, and on the page by theme."""
    loose = select(Clipping).where(Clipping.song_id.is_(None), Clipping.off_at.is_(None))
    total = session.scalar(select(func.count()).select_from(loose.subquery())) or 0
    here = loose.order_by(Clipping.made_at.desc(), Clipping.id).offset(wanted.offset).limit(PAGE)
    return ListPage(wanted, shown(session, viewer, session.scalars(here).all()), total, total)


def shown(session: Session, viewer: Viewer, clippings: Sequence[Clipping]) -> list[DeskClipping]:
    """Clippings as this viewer may have them, by theme; those of one that is not known any more are held."""
    told = {one.testimony_id for one in clippings}
    known = cards(session, viewer, told)
    may = {one: allowed(session, viewer, one) for one in told}
    outside = {one: closed_outside(session, one, relations) for one, (relations, _) in may.items()}
    themes = _themes(session, clippings)
    found = []
    for one in clippings:
        relations, held = may[one.testimony_id]
        if not held and taken_out(session, one.testimony_id, one.span):
            relations, held = (), "taken-out"
        card = None if held in {"withdrawn", "unknown"} else known.get(one.testimony_id)
        readable = "verbatim" in relations or (card is not None and card.readable)
        version = session.get(TranscriptVersion, one.version_id)
        found.append(
            DeskClipping(
                clipping=one,
                quote=one.quote if readable and not held else "",
                language=version.language if version else "km",
                card=card,
                theme=themes[one.id] if not held else ClippingTheme(),
                relations=relations,
                held=held,
                closed_outside=outside[one.testimony_id] if relations else "",
            )
        )
    return sorted(
        found, key=lambda one: (not one.theme.id, one.theme.km, one.clipping.testimony_id, one.clipping.start_ms)
    )


def find(session: Session, viewer: Viewer, clipping_id: str) -> Clipping:
    """A clipping, for whoever works at the desk.

    Raises:
        Unknown: there is none.
    """
    found = session.get(Clipping, clipping_id) if viewer.inside else None
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def take_off(session: Session, viewer: Viewer, clipping_id: str, *, back: bool = False) -> Clipping:
    """Take a clipping off the desk, or put it back; lines that draw on it keep it."""
    found = find(session, viewer, clipping_id)
    found.off_at = None if back else now()
    session.flush()
    return found


def lay_with(session: Session, viewer: Viewer, clipping_id: str, song: Song) -> Clipping:
    """Lay a clipping with a song; one that already lies with another stays there, and a second one is laid here."""
    found = find(session, viewer, clipping_id)
    if found.song_id is None:
        found.song_id, found.campaign_id, found.off_at = song.id, None, None
        session.flush()
        return found
    version = session.get_one(TranscriptVersion, found.version_id)
    place = quotations.Anchor(found.segment_id or "", found.span, found.quote)
    return _laid(session, version, place, song.id, None, found.made_by_id)


def forget_quotes(session: Session, testimony_id: str, texts: frozenset[str]) -> int:
    """Take a destroyed testimony off the desk: its clippings, its words in drafts, the comments that repeat them.

    Args:
        texts: lines that were sung as she said them.

    Returns:
        How many clippings, drafts and comments were touched.
    """
    clipped = Clipping.testimony_id == testimony_id
    quotes = frozenset(session.scalars(select(Clipping.quote).where(clipped)))
    quotes |= frozenset(session.scalars(select(Source.quote).where(Source.testimony_id == testimony_id))) | texts
    touched = len(shared_draft.forget_draft_lines(session, testimony_id, texts)) + comments.forget_comments(
        session, quotes
    )
    gone = session.scalars(select(Clipping).where(clipped)).all()
    for one in gone:
        session.delete(one)
    session.flush()
    return touched + len(gone)


def _version(session: Session, viewer: Viewer, testimony_id: str, language: str) -> TranscriptVersion:
    version = transcript_versions.current(session, testimony_id, approved_only=True)
    if version is None and viewer.inside:
        version = transcript_versions.current(session, testimony_id, approved_only=False)
    if version is None:
        raise Unknown("There is no such thing here.")
    found = quotations.version_in(session, version, language or version.language)
    return found or version


def _place(session: Session, version: TranscriptVersion, at_ms: int, words: str) -> quotations.Anchor:
    """The words at that moment, or of several places where they stand the nearest to it."""
    of = version.translates_id or version.id
    segments = session.scalars(select(Segment).where(Segment.version_id == of).order_by(Segment.position)).all()
    here = next((one for one in reversed(segments) if one.start_ms <= at_ms), segments[0] if segments else None)
    if here is None:
        raise CannotClip("not-there")
    if words.strip():
        found = quotations.anchors(session, version, words)
        if not found:
            raise CannotClip("not-there")
        place = min(found, key=lambda one: abs(one.span.start_ms - at_ms))
    else:
        texts = (
            transcript_versions.translated_texts(session, version) if version.translates_id else {here.id: here.text}
        )
        if not texts.get(here.id, "").strip():
            raise CannotClip("not-there")
        place = quotations.Anchor(here.id, here.span, texts[here.id].strip())
    if any(one.flags for one in segments if one.span.overlaps(place.span) or one.id == place.segment_id):
        raise CannotClip("flagged")
    return place


def _laid(
    session: Session,
    version: TranscriptVersion,
    place: quotations.Anchor,
    song_id: str | None,
    campaign_id: str | None,
    by_id: str | None,
) -> Clipping:
    known = select(Clipping).where(
        Clipping.testimony_id == version.testimony_id,
        Clipping.version_id == version.id,
        Clipping.quote_hash == quote_hash(place.quote),
        Clipping.start_ms == place.span.start_ms,
        Clipping.song_id == song_id if song_id else Clipping.song_id.is_(None),
    )
    found = session.scalars(known.limit(1)).one_or_none()
    if found is None:
        found = Clipping(
            id=_id(version.id, place, song_id, campaign_id),
            testimony_id=version.testimony_id,
            version_id=version.id,
            segment_id=place.segment_id or None,
            start_ms=place.span.start_ms,
            end_ms=place.span.end_ms,
            quote=place.quote,
            quote_hash=quote_hash(place.quote),
            song_id=song_id,
            campaign_id=campaign_id,
            made_by_id=by_id,
        )
        session.add(found)
    found.off_at = None
    session.flush()
    return found


def _id(version_id: str, place: quotations.Anchor, song_id: str | None, campaign_id: str | None) -> str:
    said = f"{version_id}|{place.span.start_ms}|{place.span.end_ms}|{place.quote}|{song_id}|{campaign_id}"
    number = int.from_bytes(hashlib.sha256(said.encode()).digest(), "big")
    letters = []
    for _ in range(ID_LENGTH):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)


def _themes(session: Session, clippings: Iterable[Clipping]) -> dict[str, ClippingTheme]:
    """Clipping id -> its theme: its own segment's before the whole testimony's, a person's before a machine's."""
    held = list(clippings)
    query = (
        select(Tagging)
        .join(Term)
        .where(
            Tagging.testimony_id.in_({one.testimony_id for one in held}),
            Tagging.state.in_(("confirmed", "suggested")),
            Term.kind == "theme",
        )
        .order_by(Tagging.state, Tagging.term_id, Tagging.id)
    )
    tags = session.scalars(query).all()
    found = {}
    for one in held:
        mine = [tag for tag in tags if tag.testimony_id == one.testimony_id]
        here = [tag for tag in mine if tag.segment_id and tag.segment_id == one.segment_id]
        term = next((tag.term for tag in here or mine), None)
        found[one.id] = ClippingTheme(term.id, term.label("km"), term.label("en")) if term else ClippingTheme()
    return found
