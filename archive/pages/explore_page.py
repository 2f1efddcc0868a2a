"""Exploring the testimonies: where they were told, when and of what, and the list of those that are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue import browsing
from archive.catalogue.browsing import LENGTHS, OPEN, PLACE
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.list_counts import counted
from archive.catalogue.province_tiles import ProvinceTile, province_tiles
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Term
from archive.models.narrator import COMMUNITIES

SHADES = 5
LONGEST_LINE = 120  # years on one time line


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the map; `shade` from 0, for none, to `SHADES`."""

    place: ProvinceTile
    count: int
    shade: int


@dataclass(frozen=True, slots=True)
class Share:
    """A value of a facet, and how many there are with it; `share` of the largest, from 0 to 100."""

    value: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class ThemeShare:
    """A theme with what is narrower, and how many tell of it or of that."""

    id: str
    km: str
    en: str
    count: int
    share: int
    below: tuple[ThemeShare, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplorePage:
    """What is there for this viewer.

    Attributes:
        unplaced: how many tell no province.
        undated: how many tell no year.
        vague: how many may be of more than one year, and stand in each of them.
        chosen: names by language of the theme and the province that the list is narrowed to, as far as they are known.
    """

    found: ListPage[TestimonyCard]
    tiles: tuple[Tile, ...]
    unplaced: int
    years: tuple[Share, ...]
    undated: int
    vague: int
    communities: tuple[Share, ...]
    languages: tuple[Share, ...]
    lengths: tuple[Share, ...]
    open: tuple[Share, ...]
    themes: tuple[ThemeShare, ...]
    chosen: Mapping[str, tuple[str, str]]


def explore_page(session: Session, viewer: Viewer, wanted: ListRequest, language: str) -> ExplorePage:
    """The pictures and a page of the list, both narrowed to what is wanted.

    Args:
        language: in whose titles the list is sorted, `km` or `en`.
    """
    what = ("explore", viewer.scope, wanted.narrowed, wanted.text)
    facets = _by_facet(counted(session, what, browsing.counts(viewer, wanted)))
    ids = session.scalars(browsing.found(viewer, wanted, language).offset(wanted.offset).limit(PAGE)).all()
    known = cards(session, viewer, ids)
    rows = [known[one] for one in ids if one in known]
    total, everything = facets["all"].get("", 0), facets["known"].get("", 0)
    years, vague = _of_years(facets["year"])
    tree, names = _themes(session, facets["theme"])
    return ExplorePage(
        found=ListPage(wanted, rows, total, everything),
        tiles=_tiles(facets["place"]),
        unplaced=facets["place"].get("", 0),
        years=years,
        undated=facets["year"].get("/", 0),
        vague=vague,
        communities=_shares(facets["community"], COMMUNITIES),
        languages=_shares(facets["language"], sorted(facets["language"])),
        lengths=_shares(facets["length"], LENGTHS),
        open=_shares(facets["open"], OPEN),
        themes=tree,
        chosen=_chosen(wanted, names),
    )


def _by_facet(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in ("all", "known", *browsing.FACETS)}
    for key, count in counts.items():
        facet, _, value = key.partition(":")
        found[facet][value] = count
    return found


def _shares(counts: Mapping[str, int], order: Iterable[str]) -> tuple[Share, ...]:
    most = max(counts.values(), default=0)
    return tuple(Share(one, counts[one], _of_100(counts[one], most)) for one in order if one and counts.get(one))


def _of_100(count: int, most: int) -> int:
    """A length in hundredths of the largest; whatever there is can be seen."""
    return max(2, round(100 * count / most)) if count else 0


def _tiles(counts: Mapping[str, int]) -> tuple[Tile, ...]:
    """The map: each shade stands for a fifth of the largest number, so that the legend can say it."""
    most = max((counts.get(one.code, 0) for one in province_tiles()), default=0)
    found = []
    for one in province_tiles():
        count = counts.get(one.code, 0)
        found.append(Tile(one, count, -(-SHADES * count // most) if count else 0))
    return tuple(found)


def _of_years(counts: Mapping[str, int]) -> tuple[tuple[Share, ...], int]:
    """A bar for every year from the first to the last, and how many stand in more than one."""
    in_year: dict[int, int] = {}
    vague = 0
    for stretch, count in counts.items():
        first, _, last = stretch.partition("/")
        if not (first.isdecimal() and last.isdecimal()):
            continue
        vague += count if first != last else 0
        for year in range(int(first), min(int(last), int(first) + LONGEST_LINE) + 1):
            in_year[year] = in_year.get(year, 0) + count
    if not in_year:
        return (), 0
    last_year = max(in_year)
    most = max(in_year.values())
    line = range(max(min(in_year), last_year - LONGEST_LINE + 1), last_year + 1)
    earlier = sorted(year for year in in_year if year < line[0])
    every = [*earlier, *line]
    return tuple(Share(str(y), in_year.get(y, 0), _of_100(in_year.get(y, 0), most)) for y in every), vague


def _themes(session: Session, counts: Mapping[str, int]) -> tuple[tuple[ThemeShare, ...], dict[str, tuple[str, str]]]:
    """The themes that something tells of, the most told first, each above what is narrower; and all known names."""
    every = session.scalars(select(Term).where(Term.kind == "theme", Term.merged_into_id.is_(None))).all()
    names = {one.id: _names(one) for one in every if one.known_to_all or counts.get(one.id)}
    told = [one for one in every if counts.get(one.id) and one.id in names]
    most = max((counts[one.id] for one in told), default=0)
    under: dict[str | None, list[Term]] = {}
    for one in told:
        under.setdefault(one.broader_id, []).append(one)

    def grown(some: Sequence[Term]) -> tuple[ThemeShare, ...]:
        ordered = sorted(some, key=lambda one: (-counts[one.id], one.id))
        return tuple(
            ThemeShare(
                one.id,
                *names[one.id],
                counts[one.id],
                _of_100(counts[one.id], most),
                grown(under.get(one.id, ())),
            )
            for one in ordered
        )

    return grown(under.get(None, ())), names


def _names(term: Term) -> tuple[str, str]:
    km, en = (next(iter(term.names(language)), "") for language in ("km", "en"))
    return km, en or ("" if km else term.id)


def _chosen(wanted: ListRequest, themes: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    places = {PLACE + one.code: (one.km, one.en) for one in province_tiles()}
    return {value: names[value] for _, value in wanted.narrowed for names in (places, themes) if value in names}
