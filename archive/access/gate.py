"""The one gate: who may see, hear, search, quote or download what, in which form.

Every outward channel asks here and nowhere else: page, search, facet, suggestion, media byte, manifest, feed, export.
The rule itself is the pure function `gate.decide`; this module brings it what it needs from the database, and states
it once more in SQL for lists and searches.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache, lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    exists,
    false,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from archive import in_force
from archive.access import clock
from archive.access.rule import (
    HEARD_FIRST,
    HEARD_THROUGH_FIRST,
    LEVELS,
    LISTED,
    PUBLIC,
    STEWARD_FORMS,
    TRANSCRIPTS,
    UNKNOWN,
    ConsentState,
    Decision,
    Grant,
    Unknown,
    Viewer,
    answering,
    decide,
    finest_place,
    rank,
    satisfied_by,
    strictest,
)
from archive.access.stand_ins import stand_in
from archive.models import (
    AccessRequest,
    Account,
    LyricLine,
    LyricVersion,
    Permission,
    Redaction,
    Song,
    Source,
    Testimony,
    Tombstone,
    TranscriptVersion,
    now,
)
from archive.models.base import UtcDateTime
from archive.models.consent import FORMS
from archive.models.lyric import IS_CURRENT
from archive.ports import Allowed

__all__ = [
    "PUBLIC",
    "UNKNOWN",
    "ConsentState",
    "Decision",
    "Grant",
    "Unknown",
    "Viewer",
    "allowed",
    "best_transcript_form",
    "closed_lines",
    "closed_source",
    "conditions",
    "consent_state",
    "decide",
    "may",
    "may_all",
    "permitted",
    "place_level",
    "require",
    "song_visible",
    "sound_for",
    "sound_of",
    "viewer_of",
    "visible_songs",
]

Clock = datetime | BindParameter[datetime] | None
_AT: BindParameter[datetime] = bindparam("at_this_moment", type_=UtcDateTime)

KEPT = 256  # statements of one kind; there are as many as there are viewers who may have different things

# Her words as she said them are a quotation; whatever the band made of them is a paraphrase.
FORM_OF_RELATION = {"verbatim": "quotation", "adapted": "paraphrase", "inspired": "paraphrase"}
SUNG_FOR = "song"  # the purpose for which words stand in a song, whoever listens to it
ON_AIR = "broadcast"  # the purpose for which a station is handed a song


def viewer_of(session: Session, account: Account | None) -> Viewer:
    """The account as a viewer; nobody signed in, or a disabled account, is the public."""
    if account is None or account.disabled:
        return PUBLIC
    named: frozenset[str] = frozenset()
    if account.role == "researcher":
        granted = select(AccessRequest.testimony_id).where(
            AccessRequest.account_id == account.id,
            AccessRequest.state == "granted",
            or_(AccessRequest.until.is_(None), AccessRequest.until > now()),
        )
        named = frozenset(session.scalars(granted))
    return Viewer(account.id, account.role, frozenset(account.groups), named)


_SONG: BindParameter[str] = bindparam("song_asked_for")
_TESTIMONY: BindParameter[str] = bindparam("testimony_asked_for")


def consent_state(session: Session, testimony_id: str) -> ConsentState | None:
    """What the gate needs to know of a testimony; None when there is none of that id.

    The same is asked of the database either way: by how long an answer took, nobody learns that there is one.
    """
    asked_for = {_TESTIMONY.key: testimony_id}
    row = session.execute(_state(), asked_for).one_or_none()
    rows = session.scalars(_permissions(), asked_for).all()
    closed = in_force.closes(session, testimony_id)
    if row is None:
        return None
    withdrawn, approved, marks, unheard, through = (bool(value) for value in row)
    withdrawn = withdrawn or closed
    grants = tuple(Grant(p.form, p.audience, p.purpose, p.start, p.end, p.level) for p in rows)
    return ConsentState(testimony_id, withdrawn, grants, approved, marks, heard=not unheard, heard_through=through)


# Putting a statement together costs more than running it, and nearly every page asks several: all of this module's are
# kept, each with the parameters it is run with. One account of each role makes some thirty of them.
@cache
def _state() -> Select[bool, bool, bool, bool, bool]:
    marked = Redaction.testimony_id == _TESTIMONY
    return select(
        or_(Testimony.withdrawn_at.is_not(None), exists().where(Tombstone.testimony_id == _TESTIMONY)),
        _approved(),
        exists().where(marked),
        exists().where(marked, Redaction.heard_at.is_(None)),
        Testimony.heard_through_at.is_not(None),
    ).where(Testimony.id == _TESTIMONY)


@cache
def _permissions() -> Select[Permission]:
    return select(Permission).where(Permission.testimony_id == _TESTIMONY)


def may(
    session: Session,
    viewer: Viewer,
    testimony_id: str,
    form: str,
    at: datetime | None = None,
    purpose: str | None = None,
) -> Decision:
    """Whether the viewer may have this form of the testimony, and why."""
    state = consent_state(session, testimony_id)
    decision = decide(state or ConsentState(testimony_id), viewer, form, clock.moment(session, at), purpose)
    return decision if state else UNKNOWN


def require(session: Session, viewer: Viewer, testimony_id: str, form: str, purpose: str | None = None) -> Decision:
    """As `may`, for a page that has nothing to say otherwise.

    Raises:
        Unknown: it may not be had, or is not there.
    """
    decision = may(session, viewer, testimony_id, form, purpose=purpose)
    if not decision:
        raise Unknown("There is no such thing here.")
    return decision


def may_all(
    session: Session,
    viewer: Viewer,
    testimony_ids: Collection[str],
    form: str,
    at: datetime | None = None,
    *,
    own_words: bool = False,
    purpose: str | None = None,
) -> Decision:
    """Whether the viewer may have something made from these testimonies: the strictest of their answers.

    What names no testimony is refused, unless the caller vouches that it is a song's own words.
    """
    if not testimony_ids and own_words:
        return Decision(True, "own")
    return strictest(may(session, viewer, one, form, at, purpose) for one in testimony_ids)


@lru_cache(maxsize=KEPT)
def permitted(
    viewer: Viewer, form: str, at: Clock = None, purpose: str | None = None, level: str = LEVELS[0]
) -> Select[str]:
    """Ids of the testimonies of which the viewer may have `form`: `decide` as a query, to be used inside others.

    Args:
        level: of a place, how exactly it must be allowed to be told: `finest_place` as a condition.
    """
    return select(Testimony.id).where(*conditions(viewer, form, at, purpose, level))


def conditions(
    viewer: Viewer, form: str, at: Clock = None, purpose: str | None = None, level: str = LEVELS[0]
) -> list[ColumnElement[bool]]:
    """As `permitted`, of a row of `Testimony` in another query: a list cut to a page asks no more than it shows."""
    found: list[ColumnElement[bool]] = [
        Testimony.withdrawn_at.is_(None),
        ~exists().where(Tombstone.testimony_id == Testimony.id),
        Testimony.id.not_in(in_force.taken_back),
    ]
    if viewer.role == "steward" and form in STEWARD_FORMS:
        return found
    found.append(_granted(viewer, form, at, purpose, level))
    if form in LISTED:
        found.append(_granted(viewer, "existence", at, purpose))
    if viewer.inside:
        return found
    if form in TRANSCRIPTS:
        found.append(_approved())
    if form in HEARD_THROUGH_FIRST:
        found.append(Testimony.heard_through_at.is_not(None))
    if form in HEARD_FIRST:
        found.append(~exists().where(Redaction.testimony_id == Testimony.id, Redaction.heard_at.is_(None)))
    return found


def _approved() -> ColumnElement[bool]:
    return exists().where(
        TranscriptVersion.testimony_id == Testimony.id,
        TranscriptVersion.stage == "approved",
        TranscriptVersion.translates_id.is_(None),
    )


def _granted(viewer: Viewer, form: str, at: Clock, purpose: str | None, level: str = LEVELS[0]) -> ColumnElement[bool]:
    audience: ColumnElement[bool] = Permission.audience.in_(sorted(viewer.audiences("", form)))
    if viewer.role == "researcher" and form != "existence":
        named = and_(Permission.audience == "researcher", Permission.testimony_id.in_(sorted(viewer.named)))
        audience = or_(audience, named)
    conditions = [
        Permission.testimony_id == Testimony.id,
        Permission.form.in_(satisfied_by(form)),
        Permission.purpose.in_(sorted(answering(viewer, purpose))),
        audience,
        clock.within(Permission.start, Permission.end, at),
    ]
    if form == "full_transcript" and not viewer.inside:
        marked = exists().where(Redaction.testimony_id == Permission.testimony_id)
        conditions.append(or_(Permission.audience != "public", ~marked))
    if rank(level):
        conditions.append(Permission.level.in_(LEVELS[rank(level) :]))
    return exists().where(*conditions)


def allowed(session: Session, viewer: Viewer, at: datetime | None = None) -> Allowed:
    """What the viewer may find, for the filter inside a search."""
    at_this_moment = {_AT.key: at or now()}
    found: dict[str, set[str]] = {form: set() for form in FORMS}
    for form, testimony_id in session.execute(_every_form(viewer), at_this_moment):
        found[form].add(testimony_id)
    songs = frozenset(session.scalars(_songs_of(viewer), at_this_moment))
    return Allowed({form: frozenset(ids) for form, ids in found.items()}, songs)


@lru_cache(maxsize=KEPT)
def _every_form(viewer: Viewer) -> CompoundSelect[str, str]:
    return union_all(
        *(
            select(literal(form).label("form"), Testimony.id).where(Testimony.id.in_(permitted(viewer, form, _AT)))
            for form in FORMS
        )
    )


@lru_cache(maxsize=KEPT)
def _songs_of(viewer: Viewer) -> Select[str]:
    return visible_songs(viewer, _AT)


@lru_cache(maxsize=KEPT)
def visible_songs(viewer: Viewer, at: Clock = None) -> Select[str]:
    """Ids of the songs the viewer may have whole; those with a page are `archive.access.song_access.shown_songs`.

    A song needs all of its sources: each line of its current words that draws on a testimony may be opened by whoever
    that may be quoted, or paraphrased, to. For the public it is published as well, and no line of it is held. The band
    has its drafts, and the songs with held lines, about which it has to decide; the held words are not among those
    that are shown. Stewards have every song, since they ask the narrators.
    """
    if viewer.role == "steward":
        return select(Song.id)
    current = [LyricVersion.song_id == Song.id, IS_CURRENT, LyricLine.version_id == LyricVersion.id]
    drawn = [*current, Source.line_id == LyricLine.id]
    if viewer.inside:
        return select(Song.id).where(~exists().where(*drawn, LyricLine.held.is_(False), _falls(viewer, at)))
    return select(Song.id).where(
        Song.state == "published",
        ~exists().where(*current, LyricLine.held.is_(True)),
        ~exists().where(*drawn, closed_source(viewer, at)),
    )


def _falls(viewer: Viewer, at: Clock) -> ColumnElement[bool]:
    """Of a source: its testimony may not be sung from to this viewer, as near to her words as the line is."""
    return or_(
        *(
            and_(Source.relation == relation, Source.testimony_id.not_in(permitted(viewer, form, at, SUNG_FOR)))
            for relation, form in FORM_OF_RELATION.items()
        )
    )


def closed_source(viewer: Viewer, at: Clock = None) -> ColumnElement[bool]:
    """Of a source: the line that it is of may not be sung to this viewer; outside, nor while it is held."""
    falls = _falls(viewer, at)
    return falls if viewer.inside else or_(Source.state == "held", falls)


@lru_cache(maxsize=KEPT)
def closed_lines(viewer: Viewer, at: Clock = None) -> Select[str]:
    """Ids of the lyric lines, of whatever version, whose words this viewer may not have: a source of theirs is closed.

    A held line is closed to everybody but the stewards.
    """
    if viewer.role == "steward":
        return select(LyricLine.id).where(false())
    hers = exists().where(Source.line_id == LyricLine.id, _falls(viewer, at))
    return select(LyricLine.id).where(or_(LyricLine.held.is_(True), hers))


def song_visible(session: Session, viewer: Viewer, song_id: str, at: datetime | None = None) -> bool:
    """Whether the viewer may open the song; False also where there is no such song."""
    asked_for = {_SONG.key: song_id, _AT.key: at or now()}
    return session.scalar(_visible_song(viewer), asked_for) is not None


@lru_cache(maxsize=KEPT)
def _visible_song(viewer: Viewer) -> Select[str]:
    return visible_songs(viewer, _AT).where(Song.id == _SONG)


def best_transcript_form(session: Session, viewer: Viewer, testimony_id: str, at: datetime | None = None) -> str | None:
    """The fullest transcript the viewer may have: `full_transcript`, `redacted_transcript` or None."""
    forms = ("full_transcript", "redacted_transcript")
    return next((form for form in forms if may(session, viewer, testimony_id, form, at)), None)


def sound_for(session: Session, viewer: Viewer, testimony_id: str, at: datetime | None = None) -> str | None:
    """Which sound the viewer may hear.

    Returns:
        `whole`: the original voice with nothing taken out, for whoever may read the full transcript as well, or when
        there are no marks; `redacted`: the original voice without the marked spans; `disguised`: a member's reading
        that stands in for it; None: no sound.
    """
    state = consent_state(session, testimony_id)
    moment = clock.moment(session, at)
    return sound_of(session, viewer, state, moment) if state else None


def sound_of(session: Session, viewer: Viewer, state: ConsentState, moment: clock.Moment) -> str | None:
    """As `sound_for`, where the consent is known already."""
    if decide(state, viewer, "original_sound", moment):
        whole = not state.marks or decide(state, viewer, "full_transcript", moment)
        return "whole" if whole else "redacted"
    disguised = decide(state, viewer, "disguised_sound", moment) and stand_in(session, state.testimony_id)
    return "disguised" if disguised else None


def place_level(session: Session, viewer: Viewer, testimony_id: str, at: datetime | None = None) -> str | None:
    """How exactly the place may be told: `country`, `province`, `district`, `commune`, or None for not at all."""
    state = consent_state(session, testimony_id)
    return finest_place(state, viewer, clock.moment(session, at)) if state else None
