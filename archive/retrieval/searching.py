"""Searching: from what somebody typed to what she may be shown.

The gate is asked first and its answer goes into the query, so that hits, order, totals, facets and suggestions are
made of nothing else. The index only says where to look: what is shown is read from the database again, in the edition
that this viewer may have at this moment, and a hit that is no longer there is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import (
    CompoundSelect,
    Select,
    bindparam,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.language.normalise import normalise
from archive.models import Song, Testimony, now
from archive.models.base import UtcDateTime
from archive.ports import Allowed, SearchHit
from archive.retrieval import labels
from archive.retrieval.labels import Expansion, Thesaurus
from archive.retrieval.search_request import SearchRequest
from archive.retrieval.snippets import Shower, ShownHit
from archive.search.analysis import terms
from archive.search.highlight import SnippetPart
from archive.search.index import Paging, SearchIndex
from archive.search.query import And, Field, Filter, Node, Words, parse, transform, wanted

BEFORE_MS = 500
MOST_CORRECTED = 4  # words of one query for which another spelling is looked for
FORMS = ("existence", "redacted_transcript", "full_transcript", "pseudonym", "place")
_AT = bindparam("this_moment", type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes:
        kind, id: `passage` and its first segment, `point`, `testimony`, `song`, `line`, `term`.
        testimony: id of the testimony it belongs to; None for songs' own words and for terms.
        start_ms: when the first word that was found is said, or the point begins; None where nothing sounds.
        play_from_ms: for playing it in place: half a second before a word, and from a point itself.
        snippet: in the language in which it was found, as written.
        aligned: the same moment in the other languages, shortened likewise.
    """

    kind: str
    id: str
    testimony: str | None
    start_ms: int | None
    play_from_ms: int | None
    language: str
    snippet: tuple[SnippetPart, ...]
    aligned: Mapping[str, tuple[SnippetPart, ...]]
    score: float
    form: str


