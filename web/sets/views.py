"""The list of sets, the page where one is put together, and its stage."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.catalogue.cards import cards
from archive.gathering import collections, passages
from archive.gathering.passages import ReadPassage
from archive.lists import ListRequest
from archive.models import SetEntry
from archive.pages.listening_list import list_items
from archive.songs import set_entries, set_lists
from archive.songs.line_voices import Voices
from archive.songs.set_entries import NotASet
from archive.songs.set_lists import SetOvertaken
from archive.songs.song_view import pages_of
from web.sets.blueprint import sets
from web.site import paper
from web.site.books import printed_songs, song_book
from web.site.language import _, day
from web.site.list_pages import requested
from web.site.viewer import current_account, database, viewer

FIELDS = ("title", "title_en", "held_on", "place", "notes")
OFFERED = 8
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
    return set_page(set_id)


def set_page(
    set_id: str,
    wrong: str = "",
    given: Mapping[str, str] | None = None,
    status: int = 200,
    songs: Mapping[str, str] | None = None,
) -> Response:
    """The page of a set; `given` is what was typed of it and not kept, `songs` the same of what stands in it."""
    typed = " ".join(request.args.get("q", "")[:120].split())
    with database().read() as session:
        one = set_entries.set_at(session, set_id)
        now = {name: getattr(one, name) or "" for name in FIELDS}
        entries = set_entries.entries_of(session, viewer(), set_id)
        page = render_template(
            "sets/show.html",
            set=one,
            entries=entries,
            told=cards(session, viewer(), [entry.testimony_id for entry in entries if entry.testimony_id]),
            written=given or now,
            now=now if status == 409 else {},
            overtaken=status == 409,
            typed_of_songs=songs or {},
            typed=typed,
            offered=set_entries.offered(session, viewer(), typed),
            gathered=_gathered(session),
            ticked=set(request.args.get("sung", "").split(",")),
            wrong=wrong,
        )
    return make_response(page, status)


def _gathered(session: Session) -> list[ReadPassage]:
    """What whoever looks gathered last, to be put in with one tap."""
    mine = collections.kept_by(session, current_account())
    if not mine:
        return []
    found = passages.listed(session, viewer(), mine[0], ListRequest())
    if found.last > 1:
        found = passages.listed(session, viewer(), mine[0], ListRequest(page=found.last))
    return list(found.rows[-OFFERED:])


def seen() -> int | None:
    """The revision that whoever sends a form looked at."""
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def overtaken() -> str:
    return _("Somebody else has changed this meanwhile. See what is there now, and send yours again if it still holds.")


@sets.post("/<set_id>")
def keep(set_id: str) -> Response:
    given = _given()
    try:
        with database().write() as session:
            set_lists.write(session, set_id, given, seen())
    except NotASet as error:
        return set_page(set_id, _(error), given, 400)
    except SetOvertaken:
        return set_page(set_id, overtaken(), given, 409)
    flash(_("It is kept."))
    return redirect(url_for("sets.show", set_id=set_id), 303)


@sets.post("/<set_id>/show")
def let_out(set_id: str) -> Response:
    """Show it to everybody as a listening list, or to the band only."""
    deed = request.form.get("deed", "")
    if deed not in {"show", "hide"}:
        abort(404)
    try:
        with database().write() as session:
            set_lists.show(session, viewer(), set_id, current_account().id, to_everybody=deed == "show")
    except NotASet as error:
        return set_page(set_id, _(error), status=400)
    flash(_("Everybody sees it.") if deed == "show" else _("Only the band sees it."))
    return redirect(url_for("sets.show", set_id=set_id) + "#list", 303)


@sets.post("/<set_id>/remove")
def remove(set_id: str) -> Response:
    """Take the set away, or put it back."""
    back = request.form.get("deed") == "put-back"
    with database().write() as session:
        title = set_lists.remove(session, set_id, current_account().id, back=back).title
    if back:
        flash(_("“{name}” is back.", name=title))
        return redirect(url_for("sets.show", set_id=set_id), 303)
    flash(with_undo(_("“{name}” was taken away.", name=title), url_for("sets.remove", set_id=set_id)))
    return redirect(url_for("sets.room"), 303)


@sets.post("/<set_id>/sung")
def write_sung(set_id: str) -> Response:
    """What was sung, written down because a member says so."""
    sung, people = request.form.getlist("sung")[: set_entries.MOST_SONGS], request.form.get("people", "")[:20]
    try:
        with database().write() as session:
            set_lists.write_sung(session, viewer(), set_id, sung, people, current_account().id)
    except NotASet as error:
        return set_page(set_id, _(error), None, 400)
    flash(_("It is written down."))
    return redirect(url_for("sets.show", set_id=set_id) + "#sung", 303)


@sets.get("/<set_id>/stage")
def stage(set_id: str) -> str:
    """The whole set, to be sung through by one key."""
    with database().read() as session:
        one = set_entries.set_at(session, set_id)
        voices = Voices(session, viewer())
        entries = set_entries.songs_of(session, viewer(), set_id)
        pages = pages_of(session, viewer(), [entry.song for entry in entries], voices)
        songs = list(zip(entries, pages, strict=True))
        return render_template("sets/stage.html", set=one, songs=songs)


@sets.get("/<set_id>/run-sheet.pdf")
def run_sheet(set_id: str) -> Response:
    """The set as whoever leads it prints it: steps, questions, minutes and notes, and no word of anybody's."""
    with database().read() as session:
        one = set_entries.set_at(session, set_id)
        items = list_items(session, viewer(), set_entries.entries_of(session, viewer(), set_id))
        return paper.run_sheet(one, items)


@sets.post("/<set_id>/book")
def book(set_id: str) -> Response:
    """The songs of the set as a book to print; what leaves is written in the ledger, song by song."""
    with database().write() as session:
        one = set_entries.set_at(session, set_id)
        songs = [(entry.song.slug, _how(entry)) for entry in set_entries.songs_of(session, viewer(), set_id)]
        printed = printed_songs(session, songs)
    made = song_book(one.title, [day(one.held_on), one.place], printed)
    return made or set_page(set_id, _("None of its songs has words that may be printed."), None, 400)


def _how(entry: SetEntry) -> str:
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


def with_undo(said: str, address: str) -> Markup:
    """What was done, with a way back from it."""
    return Markup(  # noqa: S704 - the template has escaped what it was given
        render_template("sets/undo.html", said=said, address=address)
    )
