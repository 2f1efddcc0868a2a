"""How fast the archive answers, side by side with SQLite's own full text over the same pre-segmented words.

    python -m tests.bench.search [--passages 50000] [--search-url URL] [--database-url URL] [--cpu] [--without-fts5]

Builds a seeded bilingual archive of N passages in a database, with consent, tags and places, indexes it, and prints
in one run: p50 and p95 in milliseconds for each kind of query, of the engine alone (hits, total, facets), of FTS5
alone (20 best rowids, no gate, no facets, no total), and of the whole answer (gate, hits, facets, snippets, cards).
Words follow a Zipf law over the lexicon's Khmer words and as many made-up English ones. No query is asked twice.

A million passages take PostgreSQL, for the rows as well as for the index, and `--without-fts5`, which spares cutting
every text a second time. Both databases must be empty ones: nothing here is cleared away.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import isnan, nan
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, insert, text
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC
from archive.backends import Backends, open_backends
from archive.catalogue.thesaurus import load_thesaurus, themes
from archive.days import Day
from archive.language.lexicon import shipped
from archive.models import (
    Base,
    Narrator,
    Permission,
    Recording,
    Segment,
    SegmentTranslation,
    Tagging,
    Testimony,
    TranscriptVersion,
    now,
)
from archive.models.narrator import COMMUNITIES
from archive.pages import search_results
from archive.retrieval import indexing, searching
from archive.retrieval.search_request import SearchRequest
from archive.search.analysis import terms
from archive.search.index import Paging, Sort
from archive.search.query import parse
from archive.settings import read_settings

SEED = 20131125
PER_TESTIMONY = 70
WORDS_A_PASSAGE = 24
QUERIES = 60
Row = dict[str, object]


class Speech:
    """A seeded source of passages whose words are as unevenly common as in speech."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        counts = shipped().counts
        self.km = sorted((word for word in counts if len(word) > 1), key=lambda word: (-counts[word], word))[:20_000]
        self.en = [_english(random.Random(f"word {i}")) for i in range(20_000)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(20_000)))

    def words(self, words: list[str], count: int) -> list[str]:
        return self.chance.choices(words, cum_weights=self._weights[: len(words)], k=count)

    def passage(self) -> tuple[str, str]:
        return "".join(self.words(self.km, WORDS_A_PASSAGE)), " ".join(self.words(self.en, WORDS_A_PASSAGE))


def _english(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))


def fill(backends: Backends, passages: int) -> None:
    """Put the archive into the database, one testimony after another."""
    speech = Speech(SEED)
    with backends.database.write() as session:
        load_thesaurus(session)
    known = [entry.id for entry in themes()]
    done = 0
    while done < passages:
        rows: dict[type[Base], list[Row]] = {}
        for _ in range(20):
            if done < passages:
                count = min(PER_TESTIMONY, passages - done)
                _testimony(rows, speech, known, done, count)
                done += count
        with backends.database.engine.begin() as connection:
            for model in (Recording, Narrator, Testimony, TranscriptVersion, Tagging, Permission):
                connection.execute(insert(model), rows[model])
            for model in (Segment, SegmentTranslation):
                _put(connection, model, rows[model])


def _settle(backends: Backends) -> None:
    """What a server does by itself some minutes after many rows have come: count them, so that it plans well."""
    if backends.database.engine.dialect.name == "postgresql":
        with backends.database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def _put(connection: Connection, model: type[Base], rows: list[Row]) -> None:
    """Many rows at once; PostgreSQL takes them several times faster as a copy."""
    copied = getattr(connection.connection.driver_connection, "cursor", None)
    if connection.dialect.name != "postgresql" or copied is None:
        connection.execute(insert(model), rows)
        return
    columns = [sql.Identifier("words" if name == "word_rows" else name) for name in rows[0]]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model.__tablename__), sql.SQL(",").join(columns)
    )
    with copied() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_written(value) for value in row.values()])


