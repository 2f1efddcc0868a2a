"""How documents become rows of PostgreSQL's index, and how they go again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from psycopg import Cursor
from psycopg.rows import TupleRow

from archive.language.romanise import rhyme_key
from archive.ports import SearchDocument
from archive.search import postgres_sql as sql
from archive.search.whoosh_schema import day_number

_BATCH = 2_000


def drop(cursor: Cursor[TupleRow], groups: list[str]) -> None:
    """Take every document and part of these groups out."""
    cursor.execute("DELETE FROM search_document WHERE grp = ANY(%s)", (groups,))
    cursor.execute("DELETE FROM search_part WHERE grp = ANY(%s)", (groups,))


def batches(documents: Iterable[SearchDocument]) -> Iterator[list[SearchDocument]]:
    """Batches that keep the documents of a group together."""
    batch: list[SearchDocument] = []
    for document in documents:
        if len(batch) >= _BATCH and document.group != batch[-1].group:
            yield batch
            batch = []
        batch.append(document)
    if batch:
        yield batch


def insert(cursor: Cursor[TupleRow], documents: list[SearchDocument], names: dict[str, str]) -> None:
    """Put documents in, with their parts and words; `names` are the tables, those in use or those of a rebuilding."""
    numbers = _parts(cursor, documents, names["part"])
    words: set[str] = set()
    with cursor.copy(
        f"COPY {names['document']} (key, kind, ref, segments, part, grp, grp_hash, form, testimonies, facets, day, "
        "start_ms, words) FROM STDIN"
    ) as copy:
        copy.set_types(
            ["text", "text", "text", "int4", "int8", "text", "int8", "text", "text[]", "text[]", "int4", "int4", "text"]
        )
        for one in documents:
            vector, found = sql.vector(one)
            words |= found
            start = one.span.start_ms if one.span else 0
            number = numbers[one.group, one.form]
            copy.write_row(
                (
                    one.key, one.kind, one.ref, one.segments, number, one.group, _hashed(one.group), one.form,
                    list(one.testimonies), sql.facet_rows(one), day_number(one.date), start, vector,
                )
            )  # fmt: skip
    cursor.execute(
        f"INSERT INTO {names['word']} SELECT unnest(%s::text[]), unnest(%s::text[]) ON CONFLICT DO NOTHING",
        (in_order := sorted(words), [rhyme_key(word) for word in in_order]),
    )


def _parts(cursor: Cursor[TupleRow], documents: list[SearchDocument], table: str) -> dict[tuple[str, str], int]:
    """The number of each part, made where it is new, with the facets of all its documents."""
    facets: dict[tuple[str, str], dict[str, None]] = {}
    firsts: dict[tuple[str, str], SearchDocument] = {}
    for one in documents:
        firsts.setdefault((one.group, one.form), one)
        facets.setdefault((one.group, one.form), {}).update(dict.fromkeys(sql.facet_rows(one)))
    numbers: dict[tuple[str, str], int] = {}
    for (group, form), first in firsts.items():
        governed = [] if form in {"song", "term"} else list(first.testimonies)
        cursor.execute(
            f"INSERT INTO {table} (grp, form, testimonies, facets, digest) VALUES (%s, %s, %s, %s, %s) "  # noqa: S608
            "ON CONFLICT (grp, form) DO UPDATE SET testimonies = EXCLUDED.testimonies, facets = EXCLUDED.facets, "
            "digest = EXCLUDED.digest RETURNING number",
            (group, form, governed, list(facets[group, form]), first.digest),
        )
        row = cursor.fetchone()
        assert row is not None
        numbers[group, form] = row[0]
    return numbers


def _hashed(group: str) -> int:
    """A number for a group: counting distinct numbers is several times faster than counting distinct names."""
    return int.from_bytes(blake2b(group.encode(), digest_size=8).digest(), "big", signed=True)
