"""What is said of a song: credits, year, story, campaign, licence and cover; and a song begun by mistake deleted."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue import details
from archive.catalogue.campaigns import campaigns
from archive.catalogue.details import ChangeStands, DetailsOvertaken
from archive.models import DetailChange, Song, new_id
from archive.pages import campaign_page
from archive.retrieval import indexing
from archive.songs import deleting, song_details
from archive.songs.credits import ROLES, TOLD, credits_of
from archive.songs.deleting import WasPublished
from archive.songs.song_details import LICENCES, NotDetails, WrittenDetails
from media import pictures
from media.pictures import NotPicture
from web.desk.blueprint import desk, song_of
from web.site.language import _, _l
from web.site.security import csrf
from web.site.uploads import path_of, takes_files
from web.site.viewer import backends, current_account, database, viewer

MORE_ROWS = 3  # empty rows under those that are there
LONGEST = 20_000
OTHER = "other"
PARTS = {"middle": _l("The middle"), "start": _l("The top, or the left"), "end": _l("The bottom, or the right")}
FIELD_NAMES = {
    "credits": _l("Credits"),
    "year": _l("Year"),
    "note_km": _l("Story"),
    "note_en": _l("Story"),
    "campaign_id": _l("Campaign"),
    "licence": _l("What others may do"),
    "use_km": _l("How to ask"),
    "use_en": _l("How to ask"),
    "cover_key": _l("Cover"),
}


@desk.get("/song/<slug>/about")
def about_song(slug: str) -> AnyResponse:
    return _page(slug)


def _page(slug: str, wrong: str = "", given: WrittenDetails | None = None, status: int = 200) -> AnyResponse:
    """The page; `given` is what was typed and not kept, beside what is there now."""
    with database().read() as opened:
        song = song_of(opened, slug)
        written = given or _written_of(song)
        return make_response(
            render_template(
                "desk/about_song.html",
                song=song,
                written=written,
                texts=dict(written.texts),
                now=None if given is None else _written_of(song),
                rows=[*written.credits, *_empty_rows(written)],
                roles={name: said for name, said in ROLES.items() if name not in {TOLD, "lyrics"}},
                named=[one for one in credits_of(opened, song) if one.role == TOLD],
                campaigns=campaigns(opened, viewer()),
                licences=LICENCES,
                changes=campaign_page.detail_rows(opened, song),
                field_names=FIELD_NAMES,
                parts_kept=PARTS,
                wrong=wrong,
            ),
            status,
        )


def _empty_rows(written: WrittenDetails) -> list[tuple[str, str, str]]:
    """Rows to write in, for what nobody is named for yet."""
    named = {role for role, _km, _en in written.credits}
    wanted = [role for role in ("words", "music", "voice") if role not in named]
    return [(role, "", "") for role in (*wanted, *["words"] * MORE_ROWS)[:MORE_ROWS]]


def _written_of(song: Song) -> WrittenDetails:
    return WrittenDetails(
        str(song.year or ""),
        tuple((name, getattr(song, name)) for name in song_details.TEXTS),
        song.campaign_id or "",
        song.licence,
        [(_usual(one.get("role", "")), one.get("km", ""), one.get("en", "")) for one in song.credits],
    )


def _usual(role: str) -> str:
    return "words" if role == "lyrics" else role


@desk.post("/song/<slug>/about")
def write_about_song(slug: str) -> AnyResponse:
    form = request.form
    roles = [
        other if role == OTHER else role
        for role, other in zip(form.getlist("role"), form.getlist("other"), strict=False)
    ]
    names = zip(form.getlist("credit_km"), form.getlist("credit_en"), strict=False)
    written = WrittenDetails(
        form.get("year", "")[:20],
        tuple((name, form.get(name, "")[:LONGEST]) for name in song_details.TEXTS),
        form.get("campaign", ""),
        form.get("licence", ""),
        [(role, km[:400], en[:400]) for role, (km, en) in zip(roles, names, strict=False)],
    )
    try:
        with database().write() as opened:
            song = song_of(opened, slug)
            made = song_details.write_details(opened, viewer(), song, written, current_account().id, _seen())
            song_id = song.id
    except NotDetails as error:
        return _page(slug, _why_not(error), written, 400)
    except DetailsOvertaken:
        return _page(slug, _overtaken(), written, 409)
    return _done(slug, song_id, made, _("It is kept."))


def _done(slug: str, song_id: str, made: DetailChange | None, said: str) -> AnyResponse:
    with database().read() as opened:
        indexing.index_songs(opened, backends().index, [song_id])
    undo = render_template("desk/undo_detail.html", said=said, slug=slug, change=made) if made else said
    flash(Markup(undo) if made else said)  # noqa: S704 - the template has escaped what it was given
    return redirect(url_for("desk.about_song", slug=slug), 303)


@desk.post("/song/<slug>/about/undo/<change_id>")
def undo_detail(slug: str, change_id: str) -> AnyResponse:
    try:
        with database().write() as opened:
            song = song_of(opened, slug)
            details.undo(opened, song, change_id, current_account().id)
            song_id = song.id
    except ChangeStands:
        flash(_("Something was changed after it. Undo that first."), "wrong")
        return redirect(url_for("desk.about_song", slug=slug), 303)
    return _done(slug, song_id, None, _("It is undone."))


@desk.post("/song/<slug>/cover")
@csrf.exempt  # type: ignore[untyped-decorator]
def put_cover(slug: str) -> AnyResponse:
    """Take a picture in as the cover, or go back to the stitched one; the token is asked for before a file is read."""
    request.max_content_length = pictures.LARGEST + 64 * 1024
    with takes_files():
        csrf.protect()
        file = request.files.get("picture")
        stitched = request.form.get("deed") == "stitched"
        with database().read() as opened:
            song_id = song_of(opened, slug).id
        if stitched:
            made = b""
        elif file is None or not file.filename:
            return _page(slug, _("Choose a picture."), None, 400)
        else:
            try:
                made = pictures.cover_of(path_of(file.stream), request.form.get("part", "middle"))
            except NotPicture as error:
                return _page(slug, _(error), None, 400)
    key = f"covers/{song_id}-{new_id()}.jpg" if made else ""
    if key:
        backends().store.put_bytes(key, made)
    with database().write() as opened:
        change = song_details.put_cover(opened, song_of(opened, slug), key, current_account().id)
    return _done(slug, song_id, change, _("The song has another cover."))


@desk.get("/song/<slug>/delete")
def deleting_song(slug: str) -> str:
    """What would be gone."""
    with database().read() as opened:
        song = song_of(opened, slug)
        if not deleting.may_delete(song):
            abort(404)
        return render_template("desk/delete.html", song=song)


@desk.post("/song/<slug>/delete")
def delete_song(slug: str) -> AnyResponse:
    if request.form.get("sure") != "yes":
        abort(404)
    with database().read() as opened:
        song_id = song_of(opened, slug).id
    try:
        deleting.delete_song(backends(), song_id, current_account().id)
    except WasPublished:
        flash(_("The song has been out. It can be retired, not deleted."), "wrong")
        return redirect(url_for("desk.readiness", slug=slug), 303)
    flash(_("The song is deleted."))
    return redirect(url_for("desk.room"), 303)


def _overtaken() -> str:
    return _(
        "Somebody else has changed this meanwhile. See what is there now, and send yours again if it still holds.",
    )


def _why_not(error: NotDetails) -> str:
    return {
        "year": _("Write the year with four digits, such as 2014."),
        "licence": _("Choose what others may do."),
        "campaign": _("Choose a campaign."),
        "role": _("Say of each name what they did, in a few words."),
        "many": _("A song has 40 credits at most."),
    }[error.why]


def _seen() -> int | None:
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
