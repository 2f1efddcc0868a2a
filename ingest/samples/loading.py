"""`collection.json` read into values and checked before anybody uses it.

The checks are here, and not only in the tests, because people will edit the file by hand: a quotation that no longer
occurs in its testimony must be named when it is loaded, not discovered as a thread that leads nowhere.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from archive.timing import Span, Word
from ingest.samples.checks import check
from ingest.samples.collection import (
    Collection,
    SampleCampaign,
    SampleCollectionInvalid,
    SampleCredits,
    SampleGrant,
    SampleLine,
    SampleNarrator,
    SamplePlace,
    SampleRedaction,
    SampleSegment,
    SampleSong,
    SampleSource,
    SampleTestimony,
)

COLLECTION_FOLDER = Path(__file__).parent


def load_collection(folder: Path = COLLECTION_FOLDER) -> Collection:
    """Read and check `collection.json` in `folder`.

    Raises:
        SampleCollectionInvalid: when the file breaks its own contract: a missing field, an unknown value, an id used
            twice, times that run backwards, or a quotation that does not occur exactly once where it says.
        OSError: when the file cannot be read.
    """
    raw = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
    try:
        collection = Collection(
            folder=folder,
            narrators=tuple(_narrator(entry) for entry in raw["narrators"]),
            campaigns=tuple(SampleCampaign(**entry) for entry in raw["campaigns"]),
            testimonies=tuple(_testimony(entry) for entry in raw["testimonies"]),
            songs=tuple(_song(entry) for entry in raw["songs"]),
        )
    except SampleCollectionInvalid:
        raise
    except (KeyError, TypeError, ValueError) as unreadable:
        raise SampleCollectionInvalid(f"collection.json cannot be understood: {unreadable!r}") from unreadable
    check(collection)
    return collection


def _narrator(raw: dict[str, Any]) -> SampleNarrator:
    return SampleNarrator(**{**raw, "place": SamplePlace(**raw["place"])})


def _testimony(raw: dict[str, Any]) -> SampleTestimony:
    try:
        return SampleTestimony(
            **{
                **raw,
                "recorded_on": date.fromisoformat(raw["recorded_on"]),
                "consent": tuple(_grant(entry) for entry in raw["consent"]),
                "segments": tuple(_segment(entry) for entry in raw["segments"]),
                "redactions": tuple(_redaction(entry) for entry in raw["redactions"]),
            }
        )
    except (KeyError, TypeError, ValueError) as unreadable:
        raise SampleCollectionInvalid(f"testimony {raw.get('id')}: {unreadable!r}") from unreadable


def _grant(raw: dict[str, Any]) -> SampleGrant:
    end = raw.get("end")
    return SampleGrant(
        **{**raw, "start": date.fromisoformat(raw["start"]), "end": date.fromisoformat(end) if end else None},
    )


def _segment(raw: dict[str, Any]) -> SampleSegment:
    return SampleSegment(Span(raw["start_ms"], raw["end_ms"]), raw["speaker"], raw["text"], raw["translation"])


def _redaction(raw: dict[str, Any]) -> SampleRedaction:
    span = Span(raw["start_ms"], raw["end_ms"])
    return SampleRedaction(raw["segment"], span, raw["quote"], raw["translation"], raw["reason"])


def _song(raw: dict[str, Any]) -> SampleSong:
    try:
        return SampleSong(
            **{
                **raw,
                "credits": SampleCredits(**raw["credits"]),
                "lines": tuple(_line(entry) for entry in raw["lines"]),
            }
        )
    except (KeyError, TypeError, ValueError) as unreadable:
        raise SampleCollectionInvalid(f"song {raw.get('id')}: {unreadable!r}") from unreadable


def _line(raw: dict[str, Any]) -> SampleLine:
    return SampleLine(
        section=raw["section"],
        span=Span(raw["start_ms"], raw["end_ms"]),
        km=raw["km"],
        romanised=raw["romanised"],
        en=raw["en"],
        own=raw["own"],
        words=tuple(Word(**word) for word in raw["words"]),
        sources=tuple(SampleSource(**source) for source in raw["sources"]),
    )
