"""What stands in a set: songs, moments of testimonies and steps, put in, written, moved and taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from flask import abort, flash, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.access.gate import Unknown
from archive.language.messages import Message
from archive.models import SetEntry
from archive.songs import set_entries, set_lists
from archive.songs.set_entries import NotASet
from archive.songs.set_lists import SetOvertaken
from archive.timing import Span
from web.sets.blueprint import sets
from web.sets.views import overtaken, seen, set_page, with_undo
from web.site.language import _, either
from web.site.viewer import current_account, database, viewer

OF_AN_ENTRY = ("semitones", "tempo", "singer", "notes", "heading", "text", "questions", "minutes")
LONGEST = 8_000
LATEST_MS = 100_000_000
_PLACE = re.compile(r"/(song|testimony)/([\w-]{1,200})/?")
_STRETCH = re.compile(r"(\d{1,9})-(\d{1,9})")
NOWHERE = Message("This is no link to a song or a testimony of the archive. Copy one with its share button.")


@sets.post("/<set_id>/songs")
def put_in(set_id: str) -> Response:
    """A song by its slug, a moment by its link, or a step by its name."""
    slug, link = request.form.get("song", "")[:200], request.form.get("link", "")[:LONGEST]
    try:
        with database().write() as session:
            if "heading" in request.form:
                entry = set_entries.put_step(session, viewer(), set_id, request.form["heading"][:LONGEST])
            elif link:
                entry = _linked(session, set_id, link)
            else:
                entry = set_entries.put_in(session, viewer(), set_id, slug)
            entry_id = entry.id
    except NotASet as error:
        return set_page(set_id, _(error), status=400)
    return redirect(f"{url_for('sets.show', set_id=set_id)}#song-{entry_id}", 303)


def _linked(session: Session, set_id: str, link: str) -> SetEntry:
    """What a link leads to, with its moment. Raises NotASet, also where there is no such thing for this viewer."""
    address = urlsplit(link.strip())
    place = _PLACE.fullmatch(address.path)
    stretch = _STRETCH.fullmatch(parse_qs(address.query).get("t", [""])[0])
    start, end = (int(stretch[1]), int(stretch[2])) if stretch else (0, 0)
    span = Span(start, end) if start < end < LATEST_MS else None
    set_entries.set_at(session, set_id)
    if place is None:
        raise NotASet(NOWHERE)
    put = set_entries.put_in if place[1] == "song" else set_entries.put_moment
    try:
        return put(session, viewer(), set_id, place[2], span)
    except Unknown:
        raise NotASet(NOWHERE) from None


@sets.post("/from-list")
def from_list() -> Response:
    """A set of what a device's own list names, with its questions."""
    named, questions = request.form.getlist("item")[: set_entries.MOST_SONGS], request.form.getlist("question")
    try:
        with database().write() as session:
            set_id = set_lists.begin(session, {"title": request.form.get("title", "")}, current_account().id).id
            for one, question in zip(named, questions, strict=False):
                kind, _colon, rest = one[:LONGEST].partition(":")
                name, _colon, stretch = rest.partition(":")
                entry = _linked(session, set_id, f"/{kind}/{name}?t={stretch}")
                set_entries.write_entry(entry, {"questions": question[:LONGEST]})
    except NotASet as error:
        flash(_(error), "wrong")
        return redirect(url_for("lists.mine"), 303)
    return redirect(url_for("sets.show", set_id=set_id), 303)


@sets.post("/<set_id>/order")
def order(set_id: str) -> Response:
    """Keep what is written of all places, and move one or take it out where its button was pressed."""
    given = {name: text[:LONGEST] for name, text in request.form.items()}
    deed, _dot, entry_id = given.get("deed", "keep").partition(".")
    if deed not in {"keep", "up", "down", "out"}:
        abort(404)
    try:
        with database().write() as session:
            set_lists.changing(session, set_id, seen())
            for one in set_entries.entries_of(session, viewer(), set_id):
                _written(one, given)
            said = _done(session, set_id, deed, entry_id)
    except NotASet as error:
        return set_page(set_id, _(error), songs=given, status=400)
    except SetOvertaken:
        return set_page(set_id, overtaken(), songs=given, status=409)
    flash(said)
    return redirect(f"{url_for('sets.show', set_id=set_id)}#song-{entry_id}", 303)


def _written(entry: SetEntry, given: Mapping[str, str]) -> None:
    """Keep what the form says of one place; of one that was put in meanwhile it says nothing. Raises NotASet."""
    said = {name: given[f"{name}.{entry.id}"] for name in OF_AN_ENTRY if f"{name}.{entry.id}" in given}
    if "notes" in said:
        set_entries.write_entry(entry, said)


def _done(session: Session, set_id: str, deed: str, entry_id: str) -> str | Markup:
    """Move a place or take it out; returns what to say. Raises Unknown."""
    if deed == "keep":
        return _("It is kept.")
    entry = set_entries.entry_at(session, viewer(), set_id, entry_id)
    name = _name(entry)
    if deed == "out":
        set_entries.take_out(entry)
        back = url_for("sets.put_back", set_id=set_id, entry_id=entry_id)
        return with_undo(_("“{name}” was taken off.", name=name), back)
    set_entries.move(session, viewer(), entry, -1 if deed == "up" else 1)
    return _("“{name}” comes earlier.", name=name) if deed == "up" else _("“{name}” comes later.", name=name)


def _name(entry: SetEntry) -> str:
    if entry.kind == "song":
        return either(entry.song.title_km, entry.song.title_en)
    return entry.heading or (_("A moment of a testimony") if entry.kind == "moment" else _("A step"))


@sets.post("/<set_id>/songs/<entry_id>/put-back")
def put_back(set_id: str, entry_id: str) -> Response:
    with database().write() as session:
        set_entries.take_out(set_entries.entry_at(session, viewer(), set_id, entry_id, removed=True), back=True)
    return redirect(f"{url_for('sets.show', set_id=set_id)}#song-{entry_id}", 303)
