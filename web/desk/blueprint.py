"""The desk's blueprint: who may come in, which songs are being written, what has moved under them, and a new song."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.catalogue import campaigns
from archive.lists import ListRequest
from archive.lyrics import clippings
from archive.models import Song
from archive.pages import lyric_desk
from archive.songs import song_records
from archive.songs.song_records import SongNeedsTitle
from web.site.guard import admit
from web.site.language import _, _l
from web.site.list_pages import requested
from web.site.viewer import current_account, database, viewer

desk = Blueprint("desk", __name__, url_prefix="/desk")
admit(desk, "room")

STATES = {
    lyric_desk.NEEDS: _l("Waits for a decision"),
    "held": _l("Held"),
    "draft": _l("Being written"),
    "published": _l("Out"),
    "retired": _l("Retired"),
}
LONGEST_TITLE = 200
AT_SONG = "desk_song"  # in the form cookie: the song that this browser last worked at


def song_of(opened: Session, slug: str) -> Song:
    """The song under this slug, as far as the gate lets this viewer have it.

    Raises:
        Unknown: there is none, or none for this viewer.
    """
    found = song_records.by_slug(opened, viewer(), slug)
    if found is None:
        raise gate.Unknown("There is no such thing here.")
    return found


@desk.get("")
def room() -> str:
    with database().read() as opened:
        songs = lyric_desk.on_the_desk(opened, viewer(), requested())
        return render_template(
            "desk/room.html",
            songs=songs,
            states=STATES,
            campaigns=campaigns.campaigns(opened, viewer()),
            loose=clippings.not_with_a_song(opened, viewer(), ListRequest()),
            wrong="",
        )


@desk.post("/song")
def begin_song() -> AnyResponse:
    """A new song, with an empty draft."""
    title_km, title_en = (request.form.get(name, "")[:LONGEST_TITLE] for name in ("title_km", "title_en"))
    try:
        with database().write() as opened:
            made = song_records.begin(
                opened, viewer(), title_km, title_en, request.form.get("campaign", ""), current_account().id
            )
    except SongNeedsTitle as error:
        flash(_(error), "wrong")
        return redirect(url_for("desk.room") + "#new", 303)
    return redirect(url_for("desk.draft", slug=made.slug), 303)


@desk.post("/song/<slug>/name")
def rename(slug: str) -> AnyResponse:
    """Other titles for the song; its address stays, since people have it."""
    title_km, title_en = (request.form.get(name, "")[:LONGEST_TITLE] for name in ("title_km", "title_en"))
    try:
        with database().write() as opened:
            song_records.rename(opened, song_of(opened, slug), title_km, title_en, current_account().id)
    except SongNeedsTitle as error:
        flash(_(error), "wrong")
    return redirect(url_for("desk.draft", slug=slug), 303)


def remember_song(slug: str) -> None:
    """What is clipped next lies with this song."""
    session[AT_SONG] = slug


def song_at_hand(opened: Session) -> Song | None:
    """The song that this browser last worked at, if it is still there for this viewer."""
    slug = session.get(AT_SONG)
    return song_records.by_slug(opened, viewer(), slug) if isinstance(slug, str) else None