@dataclass(frozen=True, slots=True)
class HitGroup:
    """A testimony, a song or a term, with its best hits; `id` is the model's.

    Attributes:
        more: how many places of it answer and are not among the hits.
    """

    kind: str
    id: str
    title: Mapping[str, str]
    hits: tuple[Hit, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet; `names` are its labels by language, empty where the value speaks for itself."""

    value: str
    count: int
    names: Mapping[str, str]
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """What a search shows.

    Attributes:
        total: how many places answer; `more` says that there are at least so many.
        groups_total: how many testimonies and songs they stand in, for paging.
        themes: terms of the thesaurus that answer; ways on, which are not counted among the places.
        facets: facet -> values with the number of groups that have them, true for this viewer.
        expansions: what was searched for besides what was typed.
        suggestion: another spelling that would find something, when nothing was found.
    """

    total: int
    groups_total: int
    more: bool
    groups: tuple[HitGroup, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    expansions: tuple[Expansion, ...] = ()
    suggestion: str | None = None
    query: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    themes: tuple[HitGroup, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Every hit shown, best first."""
        return tuple(sorted((hit for group in self.groups for hit in group.hits), key=lambda hit: -hit.score))


def search(
    session: Session,
    index: SearchIndex,
    viewer: Viewer,
    request: SearchRequest,
    *,
    limit: int = 20,
    offset: int = 0,
    per_group: int = 3,
) -> Results:
    """Search as this viewer.

    Args:
        limit, offset: in groups.
        per_group: how many hits of one testimony or song are shown.
    """
    allowed = findable(session, viewer)
    known = Thesaurus(session)
    looked_up = _looked_up(session, index, allowed, known, request)
    answer = index.search(looked_up.node, allowed, Paging(limit, offset, per_group, request.sort))
    shower = Shower(session, list(wanted(looked_up.node)))
    groups = tuple(_groups(answer.hits, allowed, shower, answer.within))
    suggestion = _suggestion(index, allowed, looked_up.typed, request.query) if not answer.total else None
    return Results(
        answer.total,
        answer.groups,
        answer.bounded,
        groups,
        _named(session, known, answer.facets, looked_up.chosen),
        looked_up.expansions,
        suggestion,
        request.query,
        looked_up.chosen,
        tuple(_groups(answer.terms, allowed, shower)),
    )


def answering(
    session: Session, index: SearchIndex, viewer: Viewer, requests: Iterable[SearchRequest], most: int
) -> list[tuple[str, ...]]:
    """For each search, which testimonies and songs answer this viewer, as `KIND:ID`, the newest first.

    Reads no text, and asks the gate once for all of them.

    Args:
        most: how many are named of each search.
    """
    allowed = findable(session, viewer)
    known = Thesaurus(session)
    found = []
    for request in requests:
        node = _looked_up(session, index, allowed, known, request).node
        hits = index.search(node, allowed, Paging(most, 0, 1, "date")).hits
        found.append(tuple(hit.group for hit in hits if stands(hit, allowed)))
    return found


@dataclass(frozen=True, slots=True)
class _LookedUp:
    """A request with its fields looked up, as typed and as it is searched for."""

    typed: Node
    node: Node
    expansions: tuple[Expansion, ...]
    chosen: dict[str, tuple[str, ...]]


def _looked_up(
    session: Session, index: SearchIndex, allowed: Allowed, known: Thesaurus, request: SearchRequest
) -> _LookedUp:
    typed = transform(parse(request.query), lambda leaf: _resolve(leaf, session, index, allowed, known))
    chosen = {facet: tuple(values) for facet, values in request.filters.items() if values}
    if "theme" in chosen:
        chosen["theme"] = tuple(dict.fromkeys(map(known.now, chosen["theme"])))
    node, used = known.expand(typed, _themes_told(index, allowed, known)) if not request.exact else (typed, ())
    asked = {facet: known.as_indexed(values) if facet == "theme" else values for facet, values in chosen.items()}
    node = And((node, *(Filter(facet, values) for facet, values in asked.items())))
    return _LookedUp(typed, node, used, chosen)


def findable(session: Session, viewer: Viewer) -> Allowed:
    """What the gate lets this viewer find, as `access.allowed` for the forms a search asks of.

    Drafts are for those who make transcripts; and a place is only a facet where it may be told down to the province.
    """
    this_moment = {_AT.key: now()}
    rows = session.execute(_every_form(viewer), this_moment)
    forms = {form: frozenset(ids.split(",")) if ids else frozenset[str]() for form, ids in rows}
    if viewer.inside:
        forms["draft_redacted"] = forms["redacted_transcript"]
        forms["draft_full"] = forms["full_transcript"]
    return Allowed(forms, frozenset(session.scalars(_songs(viewer), this_moment)))


# Putting these together costs more than running them. One row for a form: rows cost more than ids.
@lru_cache(maxsize=128)
def _every_form(viewer: Viewer) -> CompoundSelect[str, str]:
    wanted = {form: gate.permitted(viewer, form, _AT) for form in FORMS}
    wanted["place"] = gate.permitted(viewer, "place", _AT, level="province")
    return union_all(
        *(
            select(literal(form), func.aggregate_strings(Testimony.id, ",")).where(Testimony.id.in_(ids))
            for form, ids in wanted.items()
        )
    )


@lru_cache(maxsize=128)
def _songs(viewer: Viewer) -> Select[str]:
    return gate.visible_songs(viewer, _AT)


def _resolve(leaf: Node, session: Session, index: SearchIndex, allowed: Allowed, known: Thesaurus) -> Node:
    """A field as typed becomes a filter on the values it names; one that names nothing finds nothing."""
    if not isinstance(leaf, Field):
        return leaf
    if leaf.name == "theme":
        named = known.named(leaf.value, {"theme"}) or [known.now(leaf.value)]
        return Filter("theme", known.as_indexed(known.with_narrower(named)))
    if leaf.name == "place":
        return Filter("place", tuple(known.named(leaf.value, {"province"})))
    if leaf.name == "community":
        return Filter("community", labels.communities_named(leaf.value))
    if leaf.name == "language":
        return Filter("language", labels.languages_named(leaf.value))
    if leaf.name == "year":
        return Filter("year", labels.years_named(leaf.value))
    if leaf.name == "song":
        return Filter("song", _songs_named(session, leaf.value, allowed))
    return Filter("speaker", _holding(leaf.value, index.values("speaker", allowed)))


def _songs_named(session: Session, typed: str, allowed: Allowed) -> tuple[str, ...]:
    rows = session.execute(select(Song.id, Song.slug, Song.title_km, Song.title_en, Song.title_romanised))
    titles = {title: song for song, *names in rows if song in allowed.songs for title in names if title}
    return tuple(dict.fromkeys(titles[title] for title in _holding(typed, titles)))


def _holding(typed: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that hold what was typed, letter by letter once both are folded."""
    folded = normalise(typed).text.replace(" ", "")
    return tuple(name for name in names if folded and folded in normalise(name).text.replace(" ", ""))


def _themes_told(index: SearchIndex, allowed: Allowed, known: Thesaurus) -> frozenset[str]:
    """Themes whose labels may be shown: those that everybody may know, and those of something the viewer may find."""
    return frozenset((known.known_to_all | set(map(known.now, index.values("theme", allowed)))) & known.kinds.keys())


def _groups(
    hits: Sequence[SearchHit], allowed: Allowed, shower: Shower, within: Mapping[str, int] | None = None
) -> Iterable[HitGroup]:
    confirmed = [hit for hit in hits if stands(hit, allowed)]
    shown = shower.show(confirmed)
    for name in dict.fromkeys(hit.group for hit in confirmed):
        kind, _, one = name.partition(":")
        found = tuple(_hit(hit, shown[hit.key]) for hit in confirmed if hit.group == name and hit.key in shown)
        if found:
            more = max(0, (within or {}).get(name, 0) - len(found))
            yield HitGroup(kind, one, shower.title(kind, one), found, more)


def stands(hit: SearchHit, allowed: Allowed) -> bool:
    """Whether the database, and not only the index, says that this may be found."""
    if hit.form == "song":
        return hit.group.removeprefix("song:") in allowed.songs
    return hit.form == "term" or (
        bool(hit.testimonies) and set(hit.testimonies) <= allowed.forms.get(hit.form, frozenset())
    )


def _hit(hit: SearchHit, shown: ShownHit) -> Hit:
    testimony = hit.testimonies[0] if hit.kind in {"passage", "point", "testimony"} else None
    start = shown.start_ms
    before = 0 if hit.kind == "point" else BEFORE_MS
    return Hit(
        hit.kind,
        hit.ref,
        testimony,
        start,
        None if start is None else max(0, start - before),
        shown.language,
        shown.snippet,
        shown.aligned,
        hit.score,
        hit.form,
    )


def _named(
    session: Session, known: Thesaurus, facets: Mapping[str, Mapping[str, int]], chosen: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[FacetValue, ...]]:
    facets = {**facets, **({"theme": folded_counts(known, facets["theme"])} if "theme" in facets else {})}
    songs = facets.get("song", {})
    titles = (
        {
            song: {"km": km, "en": en}
            for song, km, en in session.execute(
                select(Song.id, Song.title_km, Song.title_en).where(Song.id.in_(list(songs)))
            )
        }
        if songs
        else {}
    )

    def names(facet: str, value: str) -> Mapping[str, str]:
        if facet in {"theme", "place"}:
            return {language: known.name(value, language) for language in ("km", "en")}
        return titles.get(value, {}) if facet == "song" else {}

    return {
        facet: tuple(
            FacetValue(value, count, names(facet, value), value in chosen.get(facet, ()))
            for value, count in values.items()
        )
        for facet, values in facets.items()
    }


def folded_counts(known: Thesaurus, counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by theme, with those of a merged theme, whose places are not indexed anew yet, under the one it is now."""
    found: dict[str, int] = {}
    for theme, count in counts.items():
        found[known.now(theme)] = found.get(known.now(theme), 0) + count
    return found


def _suggestion(index: SearchIndex, allowed: Allowed, node: Node, query: str) -> str | None:
    """The query with each word nobody wrote put right, where that finds something the viewer may see."""
    better = query
    pieces = [piece for words in wanted(node) for piece in _pieces(words)]
    for form, written in pieces[:MOST_CORRECTED]:
        near = index.near(form, allowed)
        if near and written in better:
            better = better.replace(written, near[0], 1)
    if better == query:
        return None
    found = index.search(parse(better), allowed, Paging(limit=1, per_group=1))
    return better if found.total else None


def _pieces(words: Words) -> list[tuple[str, str]]:
    """What is looked up, as (search form, as typed): Khmer as one piece, since a wrong sign changes how it is cut."""
    if len(words.terms) == 1 or " " not in words.typed:
        return [(normalise(words.typed).text if len(words.terms) > 1 else words.terms[0], words.typed)]
    return [(form, piece) for piece in words.typed.split() for form in terms(piece)]