def _written(value: object) -> object:
    """A value as COPY takes it."""
    if isinstance(value, list):
        return json.dumps(value)
    return str(value) if isinstance(value, Day) else value


def _testimony(rows: dict[type[Base], list[Row]], speech: Speech, known: list[str], number: int, count: int) -> None:
    chance, name, at = speech.chance, f"t{number:08d}", now()

    def add(model: type[Base], **values: object) -> None:
        rows.setdefault(model, []).append(values)

    add(Recording, id=f"r{name}", sha256=f"{number:064d}", size=1)
    add(Narrator, id=f"n{name}", community=chance.choice(COMMUNITIES), province=str(chance.randint(1, 25)))
    day = Day.on(date(2005, 1, 1) + timedelta(days=chance.randrange(7_000)))
    add(
        Testimony, id=name, recording_id=f"r{name}", narrator_id=f"n{name}", language="km", recorded_on=day,
        title_en=" ".join(speech.words(speech.en, 4)), title_km="".join(speech.words(speech.km, 4)),
    )  # fmt: skip
    spoken = {"testimony_id": name, "number": 1, "stage": "approved", "made_at": at}
    add(TranscriptVersion, id=f"v{name}", language="km", translates_id=None, **spoken)
    add(TranscriptVersion, id=f"e{name}", language="en", translates_id=f"v{name}", **spoken)
    for i in range(count):
        km, en = speech.passage()
        start = i * 60_000  # far enough apart that each segment is a passage of its own
        add(
            Segment, id=f"s{name}{i}", version_id=f"v{name}", position=i, start_ms=start, end_ms=start + 20_000,
            speaker="", text=km, flags=[], confidence=None, word_rows=[],
        )  # fmt: skip
        add(SegmentTranslation, version_id=f"e{name}", segment_id=f"s{name}{i}", text=en)
    for theme in chance.sample(known, 3):
        add(Tagging, testimony_id=name, term_id=theme, origin="human", state="confirmed", segment_id=None)
    for form in ("existence", "redacted_transcript", "place"):
        if form == "existence" or chance.random() < 0.8:
            add(Permission, testimony_id=name, form=form, audience="public", level="province")


