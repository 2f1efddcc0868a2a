"""IIIF Presentation 3: a manifest for each testimony and song, the words as WebVTT, and collections of them.

Everything is asked as whoever asks; a program of another site asks as everybody, since no other site is given a
signed-in browser's answers. What may not be had is answered as what does not exist.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, request, url_for
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue.cards import TestimonyCard
from archive.language.messages import Message
from archive.language.normalise import normalise
from archive.pages import manifest_listing
from archive.pages.testimony_page import PageSegment, TestimonyPage, testimony_page_of
from archive.songs.song_view import SongPage, song_page
from archive.timing import TimedLine, Utterance
from media.iiif import content_search, presentation
from media.iiif.content_search import FoundWords
from media.iiif.presentation import ListedManifest, Names, PaintedSound, SoundManifest, TitledMoment, WordsFile
from media.timed import webvtt
from web.site.security import limiter
from web.site.viewer import database, viewer

iiif = Blueprint("iiif", __name__, url_prefix="/iiif")

LANGUAGES = ("km", "en")
NAMES = {"songs": Message("Songs"), "testimonies": Message("Testimonies")}
SOUND = "audio/mp4"
MANIFEST = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
SEARCH = f'application/ld+json;profile="{content_search.CONTEXT}"'
LAST_PAGE = 10_000
LONGEST_QUESTION = 300


def _both(text: Message) -> Names:
    return {one: text.said(one) for one in LANGUAGES}


def _titles(km: str, en: str) -> Names:
    return {"km": km, "en": en} if km or en else _both(Message("A testimony without a title"))


@iiif.get("/testimony/<testimony_id>/manifest.json")
@limiter.limit("600 per hour")
def of_testimony(testimony_id: str) -> Response:
    """The manifest of a testimony, with its sound and its words as far as they may be had."""
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, "en", None)
        told = _testimony(page)
    return _json(presentation.manifest(told))


def _testimony(page: TestimonyPage) -> SoundManifest:
    card = page.card
    length = max([card.duration_ms or 0, *(one.span.end_ms for one in page.passages)])
    if not length:
        raise Unknown("There is nothing to hear or to read.")
    languages = [page.language] if page.passages else []
    languages += [page.other_language] if page.other_language else []
    sound = url_for("media.listen", recording_id=card.recording_id, _external=True) if card.recording_id else ""
    return SoundManifest(
        address=url_for("iiif.of_testimony", testimony_id=card.id, _external=True),
        label=_titles(card.title_km, card.title_en),
        summary={"km": card.synopsis_km, "en": card.synopsis_en},
        metadata=tuple(_facts(card)),
        statement=_both(Message("Its narrator decides who may hear and read it, and can take it back at any time.")),
        statement_label=_both(Message("Archive of the Messenger Band")),
        homepage=url_for("testimony.show", testimony_id=card.id, _external=True),
        duration_ms=length,
        sound=PaintedSound(sound, SOUND) if sound else None,
        words=[
            WordsFile(
                url_for("iiif.words_of_testimony", testimony_id=card.id, language=one, _external=True),
                one,
                _both(Message("What was said")) if one == page.language else _both(Message("Translation")),
            )
            for one in languages
        ],
        moments=_moments(page, length),
        services=[(content_search.CONTEXT, content_search.service(_search_address(card.id)))] if languages else (),
    )


def _facts(card: TestimonyCard) -> list[tuple[Names, Names]]:
    """What the card tells, in rows."""
    place = card.place
    rows: list[tuple[Message, Names]] = [
        (Message("Narrator"), {"km": card.name_km, "en": card.name_en}),
        (Message("Place"), {"km": place.km, "en": place.en or "Cambodia"} if place else {}),
        (Message("Recorded"), {"none": str(card.recorded_on or "")}),
        (Message("Language"), {"none": card.language}),
    ]
    return [(_both(name), value) for name, value in rows if any(value.values())]


def _moments(page: TestimonyPage, length: int) -> list[TitledMoment]:
    found = []
    for number, point in enumerate(page.points):
        following = page.points[number + 1].start_ms if number + 1 < len(page.points) else length
        if following > point.start_ms and (point.title_km or point.title_en):
            titles = {"km": point.title_km, "en": point.title_en}
            found.append(TitledMoment(point.start_ms, min(following, max(length, point.start_ms + 1)), titles))
    return found


@iiif.get("/testimony/<testimony_id>/words/<language>.vtt")
@limiter.limit("600 per hour")
def words_of_testimony(testimony_id: str, language: str) -> Response:
    """The words in a language, with what is taken out as blocks: what the testimony's page shows."""
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, "en", None)
    if language == page.language and page.passages:
        said = [_said(one, one.text) for one in page.passages]
    elif language and language == page.other_language:
        said = [_said(one, one.other) for one in page.passages]
    else:
        abort(404)
    return _vtt(webvtt.write_transcript(said, word_times=False))


@iiif.get("/testimony/<testimony_id>/search")
@limiter.limit("600 per hour")
def search_testimony(testimony_id: str) -> Response:
    """Content Search 2 in the words that whoever asks may read: what its page shows, in both languages."""
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, "en", None)
    if not page.passages:
        raise Unknown("There is nothing to read.")
    wanted = [normalise(one).text for one in request.args.get("q", "")[:LONGEST_QUESTION].split()]
    found = [
        FoundWords(one.span.start_ms, one.span.end_ms, language, text)
        for one in page.passages
        for language, text in ((page.language, one.text), (page.other_language, one.other))
        if language and _holds(text, wanted)
    ]
    ignored = [name for name in content_search.NOT_TAKEN if name in request.args]
    base = url_for("iiif.of_testimony", testimony_id=testimony_id, _external=True).rpartition("/")[0]
    return _json(content_search.answer(request.url, base, found, ignored), SEARCH)


