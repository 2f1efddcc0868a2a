"""The search engine for archives past what one folder carries: PostgreSQL's full text over words that we cut.

Candidates are bounded before anything is ranked or counted, newest first and then by name, so that a common word
costs no more in a million passages than in ten thousand, and the same candidates are taken whatever else, hidden, is
in the tables.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from sqlalchemy import make_url

from archive.ports import Allowed, SearchAnswer, SearchDocument, SearchHit
from archive.search import postgres_helps, postgres_rows
from archive.search import postgres_sql as sql
from archive.search.index import FACETS, MOST_TERMS, AlikeAnswer, IndexBusy, Paging, RhymingTerm, UsesAnswer
from archive.search.postgres_parts import IndexPart, Parts, PartsView, in_order
from archive.search.query import Node, Words
from archive.settings import Settings

MOST_CANDIDATES = 2_000
WRITE_WAIT_MS = 10_000
REBUILD_WAIT_MS = 5_000
_LOCK = 7_205_759_403  # any number, the same in every process
_REBUILD_MB = 512  # with PostgreSQL's own 64 an index over a million texts is put together in many more rounds
# Compiling a statement takes longer than these statements do, and their candidates fit in memory.
_READING = "-c jit=off -c work_mem=32MB"
_NAMES = {"part": "search_part", "document": "search_document", "word": "search_word", "prefix": "search"}
_NEW = {"part": "search_new_part", "document": "search_new_document", "word": "search_new_word", "prefix": "search_new"}


def open_index(url: str, _settings: Settings) -> PostgresIndex:
    """The index in the database that `postgresql://` names."""
    return PostgresIndex(url)


class PostgresIndex:
    """A `SearchIndex` in tables of its own, `search_…`, which no migration knows: they can be made anew at any time."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._local = threading.local()
        self._opened: list[Connection[TupleRow]] = []
        self._generation: tuple[str, int] = ("", -1)
        self._parts = Parts((), ())

    @property
    def stale(self) -> bool:
        with self._reading() as cursor:
            return self._about(cursor)[0] != sql.version()

    def search(self, query: Node, allowed: Allowed, paging: Paging = Paging()) -> SearchAnswer:  # noqa: B008
        with self._reading() as cursor:
            parts = self._refresh(cursor)
            if not parts.parts:
                return SearchAnswer((), 0, {facet: {} for facet in FACETS})
            view = parts.view(allowed)
            every, bounded = self._candidates(cursor, parts, view, allowed, query)
        rows, named = [row for row in every if row[5] != "term"], [row for row in every if row[5] == "term"]
        facets = self._facets(rows, view, allowed)
        order = _by_date if paging.sort == "date" else _by_rank
        groups: dict[str, list[SearchHit]] = {}
        for row in sorted(rows, key=order):
            groups.setdefault(row[4], []).append(_hit(row))
        terms = tuple(_hit(row) for row in sorted(named, key=_by_rank)[:MOST_TERMS])
        within = dict(islice(groups.items(), paging.offset, paging.offset + paging.limit))
        hits = tuple(hit for found in within.values() for hit in found[: paging.per_group])
        return SearchAnswer(
            hits, len(rows), facets, len(groups), bounded, {group: len(found) for group, found in within.items()}, terms
        )

    def near(self, word: str, allowed: Allowed) -> list[str]:
        with self._reading() as cursor:
            parts = self._refresh(cursor)
            numbers = parts.view(allowed).parts
            if self._occurrences(cursor, word, numbers):
                return []
            seen = [(self._occurrences(cursor, other, numbers), other) for other in parts.spellings.near(word)]
        return [other for count, other in sorted(seen, key=lambda pair: (-pair[0], pair[1])) if count]

    def values(self, facet: str, allowed: Allowed) -> dict[str, int]:
        with self._reading() as cursor:
            return self._refresh(cursor).values(facet, allowed)

    def alike(
        self, words: Collection[str], pairs: Collection[tuple[str, str]], allowed: Allowed, most: int
    ) -> AlikeAnswer:
        with self._reading() as cursor:
            parts = self._refresh(cursor)
            if not parts.parts:
                return AlikeAnswer((), dict.fromkeys(words, 0), 0, 0)
            return postgres_helps.alike(cursor, parts.view(allowed), words, pairs, most)

    def uses(self, phrase: Words, allowed: Allowed, most: int) -> UsesAnswer:
        with self._reading() as cursor:
            parts = self._refresh(cursor)
            if not parts.parts:
                return UsesAnswer({}, ())
            return postgres_helps.uses(cursor, parts, parts.view(allowed), allowed, phrase, most)

    def rhyming(self, key: str, without: str, allowed: Allowed, most: int, places: int) -> list[RhymingTerm]:
        with self._reading() as cursor:
            parts = self._refresh(cursor)
            if not parts.parts:
                return []
            return postgres_helps.rhyming(cursor, parts.view(allowed), key, without, most, places)

    def digests(self) -> dict[str, str]:
        with self._reading() as cursor:
            return {part.group: part.digest for part in self._refresh(cursor).parts}

    def add(self, documents: Iterable[SearchDocument]) -> None:
        def change(cursor: Cursor[TupleRow]) -> None:
            every = list(documents)
            cursor.execute("DELETE FROM search_document WHERE key = ANY(%s)", ([one.key for one in every],))
            postgres_rows.insert(cursor, every, _NAMES)

        self._write(change)

    def replace(self, group: str, documents: Iterable[SearchDocument]) -> None:
        def change(cursor: Cursor[TupleRow]) -> None:
            postgres_rows.drop(cursor, [group])
            postgres_rows.insert(cursor, list(documents), _NAMES)

        self._write(change)

    def remove(self, keys: Collection[str]) -> None:
        self._write(lambda cursor: cursor.execute("DELETE FROM search_document WHERE key = ANY(%s)", (list(keys),)))

    def drop_groups(self, groups: Collection[str]) -> None:
        if groups:
            self._write(lambda cursor: postgres_rows.drop(cursor, list(groups)))

    def forget_testimony(self, testimony_id: str) -> None:
        def change(cursor: Cursor[TupleRow]) -> None:
            cursor.execute(
                "WITH gone AS (DELETE FROM search_document WHERE testimonies @> %s RETURNING words) "
                "SELECT DISTINCT unnest(tsvector_to_array(words)) FROM gone",
                ([testimony_id],),
            )
            words = [row[0] for row in cursor.fetchall()]
            cursor.execute("DELETE FROM search_part WHERE grp = %s", (f"testimony:{testimony_id}",))
            cursor.execute(
                "DELETE FROM search_word w WHERE word = ANY(%s) AND NOT EXISTS "
                "(SELECT 1 FROM search_document d WHERE d.words @@ (%s || replace(replace(w.word, '\\', '\\\\'), "
                "'''', '''''') || %s)::tsquery)",
                (words, "'", "'"),
            )

        self._write(change)
        # What was deleted stays in the files until they are written anew.
        with self._connection() as connection:
            connection.autocommit = True
            connection.execute("VACUUM FULL search_document, search_word, search_part")
            connection.autocommit = False

    def rebuild(self, documents: Iterable[SearchDocument]) -> None:
        with self._connection() as connection, connection.transaction(), connection.cursor() as cursor:
            _lock(cursor, REBUILD_WAIT_MS)
            for name in (_NEW["document"], _NEW["part"], _NEW["word"]):
                cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(sql.TABLES.format(**_NEW))
            for batch in postgres_rows.batches(documents):
                postgres_rows.insert(cursor, batch, _NEW)
            cursor.execute(f"SET LOCAL maintenance_work_mem = '{_REBUILD_MB}MB'")
            cursor.execute(sql.INDEXES.format(**_NEW))
            cursor.execute(f"ANALYZE {_NEW['document']}")
            for kind in ("document", "part", "word"):
                cursor.execute(f"DROP TABLE IF EXISTS {_NAMES[kind]}")
                cursor.execute(f"ALTER TABLE {_NEW[kind]} RENAME TO {_NAMES[kind]}")
            for index in ("words", "facets", "testimonies", "grp", "day", "rhyme"):
                cursor.execute(f"ALTER INDEX search_new_{index} RENAME TO search_{index}")
            _new_generation(cursor)

    def close(self) -> None:
        for connection in self._opened:
            connection.close()
        self._opened = []
        self._local = threading.local()

    def _candidates(
        self, cursor: Cursor[TupleRow], parts: Parts, view: PartsView, allowed: Allowed, query: Node
    ) -> tuple[list[TupleRow], bool]:
        """The newest documents that answer, and whether there may be more.

        Words that only stand inside others, or run across their edges, are looked for where the words as they are do
        not fill the bound alone.
        """
        for sure in (True, False):
            statement = sql.Statement(parts.vocabulary, view.told, allowed.songs, query, sure=sure)
            cursor.execute(self._find(statement, view), statement.values)
            rows = cursor.fetchall()
            full = len(rows) > MOST_CANDIDATES
            if full or not statement.passed_over:
                break
        return rows[:MOST_CANDIDATES], full or statement.cut_short

    def _find(self, statement: sql.Statement, view: PartsView) -> str:
        mine = statement.bind(view.parts)
        # Lists come as one text each: thousands of them are read for every answer.
        return (
            "WITH found AS MATERIALIZED (SELECT key, kind, ref, segments, grp, form, testimonies, day, start_ms, "  # noqa: S608
            f"part, facets, words FROM search_document WHERE part = ANY({mine}::bigint[]) AND {statement.condition} "
            f"ORDER BY day DESC, key LIMIT {MOST_CANDIDATES + 1}) "
            "SELECT key, kind, ref, segments, grp, form, array_to_string(testimonies, ' '), day, start_ms, "
            f"({statement.rank}) AS rank, part, array_to_string(facets, chr(31)) FROM found"
        )

    @staticmethod
    def _facets(rows: list[tuple[Any, ...]], view: PartsView, allowed: Allowed) -> dict[str, dict[str, int]]:
        """In how many groups of these rows each value occurs, of what this viewer may be told."""
        told = {facet: frozenset(numbers) for facet, numbers in view.told.items()}
        groups: dict[str, set[str]] = {}
        for row in rows:
            for one in row[11].split("\x1f") if row[11] else ():
                guard = told.get(one.partition("=")[0])
                if guard is None or row[10] in guard:
                    groups.setdefault(one, set()).add(row[4])
        found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
        for one, names in groups.items():
            facet, _, value = one.partition("=")
            if facet in found and (facet != "song" or value in allowed.songs):
                found[facet][value] = len(names)
        return {facet: in_order(counts) for facet, counts in found.items()}

    @staticmethod
    def _occurrences(cursor: Cursor[TupleRow], word: str, parts: list[int]) -> int:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM search_document "
            "WHERE words @@ %s::tsquery AND part = ANY(%s) LIMIT 1000) few",
            (sql.quoted(word), parts),
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _refresh(self, cursor: Cursor[TupleRow]) -> Parts:
        about = self._about(cursor)
        if about != self._generation:
            words: list[str] = []
            parts: list[IndexPart] = []
            if about[0]:
                cursor.execute("SELECT number, grp, form, testimonies, facets, digest FROM search_part ORDER BY number")
                parts = [
                    IndexPart(n, grp, form, frozenset(t), tuple(f), d) for n, grp, form, t, f, d in cursor.fetchall()
                ]
                cursor.execute("SELECT word FROM search_word ORDER BY word")
                words = [row[0] for row in cursor.fetchall()]
            self._parts, self._generation = Parts(parts, words), about
        return self._parts

    @staticmethod
    def _about(cursor: Cursor[TupleRow]) -> tuple[str, int]:
        cursor.execute("SELECT to_regclass('search_about') IS NOT NULL AND to_regclass('search_document') IS NOT NULL")
        row = cursor.fetchone()
        if row is None or not row[0]:
            return "", -1
        cursor.execute("SELECT version, generation FROM search_about")
        row = cursor.fetchone()
        return (row[0], row[1]) if row else ("", -1)

    def _write(self, change: Callable[[Cursor[TupleRow]], object]) -> None:
        with self._connection() as connection, connection.transaction(), connection.cursor() as cursor:
            _lock(cursor, WRITE_WAIT_MS)
            cursor.execute("SELECT to_regclass('search_document') IS NULL")
            row = cursor.fetchone()
            if row and row[0]:
                cursor.execute(sql.TABLES.format(**_NAMES))
                cursor.execute(sql.INDEXES.format(**_NAMES))
            change(cursor)
            _new_generation(cursor)

    @contextmanager
    def _reading(self) -> Iterator[Cursor[TupleRow]]:
        """One consistent state of the tables, on a connection that this thread keeps."""
        connection: Connection[TupleRow] | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed or connection.broken:
            connection = psycopg.connect(self._url, options=_READING)
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            self._local.connection = connection
            self._opened.append(connection)
        with connection.transaction(), connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def _connection(self) -> Iterator[Connection[TupleRow]]:
        with psycopg.connect(self._url) as connection:
            yield connection


def _hit(row: tuple[Any, ...]) -> SearchHit:
    key, kind, ref, segments, group, form, testimonies, _, _, rank, _, _ = row
    return SearchHit(key, kind, ref, tuple(testimonies.split()), round(float(rank), 4), form, group, segments)


def _by_rank(row: tuple[Any, ...]) -> tuple[object, ...]:
    return -round(row[9], 6), row[4], row[8], row[0]


def _by_date(row: tuple[Any, ...]) -> tuple[object, ...]:
    return -row[7], *_by_rank(row)


def _lock(cursor: Cursor[TupleRow], wait_ms: int) -> None:
    """Be the only writer until the transaction ends."""
    cursor.execute(f"SET LOCAL lock_timeout = {wait_ms}")
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    except psycopg.errors.LockNotAvailable:
        raise IndexBusy from None
    cursor.execute("SET LOCAL lock_timeout = 0")


def _new_generation(cursor: Cursor[TupleRow]) -> None:
    cursor.execute(sql.ABOUT)
    cursor.execute(
        "INSERT INTO search_about (version, generation) VALUES (%s, 1) "
        "ON CONFLICT (one) DO UPDATE SET version = EXCLUDED.version, generation = search_about.generation + 1",
        (sql.version(),),
    )
