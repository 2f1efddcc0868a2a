"""The list of sets, the page where one is put together, and its stage."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.models import SetSong
from archive.songs import set_lists
from archive.songs.line_voices import Voices
from archive.songs.set_lists import NotASet
from archive.songs.song_view import page_of
from web.sets.blueprint import sets
from web.site.books import song_book
from web.site.language import _, day, either
from web.site.list_pages import requested
from web.site.viewer import current_account, database, viewer

FIELDS = ("title", "held_on", "place", "notes")
OF_A_SONG = ("semitones", "tempo", "singer", "notes")
LONGEST = 8_000


@sets.get("")
def room() -> Response:
    return _room()


def _room(wrong: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    with database().read() as session:
        found = set_lists.listed(session, viewer(), requested())
        page = render_template("sets/room.html", found=found, wrong=wrong, written=given or {})
    return make_response(page, status)


@sets.post("")
def begin() -> Response:
    given = _given()
    try:
        with database().write() as session:
            set_id = set_lists.begin(session, given, current_account().id).id
    except NotASet as error:
        return _room(_(error), given, 400)
    return redirect(url_for("sets.show", set_id=set_id), 303)


@sets.get("/<set_id>")
def show(set_id: str) -> Response:
    return _page(set_id)


def _page(
    set_id: str,
    wrong: str = "",
    given: Mapping[str, str] | None = None,
    status: int = 200,
    songs: Mapping[str, str] | None = None,
) -> Response:
    """The page of a set; `given` is what was typed of it and not kept, `songs` the same of its songs."""
    typed = " ".join(request.args.get("q", "")[:120].split())
    with database().read() as session:
        one = set_lists.set_at(session, set_id)
        now = {"title": one.title, "held_on": one.held_on or "", "place": one.place, "notes": one.notes}
        page = render_template(
            "sets/show.html",
            set=one,
            entries=set_lists.songs_of(session, viewer(), set_id),
            written=given or now,
            typed_of_songs=songs or {},
            typed=typed,
            offered=set_lists.offered(session, viewer(), typed),
            ticked=set(request.args.get("sung", "").split(",")),
            wrong=wrong,
        )
    return make_response(page, status)


@sets.post("/<set_id>")
def keep(set_id: str) -> Response:
    given = _given()
    try:
        with database().write() as session:
            set_lists.write(session, set_id, given)
    except NotASet as error:
        return _page(set_id, _(error), given, 400)
    flash(_("It is kept."))
    return redirect(url_for("sets.show", set_id=set_id), 303)


@sets.post("/<set_id>/remove")
def remove(set_id: str) -> Response:
    """Take the set away, or put it back."""
    back = request.form.get("deed") == "put-back"
    with database().write() as session:
        title = set_lists.remove(session, set_id, current_account().id, back=back).title
    if back:
        flash(_("“{name}” is back.", name=title))
        return redirect(url_for("sets.show", set_id=set_id), 303)
    flash(_with_undo(_("“{name}” was taken away.", name=title), url_for("sets.remove", set_id=set_id)))
    return redirect(url_for("sets.room"), 303)


@sets.post("/<set_id>/songs")
def put_in(set_id: str) -> Response:
    try:
        with database().write() as session:
            entry = set_lists.put_in(session, viewer(), set_id, request.form.get("song", "")[:200])
            entry_id = entry.id
    except NotASet as error:
        return _page(set_id, _(error), None, 400)
    return redirect(f"{url_for('sets.show', set_id=set_id)}#song-{entry_id}", 303)


@sets.post("/<set_id>/order")
def order(set_id: str) -> Response:
    """Keep what is written of all songs, and move one or take it out where its button was pressed."""
    given = {name: text[:LONGEST] for name, text in request.form.items()}
    deed, _dot, entry_id = given.get("deed", "keep").partition(".")
    if deed not in {"keep", "up", "down", "out"}:
        abort(404)
    try:
        with database().write() as session:
            for one in set_lists.songs_of(session, viewer(), set_lists.set_at(session, set_id).id):
                _written(one, given)
            said = _done(session, set_id, deed, entry_id)
    except NotASet as error:
        return _page(set_id, _(error), songs=given, status=400)
    flash(said)
    return redirect(f"{url_for('sets.show', set_id=set_id)}#song-{entry_id}", 303)


def _written(entry: SetSong, given: Mapping[str, str]) -> None:
    """Keep what the form says of one song; of one that was put in meanwhile it says nothing. Raises NotASet."""
    said = {name: given[f"{name}.{entry.id}"] for name in OF_A_SONG if f"{name}.{entry.id}" in given}
    if len(said) == len(OF_A_SONG):
        set_lists.write_song(entry, said)


def _done(session: Session, set_id: str, deed: str, entry_id: str) -> str | Markup:
    """Move a song or take it out; returns what to say. Raises Unknown."""
    if deed == "keep":
        return _("It is kept.")
    entry = set_lists.song_at(session, viewer(), set_id, entry_id)
    name = either(entry.song.title_km, entry.song.title_en)
    if deed == "out":
        set_lists.take_out(entry)
        back = url_for("sets.put_back", set_id=set_id, entry_id=entry_id)
        return _with_undo(_("“{name}” was taken off.", name=name), back)
    set_lists.move(session, viewer(), entry, -1 if deed == "up" else 1)
    return _("“{name}” is sung earlier.", name=name) if deed == "up" else _("“{name}” is sung later.", name=name)


@sets.post("/<set_id>/songs/<entry_id>/put-back")
def put_back(set_id: str, entry_id: str) -> Response:
    with database().write() as session:
        set_lists.take_out(set_lists.song_at(session, viewer(), set_id, entry_id, removed=True), back=True)
    return redirect(f"{url_for('sets.show', set_id=set_id)}#song-{entry_id}", 303)


@sets.post("/<set_id>/sung")
def write_sung(set_id: str) -> Response:
    """What was sung, written down because a member says so."""
    sung, people = request.form.getlist("sung")[: set_lists.MOST_SONGS], request.form.get("people", "")[:20]
    try:
        with database().write() as session:
            set_lists.write_sung(session, viewer(), set_id, sung, people, current_account().id)
    except NotASet as error:
        return _page(set_id, _(error), None, 400)
    flash(_("It is written down."))
    return redirect(url_for("sets.show", set_id=set_id) + "#sung", 303)


@sets.get("/<set_id>/stage")
def stage(set_id: str) -> str:
    """The whole set, to be sung through by one key."""
    with database().read() as session:
        one = set_lists.set_at(session, set_id)
        voices = Voices(session, viewer())
        entries = set_lists.songs_of(session, viewer(), set_id)
        songs = [(entry, page_of(session, viewer(), entry.song, voices)) for entry in entries]
        return render_template("sets/stage.html", set=one, songs=songs)


@sets.post("/<set_id>/book")
def book(set_id: str) -> Response:
    """The songs of the set as a book to print; what leaves is written in the ledger, song by song."""
    with database().write() as session:
        one = set_lists.set_at(session, set_id)
        songs = [(entry.song.slug, _how(entry)) for entry in set_lists.songs_of(session, viewer(), set_id)]
        made = song_book(session, one.title, [day(one.held_on), one.place], songs)
    return made or _page(set_id, _("None of its songs has words that may be printed."), None, 400)


def _how(entry: SetSong) -> str:
    """Who sings a song of the set, how high and how fast, in a row."""
    key = f"{entry.semitones:+d}".replace("-", "\u2212")
    of_key, of_tempo = _("Key"), _("Tempo")
    said = [
        entry.singer,
        f"{of_key} {key}" if entry.semitones else "",
        f"{of_tempo} {entry.tempo}%" if entry.tempo != 100 else "",
    ]
    return " \u00b7 ".join(filter(None, said))


def _given() -> dict[str, str]:
    return {name: request.form.get(name, "")[:LONGEST] for name in FIELDS}


def _with_undo(said: str, address: str) -> Markup:
    return Markup(  # noqa: S704 - the template has escaped what it was given
        render_template("sets/undo.html", said=said, address=address)
    )