def _search_address(testimony_id: str) -> str:
    return url_for("iiif.search_testimony", testimony_id=testimony_id, _external=True)


def _holds(text: str, wanted: Sequence[str]) -> bool:
    """Whether every word is in the text: one in Latin letters begins a word there, one in Khmer stands anywhere."""
    here = normalise(text).text
    return bool(wanted) and all(
        one and re.search((r"(?<!\w)" if one.isascii() else "") + re.escape(one), here) is not None for one in wanted
    )


def _said(one: PageSegment, text: str) -> Utterance:
    return Utterance(one.span.start_ms, one.span.end_ms, text)


@iiif.get("/song/<slug>/manifest.json")
@limiter.limit("600 per hour")
def of_song(slug: str) -> Response:
    """The manifest of a song, with its leading recording and its words where they have times."""
    with database().read() as session:
        page = _song(session, slug)
    track, song = page.tracks[0], page.song
    length = max([track.duration_ms or 0, *(line.end_ms or 0 for line in page.lines)])
    told = SoundManifest(
        address=url_for("iiif.of_song", slug=slug, _external=True),
        label={"km": song.title_km, "en": song.title_en},
        summary={"km": song.note_km, "en": song.note_en},
        metadata=[(_both(Message("Year")), {"none": str(song.year)})] if song.year else [],
        statement=_both(Message("Songs of the Messenger Band")),
        statement_label=_both(Message("Archive of the Messenger Band")),
        homepage=url_for("song.show", slug=slug, _external=True),
        duration_ms=length,
        sound=PaintedSound(url_for("media.listen", recording_id=track.recording_id, _external=True), SOUND),
        words=[
            WordsFile(
                url_for("iiif.words_of_song", slug=slug, language=one, _external=True), one, _both(Message("Words"))
            )
            for one in LANGUAGES
            if _lines(page, one)
        ],
    )
    return _json(presentation.manifest(told))


def _song(session: Session, slug: str) -> SongPage:
    """The song with something to hear. Raises Unknown."""
    page = song_page(session, viewer(), slug)
    if page is None or not page.tracks:
        raise Unknown("There is no such thing here.")
    return page


def _lines(page: SongPage, language: str) -> list[TimedLine]:
    found = []
    for line in page.lines:
        own = line.words_language == language
        text = "".join(f"{word.text}{' ' if word.space else ''}" for word in line.words) if own else ""
        text = text or (line.en if language == "en" else "")
        if text.strip() and line.start_ms is not None and line.end_ms is not None:
            found.append(TimedLine(text.strip(), line.start_ms, line.end_ms, ()))
    return found


@iiif.get("/song/<slug>/words/<language>.vtt")
@limiter.limit("600 per hour")
def words_of_song(slug: str, language: str) -> Response:
    with database().read() as session:
        lines = _lines(_song(session, slug), language)
    if language not in LANGUAGES or not lines:
        abort(404)
    return _vtt(webvtt.write(lines, word_times=False))


@iiif.get("/collection.json")
def everything() -> Response:
    """The songs, and the testimonies that may be heard or read."""
    items = [
        ListedManifest(url_for("iiif.listed", kind=kind, page=1, _external=True), _both(name), "Collection")
        for kind, name in NAMES.items()
    ]
    address = url_for("iiif.everything", _external=True)
    return _json(presentation.collection(address, _both(Message("Archive of the Messenger Band")), items))


@iiif.get("/collection/<kind>/<int:page>.json")
@limiter.limit("600 per hour")
def listed(kind: str, page: int) -> Response:
    """A page of the songs or of the testimonies; the last item of a page leads to the next."""
    if kind not in manifest_listing.KINDS or not 1 <= page <= LAST_PAGE:
        abort(404)
    with database().read() as session:
        found, more = manifest_listing.manifests_of(session, viewer(), kind, page)
    items = [
        ListedManifest(
            url_for("iiif.of_song", slug=one.address, _external=True)
            if kind == "songs"
            else url_for("iiif.of_testimony", testimony_id=one.address, _external=True),
            _titles(one.title_km, one.title_en),
        )
        for one in found
    ]
    if more:
        following = url_for("iiif.listed", kind=kind, page=page + 1, _external=True)
        items.append(ListedManifest(following, _both(Message("Next")), "Collection"))
    name = _both(NAMES[kind])
    return _json(presentation.collection(url_for("iiif.listed", kind=kind, page=page, _external=True), name, items))


def _json(said: Mapping[str, Any], content_type: str = MANIFEST) -> Response:
    return _open(Response(json.dumps(said, ensure_ascii=False), content_type=content_type))


def _vtt(text: str) -> Response:
    return _open(Response(text, content_type="text/vtt; charset=utf-8"))


def _open(response: Response) -> Response:
    """Programs of other sites may read it as everybody does: none is let have what a signed-in browser gets."""
    g.no_language = True
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response


def has_manifest(page: Sequence[object], recording_id: str | None) -> bool:
    """Whether there is anything to hear or to read, so that a page leads to a manifest."""
    return bool(page) or recording_id is not None


iiif.add_app_template_global(has_manifest, "has_manifest")
