"""What the timing page asks for and sends: the lines with their times, edits, the machine's help, files with times."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, abort, request
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archive.access.sound import song_keys
from archive.lyrics import current_words
from archive.models import Arrangement, Song
from archive.pages import timing_studio
from archive.ports import BlobMissing
from archive.retrieval import indexing
from archive.songs import arrangements, machine_timing, timing_edits
from archive.songs.timing_edits import UNREADABLE, EditInvalid
from media.timed.limits import LARGEST_SONG
from web.site import json_body, recording_words
from web.site.language import _
from web.site.viewer import backends, current_account, database, viewer
from web.studio import importing, words
from web.studio.blueprint import as_json, studio

MOST_AT_ONCE = 200
MOST_SENT = 2000
_LONGEST_ID = 40

log = logging.getLogger(__name__)


def _opened(session: Session, slug: str, arrangement_id: str) -> tuple[Song, Arrangement]:
    song = arrangements.song_for(session, viewer(), slug)
    return song, arrangements.arrangement(session, song, arrangement_id)


@studio.get("/<slug>/time/<arrangement_id>/table")
def table(slug: str, arrangement_id: str) -> Response:
    """Every line with its times, and a fresh token for the edits that follow."""
    with database().read() as session:
        song, arrangement = _opened(session, slug, arrangement_id)
        found = timing_studio.table(session, viewer(), song, arrangement)
    return as_json({**_in_words(found), "token": generate_csrf()})


@studio.get("/<slug>/time/<arrangement_id>/since")
def since(slug: str, arrangement_id: str) -> Response:
    """What others have changed after the edit that the page last saw."""
    after = request.args.get("after", "0")
    number = int(after) if after.isdecimal() and after.isascii() and len(after) < 10 else 0
    with database().read() as session:
        song, arrangement = _opened(session, slug, arrangement_id)
        found = timing_studio.since(session, viewer(), song, arrangement, number)
    return as_json(_in_words(found))


def _in_words(found: dict[str, Any]) -> dict[str, Any]:
    for edit in [*found.get("history", ()), *found.get("edits", ())]:
        edit["words"] = words.edit(edit["kind"])
    if "work" in found:
        found["work"] = _work(found["work"])
    return found


def _work(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "failed": recording_words.reason(found["failed"])}


@studio.get("/<slug>/time/<arrangement_id>/peaks")
def peaks(slug: str, arrangement_id: str) -> Response:
    """The outline of the sound, as it was made with the listening file."""
    with database().read() as session:
        _song, arrangement = _opened(session, slug, arrangement_id)
        key = arrangement.recording.peaks_key or song_keys(arrangement.recording).peaks
    try:
        response = Response(backends().store.get_bytes(key), mimetype="application/json")
    except BlobMissing:
        abort(404)
    response.headers["Cache-Control"] = "no-store"
    return response


@studio.post("/<slug>/edits")
def edit(slug: str) -> Response:
    """Edits in the order they were made, each for itself: one that cannot be made does not hold up the rest."""
    given = json_body.read(
        required=("edits",),
        edits=json_body.rows(MOST_SENT),
        arrangement=json_body.either(json_body.text(_LONGEST_ID), json_body.nothing),
    )
    if given is None:
        return as_json({"wrong": _(UNREADABLE)}, 400)
    arrangement_id = str(given.get("arrangement") or "")
    with database().read() as session:
        song = arrangements.song_for(session, viewer(), slug)
        if arrangement_id:
            arrangements.arrangement(session, song, arrangement_id)
    done = [_edit(slug, arrangement_id, one) for one in given["edits"][:MOST_AT_ONCE]]
    if any(one.get("reads") for one in done):
        _index(song.id)
    return as_json({"done": done})


def _edit(slug: str, arrangement_id: str, given: Any) -> dict[str, Any]:
    try:
        asked = timing_edits.read_edit(given)
        if not arrangement_id and any(change.what == "timing" for change in asked.changes):
            raise EditInvalid(UNREADABLE)
        with database().write() as session:
            song = arrangements.song_for(session, viewer(), slug)
            found = timing_edits.apply(session, song, arrangement_id, current_account().id, asked)
            lines = timing_studio.shown(session, viewer(), song, arrangement_id, found.lines)
        reads = any(change.what == "romanised" for change in asked.changes)
        return {"id": asked.id, "number": found.number, "lines": lines, "over": found.over, "reads": reads}
    except EditInvalid as error:
        return {"id": str(given.get("id", "")) if isinstance(given, dict) else "", "wrong": _(error)}
    except IntegrityError:
        # Two edits took the same number at the same moment; the browser sends this one again.
        return {"id": str(given.get("id", "")), "again": True}


def _index(song_id: str) -> None:
    """What is found of the song, made anew; a failure leaves the old index, which is checked when the site starts."""
    try:
        with database().read() as session:
            indexing.index_songs(session, backends().index, [song_id])
    except Exception:
        log.exception("the index of a song could not be renewed")


@studio.post("/<slug>/time/<arrangement_id>/place")
def place(slug: str, arrangement_id: str) -> Response:
    """Let the machine place the lines that no person has timed."""
    try:
        with database().write() as session:
            _song, arrangement = _opened(session, slug, arrangement_id)
            machine_timing.ask(session, arrangement, current_account().id)
    except EditInvalid as error:
        return as_json({"wrong": _(error)}, 409)
    backends().queue.enqueue(arrangement.recording_id)
    return as_json({"work": {"wanted": True, "running": False, "progress": 0.0, "failed": ""}})


@studio.post("/<slug>/time/<arrangement_id>/place/stop")
def stop_placing(slug: str, arrangement_id: str) -> Response:
    """The machine need not go on; what it finds is kept by nobody."""
    with database().write() as session:
        _song, arrangement = _opened(session, slug, arrangement_id)
        machine_timing.forget_placed_lines(session, arrangement)
        return as_json({"work": _work(timing_studio.work(session, arrangement))})


@studio.post("/<slug>/time/<arrangement_id>/read")
def read(slug: str, arrangement_id: str) -> Response:
    """What of a file with times is this song's; nothing is changed by asking."""
    longest = 4 * (LARGEST_SONG // 3 + 1)  # in base64
    given = json_body.read(name=json_body.text(), data=json_body.text(longest), later=json_body.flag) or {}
    with database().read() as session:
        song, _arrangement = _opened(session, slug, arrangement_id)
        try:
            times = importing.read(
                str(given.get("name", "")), str(given.get("data", "")), sooner=not given.get("later", False)
            )
        except importing.CannotRead as error:
            return as_json({"wrong": _(error)}, 409)
        compared = importing.compared(current_words.lines_of(session, song.id), times.lines)
        return as_json({**compared, "offset": times.offset_ms})
