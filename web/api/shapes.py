"""What the interface says of each thing: the fields of `web.api.schemas`, made of what the pages are made of."""

from __future__ import annotations

from typing import Any

from flask import url_for

from archive.catalogue.cards import TestimonyCard
from archive.gathering.collections import CollectionRow
from archive.gathering.passages import ReadPassage
from archive.models import Campaign, PassageCollection, Song
from archive.pages.testimony_page import TestimonyPage
from archive.pages.thesaurus_pages import KnownTheme
from archive.search.highlight import SnippetPart
from archive.songs.line_voices import LineVoice
from archive.songs.song_view import SongPage, SungLine

Shape = dict[str, Any]


def names(km: str, en: str) -> Shape:
    return {"km": km, "en": en}


def told(km: str, en: str) -> Shape | None:
    """As `names`; None where neither may be told."""
    return names(km, en) if km or en else None


def testimony(card: TestimonyCard) -> Shape:
    return {
        "id": card.id,
        "title": names(card.title_km, card.title_en),
        "synopsis": names(card.synopsis_km, card.synopsis_en),
        "name": told(card.name_km, card.name_en),
        "community": card.community,
        "place": names(card.place.km, card.place.en) if card.place else None,
        "language": card.language,
        "recorded_on": str(card.recorded_on) if card.recorded_on else None,
        "duration_ms": card.duration_ms,
        "may_hear": card.recording_id is not None,
        "may_read": card.readable,
        "sample": card.sample,
        "page": url_for("testimony.show", testimony_id=card.id, _external=True),
        "url": url_for("api.one_testimony", testimony_id=card.id, _external=True),
    }


def testimony_with_words(page: TestimonyPage) -> Shape:
    return testimony(page.card) | {
        "sound": page.sound_form,
        "transcript": _transcript(page) if page.passages else None,
        "moments": [
            {
                "start_ms": one.start_ms,
                "title": names(one.title_km, one.title_en),
                "synopsis": names(one.synopsis_km, one.synopsis_en),
            }
            for one in page.points
        ],
        "themes": [{"id": one.id, "title": names(one.km, one.en)} for one in page.themes if one.state == "confirmed"],
        "songs": [
            {
                "slug": one.song.slug,
                "title": names(one.song.title_km, one.song.title_en),
                "line": one.line.id,
                "relation": one.source.relation,
                "start_ms": one.source.start_ms,
                "end_ms": one.source.end_ms,
            }
            for one in page.sung
        ],
    }


def _transcript(page: TestimonyPage) -> Shape:
    return {
        "version": page.version_number,
        "newest": page.newest or page.version_number,
        "draft": page.draft,
        "language": page.language,
        "other_language": page.other_language or None,
        "segments": [
            {
                "start_ms": one.span.start_ms,
                "end_ms": one.span.end_ms,
                "speaker": one.speaker,
                "text": one.text,
                "other": one.other or None,
            }
            for one in page.passages
        ],
    }


def song(one: Song, campaign: Campaign | None) -> Shape:
    return {
        "slug": one.slug,
        "title": names(one.title_km, one.title_en),
        "title_romanised": one.title_romanised,
        "note": names(one.note_km, one.note_en),
        "year": one.year,
        "campaign": campaign.address if campaign else None,
        "sample": one.sample,
        "page": url_for("song.show", slug=one.slug, _external=True),
        "url": url_for("api.one_song", slug=one.slug, _external=True),
    }


def song_with_words(page: SongPage) -> Shape:
    return song(page.song, page.campaign) | {
        "licence": page.song.licence or None,
        "tracks": [
            {
                "kind": one.kind,
                "duration_ms": one.duration_ms,
                "offset_ms": one.offset_ms,
                "sound": url_for("media.listen", recording_id=one.recording_id, _external=True),
            }
            for one in page.tracks
        ],
        "credits": [{"role": one.role, "name": names(one.km, one.en)} for one in page.credits],
        "lines": [_line(one) for one in page.lines],
    }


def _line(one: SungLine) -> Shape:
    return {
        "id": one.id,
        "section": one.section,
        "text": "".join(f"{word.text}{' ' if word.space else ''}" for word in one.words).strip(),
        "language": one.words_language,
        "romanised": one.romanised,
        "english": one.en,
        "start_ms": one.start_ms,
        "end_ms": one.end_ms,
        "relation": one.relation,
        "voices": [_voice(voice) for voice in one.voices],
    }


def _voice(one: LineVoice) -> Shape:
    return {
        "relation": one.relation,
        "start_ms": one.span.start_ms,
        "end_ms": one.span.end_ms,
        "quote": one.quote or None,
        "quote_language": one.quote_language if one.quote else None,
        "testimony": one.testimony_id,
        "name": told(one.name_km, one.name_en),
    }


def term(one: KnownTheme) -> Shape:
    return {
        "id": one.id,
        "names": {"km": list(one.km), "en": list(one.en)},
        "broader": one.broader or None,
        "narrower": list(one.narrower),
        "page": url_for("theme.show", term_id=one.id, _external=True),
        "url": url_for("api.one_term", term_id=one.id, _external=True),
    }


def campaign(one: Campaign) -> Shape:
    return {
        "slug": one.address,
        "name": names(one.name_km, one.name_en),
        "description": names(one.description_km, one.description_en),
        "ask": names(one.ask_km, one.ask_en),
        "starts_on": str(one.starts_on) if one.starts_on else None,
        "ends_on": str(one.ends_on) if one.ends_on else None,
        "page": url_for("campaign.show", slug=one.address, _external=True),
        "url": url_for("api.one_campaign", slug=one.address, _external=True),
    }


def collection(one: PassageCollection, keeper: str, passages: int) -> Shape:
    return {
        "id": one.id,
        "name": one.name,
        "note": one.note,
        "keeper": keeper or None,
        "passages": passages,
        "page": url_for("gathering.show", collection_id=one.id, _external=True),
        "url": url_for("api.one_collection", collection_id=one.id, _external=True),
    }


def collection_row(row: CollectionRow) -> Shape:
    return collection(row.collection, row.keeper, row.passages)


def passage(one: ReadPassage) -> Shape:
    kept = one.passage
    moment = f"{kept.start_ms}-{kept.end_ms}"
    return {
        "id": kept.id,
        "testimony": testimony(one.card),
        "version": one.version,
        "start_ms": kept.start_ms,
        "end_ms": kept.end_ms,
        "language": one.language,
        "text": one.text,
        "other_language": one.other_language or None,
        "other": one.other or None,
        "note": kept.note,
        "codes": list(one.codes),
        "page": url_for("testimony.show", testimony_id=one.card.id, v=one.version, t=moment, _external=True),
    }


def words(snippet: tuple[SnippetPart, ...]) -> list[Shape]:
    """A stretch of words in pieces, each of which was looked for or stands beside it."""
    return [{"text": one.text, "hit": one.hit} for one in snippet]
