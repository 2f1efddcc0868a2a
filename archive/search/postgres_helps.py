"""What the lyric desk asks of the PostgreSQL index: passages alike, how often a phrase is said, and words that rhyme.

A word's rarity is counted up to a bound, past which it is common and no more: its exact count would only cost time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from psycopg import Cursor
from psycopg.rows import TupleRow

from archive.ports import Allowed, SearchHit
from archive.search import postgres_sql as sql
from archive.search.index import AlikeAnswer, RhymingTerm, UseCount, UsesAnswer
from archive.search.postgres_parts import Parts, PartsView
from archive.search.query import Words

COMMON = 5_000  # passages; a word in more is taken to be in so many
GATHERED = 3_000  # passages with the rarest words, which are then ranked by all of them
PAIR = 0.5  # what two words side by side count for besides, as a share of what both count for
_SEEN = "part = ANY(%s) AND kind = 'passage'"
_ROW = "key, kind, ref, segments, grp, form, array_to_string(testimonies, ' ')"
Rows = Cursor[TupleRow]


def alike(
    cursor: Rows, view: PartsView, words: Collection[str], pairs: Collection[tuple[str, str]], most: int
) -> AlikeAnswer:
    cursor.execute(f"SELECT count(*) FROM search_document WHERE {_SEEN}", [view.parts])  # noqa: S608
    count = _number(cursor)
    spread = {word: _spread(cursor, sql.quoted(word), view.parts) for word in sorted(words)}
    known = [word for word in spread if spread[word]]
    sharing = _spread(cursor, " | ".join(map(sql.quoted, known)), view.parts, count) if known else 0
    if count > most and not known:
        return AlikeAnswer((), spread, count, 0)
    weight = {word: math.log1p(count / (1 + spread[word])) for word in spread}
    condition = ""
    values: list[Any] = [view.parts]
    if count > most:
        condition = "AND words @@ %s::tsquery"
        values.append(" | ".join(map(sql.quoted, _rarest(spread, known))))
    score, weights = _score(weight, pairs)
    cursor.execute(
        f"WITH found AS MATERIALIZED (SELECT * FROM search_document WHERE {_SEEN} {condition} LIMIT %s) "  # noqa: S608
        f"SELECT {_ROW}, {score} AS score FROM found ORDER BY score DESC, key LIMIT %s",
        [*values, GATHERED, *weights, most],
    )
    return AlikeAnswer(tuple(map(_hit, cursor.fetchall())), spread, count, sharing)


def _rarest(spread: Mapping[str, int], known: Collection[str]) -> list[str]:
    """The rarest words, as many as stand in so many passages together as are ranked."""
    chosen: list[str] = []
    for word in sorted(known, key=lambda one: (spread[one], one)):
        if chosen and sum(spread[one] for one in chosen) + spread[word] > GATHERED:
            break
        chosen.append(word)
    return chosen


def _score(weight: Mapping[str, float], pairs: Collection[tuple[str, str]]) -> tuple[str, list[Any]]:
    parts = [(sql.quoted(word), weight[word]) for word in weight]
    parts += [
        (f"{sql.quoted(first)} <-> {sql.quoted(second)}", PAIR * (weight.get(first, 0.0) + weight.get(second, 0.0)))
        for first, second in sorted(set(pairs))
    ]
    written = " + ".join("(words @@ %s::tsquery)::int * %s::float8" for _ in parts) or "0.0"
    return written, [value for part in parts for value in part]


def uses(cursor: Rows, parts: Parts, view: PartsView, allowed: Allowed, phrase: Words, most: int) -> UsesAnswer:
    statement = sql.Statement(parts.vocabulary, view.told, allowed.songs, phrase)
    mine = statement.bind(view.parts)
    seen = f"part = ANY({mine}::bigint[]) AND kind = 'passage' AND {statement.condition}"
    cursor.execute(f"SELECT part, count(*) FROM search_document WHERE {seen} GROUP BY part", statement.values)  # noqa: S608
    counts: dict[str, int] = defaultdict(int)
    groups: dict[str, set[str]] = defaultdict(set)
    by_number = {part.number: part for part in parts.parts}
    for number, count in cursor.fetchall():
        for facet in by_number[number].facets:
            name, _, community = facet.partition("=")
            if name == "community":
                counts[community] += count
                groups[community].add(by_number[number].group)
    cursor.execute(
        f"SELECT {_ROW} FROM (SELECT DISTINCT ON (grp) * FROM search_document WHERE {seen} "  # noqa: S608
        f"ORDER BY grp, start_ms, key) one ORDER BY grp LIMIT {most}",
        statement.values,
    )
    found = {community: UseCount(counts[community], len(groups[community])) for community in counts}
    return UsesAnswer(found, tuple(map(_hit, cursor.fetchall())))


def rhyming(cursor: Rows, view: PartsView, key: str, without: str, most: int, places: int) -> list[RhymingTerm]:
    cursor.execute("SELECT word FROM search_word WHERE rhyme = %s AND word <> %s", (key, without))
    times = {term: _spread(cursor, sql.quoted(term), view.parts, None) for (term,) in cursor.fetchall()}
    best = sorted((term for term in times if times[term]), key=lambda term: (-times[term], term))[:most]
    found = []
    for term in best:
        cursor.execute(
            f"SELECT {_ROW} FROM (SELECT DISTINCT ON (grp) * FROM search_document WHERE {_SEEN} "  # noqa: S608
            "AND words @@ %s::tsquery ORDER BY grp, start_ms, key) one ORDER BY grp LIMIT %s",
            [view.parts, sql.quoted(term), places],
        )
        found.append(RhymingTerm(term, times[term], tuple(map(_hit, cursor.fetchall()))))
    return found


def _spread(cursor: Rows, query: str, parts: list[int], bound: int | None = COMMON) -> int:
    """In how many of the passages a query stands, counted up to a bound; to the end where there is none."""
    limit = "" if bound is None else f"LIMIT {int(bound)}"
    cursor.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM search_document WHERE {_SEEN} AND words @@ %s::tsquery {limit}) few",  # noqa: S608
        [parts, query],
    )
    return _number(cursor)


def _number(cursor: Rows) -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _hit(row: tuple[Any, ...]) -> SearchHit:
    key, kind, ref, segments, group, form, testimonies = row[:7]
    return SearchHit(key, kind, ref, tuple(testimonies.split()), 0.0, form, group, segments)
