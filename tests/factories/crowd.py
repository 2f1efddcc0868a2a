"""An archive of any size in a second per thousand testimonies: everything that a page lists, in realistic shares.

Rows are put in by the hundred and not one by one; the same number always gives the same archive. Of each hundred
testimonies eighty are approved, twelve are a machine's, five are being corrected or reviewed, three need a person; one
in twenty has a song, marks that nobody listened to, or somebody who asks for it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import insert

from archive.days import Day
from archive.db import Database
from archive.models import (
    AccessRequest,
    Account,
    Arrangement,
    AuditEntry,
    Base,
    ConsentEvent,
    LineTiming,
    LyricLine,
    LyricVersion,
    Narrator,
    Permission,
    Recording,
    Redaction,
    Segment,
    SegmentTranslation,
    Song,
    Source,
    StageRun,
    Testimony,
    TranscriptVersion,
    now,
)
from archive.models.narrator import COMMUNITIES
from archive.models.source import quote_hash

SEGMENTS = 12
LINES = 12
TABLES: tuple[type[Base], ...] = (
    Account, Recording, StageRun, Narrator, Testimony, TranscriptVersion, Segment, SegmentTranslation, ConsentEvent,
    Permission, Redaction, AccessRequest, Song, Arrangement, LyricVersion, LyricLine, LineTiming, Source, AuditEntry,
)  # fmt: skip
KM = (
    *("ខ្ញុំ", "ធ្វើការ", "រោងចក្រ", "ប្រាក់ខែ", "តិច", "ណាស់", "ជំពាក់", "គេ", "ដី", "ស្រែ", "ប៉ូលិស", "ចាប់"),
    *("ម៉ោង", "បន្ថែម", "ឈឺ", "ពេទ្យ", "កូន", "ម្ដាយ", "ផ្ទះ", "ទៅ"),
)
EN = (
    *("we", "worked", "at", "the", "factory", "and", "wage", "was", "low", "they", "owed", "land", "rice"),
    *("police", "arrested", "overtime", "sick", "hospital"),
)
ALLOWED = ("existence", "original_sound", "full_transcript", "quotation", "paraphrase", "pseudonym", "place")

Row = dict[str, object]


def fill(database: Database, testimonies: int, segments: int = SEGMENTS) -> None:
    """Put an archive of so many testimonies into an empty database, with a song for every twenty of them."""
    chance = random.Random(testimonies)
    rows: dict[type[Base], list[Row]] = {table: [] for table in TABLES}
    rows[Account].append(_account("asker", "researcher"))
    for number in range(testimonies):
        for table, row in _testimony(chance, number, segments):
            rows[table].append(row)
        if number % 20 == 12:
            for table, row in _song(chance, number):
                rows[table].append(row)
        if number % 500 == 499:
            _put(database, rows)
    _put(database, rows)


def _put(database: Database, rows: dict[type[Base], list[Row]]) -> None:
    with database.engine.begin() as connection:
        for table, many in rows.items():
            if many:
                connection.execute(insert(table), many)
                many.clear()


def _account(name: str, role: str) -> Row:
    return {"id": name, "name": name, "display_name": name, "password_hash": "", "role": role}


def _words(chance: random.Random, words: tuple[str, ...], count: int, between: str) -> str:
    return between.join(chance.choice(words) for _ in range(count))


def _testimony(chance: random.Random, number: int, segments: int) -> Iterator[tuple[type[Base], Row]]:
    key = f"t{number:07d}"
    told = date(2005, 1, 1) + timedelta(days=chance.randrange(7_000))
    kind = number % 100
    state = "needs-a-person" if kind < 3 else "working" if kind == 50 else "failed" if kind == 51 else "ready"
    yield Recording, {
        "id": f"r{key}", "sha256": sha256(key.encode()).hexdigest(), "size": 1, "state": state, "duration_ms": 300_000,
        "original_key": f"recordings/r{key}/original", "listening_key": f"recordings/r{key}/listening.m4a",
        "original_name": f"{key}.wav", "reason": "", "created_at": now() + timedelta(seconds=number),
    }  # fmt: skip
    yield StageRun, {"recording_id": f"r{key}", "stage": "probe", "version": 1, "state": "done", "progress": 1.0}
    yield Narrator, {
        "id": f"n{key}", "community": chance.choice(COMMUNITIES), "province": f"{chance.randint(1, 25):02}",
        "pseudonym_km": _words(chance, KM, 1, ""), "pseudonym_en": f"Chan {number}",
    }  # fmt: skip
    yield Testimony, {
        "id": key, "recording_id": f"r{key}", "narrator_id": f"n{key}", "language": "km", "recorded_on": Day.on(told),
        "title_km": _words(chance, KM, 4, ""), "title_en": f"{_words(chance, EN, 3, ' ')} {number}",
        "heard_through_at": None if kind % 10 == 5 else now(), "created_at": now() + timedelta(seconds=number),
    }  # fmt: skip
    yield from _transcript(chance, key, kind, segments)
    yield from _consent(number, key, kind)


def _transcript(chance: random.Random, key: str, kind: int, segments: int) -> Iterator[tuple[type[Base], Row]]:
    if kind < 3:
        return
    stage = "corrected" if kind < 6 else "reviewed" if kind < 8 else "machine" if kind < 20 else "approved"
    spoken = {"testimony_id": key, "number": 1, "stage": stage, "made_at": now()}
    yield TranscriptVersion, {"id": f"v{key}", "language": "km", "translates_id": None, **spoken}
    yield TranscriptVersion, {"id": f"e{key}", "language": "en", "translates_id": f"v{key}", **spoken}
    for place in range(segments):
        yield Segment, {
            "id": f"s{key}{place}", "version_id": f"v{key}", "position": place, "start_ms": place * 25_000,
            "end_ms": place * 25_000 + 20_000, "speaker": "", "text": _words(chance, KM, 12, ""), "flags": [],
            "confidence": None, "word_rows": [],
        }  # fmt: skip
        english = _words(chance, EN, 12, " ")
        yield SegmentTranslation, {"version_id": f"e{key}", "segment_id": f"s{key}{place}", "text": english}


def _consent(number: int, key: str, kind: int) -> Iterator[tuple[type[Base], Row]]:
    audience = "band" if kind % 10 == 9 else "public"
    ends = now() + timedelta(days=30) if kind % 25 == 7 else None
    grants = [
        {"form": form, "audience": audience, "purpose": "", "start": None, "end": ends.isoformat() if ends else None,
         "level": "province" if form == "place" else ""}
        for form in ALLOWED
    ]  # fmt: skip
    yield ConsentEvent, {
        "seq": number + 1, "testimony_id": key, "kind": "grant", "method": "signed", "grants": grants,
        "previous_hash": f"{number:064d}", "hash": f"{number + 1:064d}",
    }  # fmt: skip
    for grant in grants:
        yield Permission, {**grant, "testimony_id": key, "end": ends}
    if kind % 20 == 3:
        yield Redaction, {"id": f"m{key}", "testimony_id": key, "start_ms": 0, "end_ms": 1000, "heard_at": None}
    if kind % 50 == 11:
        yield AccessRequest, {"id": f"q{key}", "account_id": "asker", "testimony_id": key, "purpose": "A study."}
    yield AuditEntry, {
        "seq": number + 1, "action": "consent.grant", "subject": f"testimony:{key}", "detail": {},
        "previous_hash": f"{number:064d}", "hash": f"{number + 1:064d}",
    }  # fmt: skip


def _song(chance: random.Random, number: int) -> Iterator[tuple[type[Base], Row]]:
    key, told = f"g{number:07d}", f"t{number:07d}"
    yield Song, {
        "id": key, "slug": f"song-{number}", "title_km": _words(chance, KM, 3, ""), "title_en": f"Song {number}",
        "state": "draft" if number % 60 == 12 else "published", "year": 2005 + number % 20,
    }  # fmt: skip
    yield Recording, {
        "id": f"r{key}", "kind": "song", "sha256": sha256(key.encode()).hexdigest(), "size": 1, "state": "ready",
        "duration_ms": 180_000, "original_key": f"recordings/r{key}/original",
        "listening_key": f"recordings/r{key}/listening.m4a", "original_name": f"{key}.wav", "reason": "",
        "created_at": now(),
    }  # fmt: skip
    yield Arrangement, {"id": f"a{key}", "song_id": key, "recording_id": f"r{key}", "kind": "studio"}
    yield LyricVersion, {"id": f"l{key}", "song_id": key, "number": 1}
    for place in range(LINES):
        text = _words(chance, KM, 5, "")
        yield LyricLine, {
            "id": f"l{key}{place}", "version_id": f"l{key}", "position": place, "km": text, "words": [],
            "en": _words(chance, EN, 5, " "), "own": place % 2 == 1, "held": False,
        }  # fmt: skip
        yield LineTiming, {
            "arrangement_id": f"a{key}", "line_id": f"l{key}{place}", "start_ms": place * 9_000,
            "end_ms": place * 9_000 + 8_000, "origin": "human",
        }  # fmt: skip
        if place % 2 == 0 and number % 100 >= 20:
            yield Source, {
                "line_id": f"l{key}{place}", "testimony_id": told, "version_id": f"v{told}",
                "segment_id": f"s{told}0", "start_ms": 0, "end_ms": 1400, "quote": text,
                "quote_hash": quote_hash(text), "relation": "adapted",
            }  # fmt: skip