class Fts5:
    """SQLite's full text over the same words, folded and cut in the same way."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("CREATE VIRTUAL TABLE passage USING fts5(text, content='', tokenize=\"unicode61 remove_"
                               "diacritics 0 categories 'L* N* Co Mn Mc'\")")  # fmt: skip

    def fill(self, texts: Iterator[tuple[str, str]]) -> None:
        with self._database:
            self._database.executemany(
                "INSERT INTO passage(text) VALUES (?)", ((" ".join((*terms(km), *terms(en))),) for km, en in texts)
            )

    def search(self, query: str) -> None:
        node = parse(query)
        parts = [
            " + ".join(f'"{term}"' for term in words.terms) + ("*" if words.prefix else "")
            for words in getattr(node, "parts", ())
        ]
        self._database.execute(
            "SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT 20", (" AND ".join(parts),)
        ).fetchall()


def queries(speech: Speech) -> dict[str, list[str]]:
    """Sixty of each kind, Khmer and English by turns."""
    chance = random.Random(SEED + 1)
    km, en = speech.km, speech.en

    def some(first: int, last: int, make: Callable[[list[str]], str]) -> list[str]:
        return [make((km, en)[i % 2][first:last]) for i in range(QUERIES)]

    sampled = [speech.passage() for _ in range(QUERIES)]
    return {
        "rare": some(6_000, 14_000, chance.choice),
        "common": some(5, 120, chance.choice),
        "two words": some(20, 400, lambda words: " ".join(chance.sample(words, 2))),
        "phrase": [_phrase(km_text, en_text, i) for i, (km_text, en_text) in enumerate(sampled)],
        "prefix": [word[: max(2, len(word) // 2)] + "*" for word in some(20, 3_000, chance.choice)],
    }


def _phrase(km: str, en: str, number: int) -> str:
    if number % 2:
        return '"' + " ".join(en.split()[:2]) + '"'
    return '"' + "".join(terms(km)[:2]) + '"'


@dataclass(frozen=True)
class Timing:
    p50: float
    p95: float

    def __str__(self) -> str:
        return " " * 17 if isnan(self.p50) else f"{self.p50:8.1f} {self.p95:8.1f}"


NOT_ASKED = Timing(nan, nan)
clock = time.perf_counter


def timed(ask: Callable[[str], object], asked: list[str]) -> Timing:
    spent = []
    for query in asked:
        start = clock()
        ask(query)
        spent.append((clock() - start) * 1_000)
    spent.sort()
    return Timing(spent[len(spent) // 2], spent[int(len(spent) * 0.95)])


def run(folder: Path, passages: int, search_url: str, database_url: str, *, fts5: bool) -> None:
    env = {"MESSENGER_DATA": str(folder), "MESSENGER_SEARCH_URL": search_url, "MESSENGER_DATABASE_URL": database_url}
    backends = open_backends(read_settings({key: value for key, value in env.items() if value}))
    start = time.perf_counter()
    fill(backends, passages)
    _settle(backends)
    print(f"{passages} passages in the database: {time.perf_counter() - start:.0f} s", flush=True)
    start = time.perf_counter()
    indexing.reindex(backends.database, backends.index)
    print(f"indexed: {time.perf_counter() - start:.0f} s", flush=True)
    fts = Fts5(folder / "fts5.db")
    again = Speech(SEED)
    fts.fill(again.passage() for _ in range(passages if fts5 else 0))
    with backends.database.read() as session:
        start = time.perf_counter()
        searching.search(session, backends.index, PUBLIC, SearchRequest())
        print(f"first answer, which reads the index: {(time.perf_counter() - start) * 1_000:.0f} ms")
        allowed = searching.findable(session, PUBLIC)
        print(f"{'ms':<12}{'engine p50':>12}{'p95':>6}{'FTS5 p50':>12}{'p95':>6}{'whole p50':>12}{'p95':>6}")
        every: list[str] = []
        for kind, asked in queries(Speech(SEED + 2)).items():
            engine = timed(lambda q: backends.index.search(parse(q), allowed, Paging()), asked)
            plain = timed(fts.search, asked) if fts5 else NOT_ASKED
            whole = timed(lambda q: answered(session, backends, q), asked)
            print(f"{kind:<12} {engine}   {plain}   {whole}", flush=True)
            every += asked
        random.Random(SEED).shuffle(every)
        whole = timed(lambda q: answered(session, backends, q, sort="date"), every)
        print(f"{'all, by date':<12} {'':>17}   {'':>17}   {whole}")
    _update(backends)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def answered(session: Session, backends: Backends, query: str, sort: Sort = "relevance") -> object:
    """All that the search page needs, for one page of it."""
    results = searching.search(session, backends.index, PUBLIC, SearchRequest(query, sort=sort), limit=12)
    return search_results.found(session, PUBLIC, results)


def _update(backends: Backends) -> None:
    start = time.perf_counter()
    indexing.index_testimony(backends.database, backends.index, "t00000000")
    with backends.database.read() as session:
        searching.search(session, backends.index, PUBLIC, SearchRequest())
        print(f"a testimony indexed again and found: {(time.perf_counter() - start) * 1_000:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--search-url", default="")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of the clock's, on a busy machine")
    parser.add_argument("--without-fts5", action="store_true", help="leave out the comparison, for very many passages")
    options = parser.parse_args()
    if options.cpu:
        global clock
        clock = time.process_time
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        run(Path(folder), options.passages, options.search_url, options.database_url, fts5=not options.without_fts5)


if __name__ == "__main__":
    sys.exit(main())
