"""What a sample collection promises whoever loads it; each promise is one function with its own sentence."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from archive.access.rule import LEVELS, PURPOSES
from archive.consent.redaction import REASONS
from archive.models.account import GROUPS
from archive.models.consent import AUDIENCES, FORMS, METHODS
from archive.models.narrator import COMMUNITIES
from archive.models.source import RELATIONS
from archive.timing import Span, Word
from ingest.samples.collection import (
    Collection,
    SampleCollectionInvalid,
    SampleGrant,
    SampleLine,
    SampleSong,
    SampleTestimony,
)

LANGUAGES = ("km", "en")
SPEAKERS = ("narrator", "interviewer")


def check(collection: Collection) -> None:
    """Raise `SampleCollectionInvalid` at the first promise `collection` breaks."""
    for noun in ("narrators", "campaigns", "testimonies", "songs"):
        _unique(noun, (entry.id for entry in getattr(collection, noun)))
    narrators = {narrator.id for narrator in collection.narrators}
    campaigns = {campaign.id for campaign in collection.campaigns}
    for narrator in collection.narrators:
        _one_of(narrator.community, COMMUNITIES, f"narrator {narrator.id}: community")
    for testimony in collection.testimonies:
        _one_of(testimony.narrator, narrators, f"testimony {testimony.id}: narrator")
        if testimony.campaign is not None:
            _one_of(testimony.campaign, campaigns, f"testimony {testimony.id}: campaign")
        _check_testimony(testimony)
    for song in collection.songs:
        _check_song(song, collection)


def _check_testimony(testimony: SampleTestimony) -> None:
    where = f"testimony {testimony.id}"
    _one_of(testimony.language, LANGUAGES, f"{where}: language")
    _one_of(testimony.interviewer, GROUPS, f"{where}: interviewer")
    _in_order([segment.span for segment in testimony.segments], f"{where}: segments")
    for grant in testimony.consent:
        _check_grant(grant, f"{where}: consent to {grant.form}")
    other = {"km": "en", "en": "km"}[testimony.language]
    for index, segment in enumerate(testimony.segments):
        _one_of(segment.speaker, SPEAKERS, f"{where}, segment {index}: speaker")
        if set(segment.translation) != {other}:
            raise SampleCollectionInvalid(f"{where}, segment {index}: the translation must be in {other!r} alone")
        _composed(segment.text + segment.translation[other], f"{where}, segment {index}")
    for redaction in testimony.redactions:
        _one_of(redaction.reason, REASONS, f"{where}: reason of a redaction")
        segment = testimony.segments[redaction.segment]
        if redaction.span.start_ms < segment.span.start_ms or redaction.span.end_ms > segment.span.end_ms:
            raise SampleCollectionInvalid(f"{where}: a redaction sounds outside its segment")
        _once(redaction.quote, segment.text, f"{where}: redaction")
        _once(redaction.translation[other], segment.translation[other], f"{where}: redaction")


def _check_grant(grant: SampleGrant, where: str) -> None:
    _one_of(grant.form, FORMS, f"{where}: form")
    _one_of(grant.audience, AUDIENCES, f"{where}: audience")
    _one_of(grant.purpose, PURPOSES, f"{where}: purpose")
    _one_of(grant.method, METHODS, f"{where}: method")
    if (grant.form == "place") != (grant.level is not None):
        raise SampleCollectionInvalid(f"{where}: a level belongs to the form 'place' and to no other")
    if grant.level is not None:
        _one_of(grant.level, LEVELS, f"{where}: level")
    if grant.end is not None and grant.end < grant.start:
        raise SampleCollectionInvalid(f"{where}: it ends on {grant.end}, before it starts")


def _check_song(song: SampleSong, collection: Collection) -> None:
    where = f"song {song.id}"
    if set(song.files) != {"studio", "instrumental"}:
        raise SampleCollectionInvalid(f"{where}: files must be 'studio' and 'instrumental'")
    _in_order([line.span for line in song.lines], f"{where}: lines")
    for number, line in enumerate(song.lines, start=1):
        _check_line(line, collection, f"{where}, line {number}")


def _check_line(line: SampleLine, collection: Collection, where: str) -> None:
    _composed(line.km, where)
    if "".join(word.text for word in line.words) != line.km:
        raise SampleCollectionInvalid(f"{where}: its words joined do not give the line")
    spans = [_span(word) for word in line.words]
    _in_order(spans, f"{where}: words")
    if spans[0].start_ms < line.span.start_ms or spans[-1].end_ms > line.span.end_ms:
        raise SampleCollectionInvalid(f"{where}: a word sounds outside the line")
    if line.own == bool(line.sources):
        raise SampleCollectionInvalid(f"{where}: a line is the band's own or it has sources, never both or neither")
    for source in line.sources:
        _one_of(source.relation, RELATIONS, f"{where}: relation")
        _one_of(source.language, LANGUAGES, f"{where}: language of the quotation")
        _one_of(source.testimony, {testimony.id for testimony in collection.testimonies}, f"{where}: testimony")
        _once(source.quote, collection.testimony(source.testimony).text(source.language), where)


def _span(word: Word) -> Span:
    return Span(word.start_ms, word.end_ms)


def _unique(noun: str, ids: Iterable[str]) -> None:
    repeated = [name for name, times in Counter(ids).items() if times > 1]
    if repeated:
        raise SampleCollectionInvalid(f"{noun}: the id {repeated[0]!r} is used twice")


def _one_of(value: str, known: Iterable[str], where: str) -> None:
    if value not in known:
        raise SampleCollectionInvalid(f"{where}: {value!r} is not one of {', '.join(sorted(known))}")


def _in_order(spans: Sequence[Span], where: str) -> None:
    if not spans:
        raise SampleCollectionInvalid(f"{where}: there are none")
    for earlier, later in pairwise(spans):
        if later.start_ms < earlier.end_ms:
            raise SampleCollectionInvalid(f"{where}: one starts at {later.start_ms} ms, before the last has ended")
    if any(span.duration_ms == 0 for span in spans):
        raise SampleCollectionInvalid(f"{where}: one lasts no time at all")


def _once(quote: str, text: str, where: str) -> None:
    times = text.count(quote) if quote else 0
    if times != 1:
        raise SampleCollectionInvalid(
            f"{where}: the quotation {quote!r} occurs {times} times where it should occur once"
        )


def _composed(text: str, where: str) -> None:
    if not text.strip() or unicodedata.normalize("NFC", text) != text:
        raise SampleCollectionInvalid(f"{where}: the text is empty or not in NFC")
