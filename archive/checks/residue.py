"""Looking for what should not be there: every place where something of a withdrawn testimony could have stayed.

A destroyed testimony cannot be searched for by its words, since nothing here knows them any more; it is searched for by
its id and by what hangs in the air without it: sound without a recording, work without a row. Whoever does know a word,
a name or a place that was in it can give it along (`messenger check --deep --word`), and then every byte of the data
folder is read for it, in each way text is commonly written down.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import mmap
import unicodedata
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Column, Table, func, select, text
from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.models import Base, RecognitionCheckpoint, Recording, Tombstone
from archive.withdrawal import purge

_KEPT = {"tombstone", "consent_event", "audit_entry", "release"}  # they hold the bare id, and say that it is gone
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that should not be there."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def deep_check(backends: Backends, words: Collection[str] = ()) -> list[Leftover]:
    """Everything that is left of withdrawn testimonies where nothing should be; empty when all is well."""
    with backends.database.read() as session:
        stones = list(session.scalars(select(Tombstone)))
        destroyed = [one.testimony_id for one in stones if one.mode == "destroy"]
        found = [
            Leftover("purge", f"{one.testimony_id} waits for its purge") for one in stones if one.purged_at is None
        ]
        found += _rows(session, destroyed)
        found += _half_recognised(session, {one for stone in stones for one in stone.recordings})
        recordings = set(session.scalars(select(Recording.id)))
        closed = dict(_recordings_of(session, [one.testimony_id for one in stones]))
    found += [Leftover(f"blob {key}", "it was made of a withdrawn testimony") for key in purge.left_over(backends)]
    ids = {one.testimony_id for one in stones}
    found += _folders(backends.settings.data, recordings - set(closed), set(closed) | ids)
    found += _files(backends, ids, {word: list(_written(word)) for word in words})
    return found + _postgres(backends, words)


def _recordings_of(session: Session, testimony_ids: list[str]) -> Iterator[tuple[str, str]]:
    testimony = Base.metadata.tables["testimony"]
    rows = select(testimony.c.recording_id, testimony.c.id).where(testimony.c.id.in_(testimony_ids))
    yield from session.execute(rows)


def _rows(session: Session, destroyed: list[str]) -> list[Leftover]:
    """Rows that still name a destroyed testimony, in whatever table there is or will be."""
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name in _KEPT:
            continue
        for column in _naming(table):
            named = select(column, func.count()).where(table.c[column.name].in_(destroyed)).group_by(column)
            for testimony_id, count in session.execute(named):
                found.append(Leftover(f"table {table.name}", f"{count} rows of {testimony_id}"))
    return found


def _half_recognised(session: Session, withdrawn: set[str]) -> list[Leftover]:
    """Words that a recogniser wrote of a recording which nobody works at any more."""
    rows = session.execute(
        select(RecognitionCheckpoint.recording_id, Recording.state).outerjoin(
            Recording, Recording.id == RecognitionCheckpoint.recording_id
        )
    )
    return [
        Leftover("table recognition_checkpoint", f"words of {recording_id}, whose recognition is over")
        for recording_id, state in rows
        if recording_id in withdrawn or state not in {"waiting", "working", "failed"}
    ]


def _naming(table: Table) -> Iterator[Column[str]]:
    for column in table.columns:
        to_testimony = any(key.column.table.name == "testimony" for key in column.foreign_keys)
        if to_testimony or column.name == "testimony_id" or (table.name == "testimony" and column.name == "id"):
            yield column


def _folders(data: Path, living: set[str], closed: set[str]) -> list[Leftover]:
    work = data / "work"
    return [
        Leftover(f"folder {folder.relative_to(data)}", "work on something that is not there or was withdrawn")
        for folder in (sorted(work.iterdir()) if work.is_dir() else ())
        if folder.name not in living or folder.name in closed
    ]


def _files(backends: Backends, ids: set[str], words: dict[str, list[bytes]]) -> list[Leftover]:
    """Read every file of the data folder: for words everywhere, for ids outside the database, which keeps them."""
    data = backends.settings.data
    database = Path(backends.database.engine.url.database or "").name if backends.database.is_sqlite else ""
    found = []
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data).parts
        if not path.is_file() or inside[0] == "models":
            continue
        is_database = bool(database) and path.name.startswith(database)
        spared = is_database or _says_that_it_is_gone(backends, path)
        wanted = {} if spared else {one: [one.encode()] for one in ids}
        for name in _contained(path, wanted | words):
            what = "a word that was looked for" if name in words else f"the id {name}"
            found.append(Leftover(f"file {'/'.join(inside)}", what))
    return found


def _says_that_it_is_gone(backends: Backends, path: Path) -> bool:
    """The store's own word about a withdrawal holds the id, and has to."""
    return path.parent.name == purge.WITHDRAWALS.rstrip("/") and path.suffix == ".json"


def _contained(path: Path, wanted: dict[str, list[bytes]]) -> list[str]:
    if not wanted or path.stat().st_size == 0:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        unpacked = _unpacked(content[:]) if content[:2] == _GZIP else b""
        return [
            name for name, forms in wanted.items() if any(content.find(form) >= 0 or form in unpacked for form in forms)
        ]


def _unpacked(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return b""


def _written(word: str) -> Iterator[bytes]:
    """The ways in which a word may stand in a file."""
    for form in {unicodedata.normalize(name, word) for name in ("NFC", "NFD", "NFKC")} | {word}:
        plain = form.encode()
        yield plain
        yield form.encode("utf-16-le")
        yield form.encode("utf-16-be")
        yield quote(form).encode()
        yield quote(form).lower().encode()
        yield html.escape(form).encode()
        yield "".join(f"&#{ord(char)};" for char in form).encode()
        yield "".join(f"&#x{ord(char):x};" for char in form).encode()
        yield json.dumps(form)[1:-1].encode()
        yield json.dumps(form)[1:-1].upper().replace("\\U", "\\u").encode()
        for before in range(3):  # the same bytes read differently at each place in a group of three
            coded = base64.b64encode(b"\0" * before + plain)
            whole = coded[(before * 8 + 5) // 6 : len(coded) - 4 if (before + len(plain)) % 3 else len(coded)]
            if len(whole) >= 8:
                yield whole


def _postgres(backends: Backends, words: Collection[str]) -> list[Leftover]:
    if backends.database.is_sqlite:
        return []
    found = []
    with backends.database.read() as session:
        names = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).all()
        for name in sorted(names):
            # A whole row as text; the name comes from the catalogue, the word is bound.
            said = text(f'SELECT count(*) FROM "{name}" AS one WHERE position(:word IN one::text) > 0')  # noqa: S608
            for word in words:
                if session.scalar(said, {"word": word}):
                    found.append(Leftover(f"table {name}", "a word that was looked for"))
    return found
