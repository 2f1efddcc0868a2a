"""Letting a song out, when every line may; and taking it back."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.consent import holds
from archive.consent.holds import StillRefused
from archive.lyrics import lyric_versions
from archive.retrieval import indexing
from archive.songs import deleting, publishing, song_view
from archive.songs.credits import credits_of
from archive.songs.publishing import SongNotReady
from web.desk.blueprint import desk, song_of
from web.site.language import _, ngettext
from web.site.viewer import backends, current_account, database, viewer

ANSWERS = frozenset({"publish", "unpublish", "retire"})


@desk.get("/song/<slug>/publish")
def readiness(slug: str) -> str:
    """What is missing, line by line, or the button."""
    with database().read() as opened:
        song = song_of(opened, slug)
        found = publishing.readiness(opened, song)
        hidden = lyric_versions.closed(opened, viewer(), [one.line for one in found.lines])
        sound = publishing.has_sound(opened, song)
        return render_template(
            "desk/publish.html",
            song=song,
            found=found,
            hidden=hidden,
            sound=sound,
            may_delete=deleting.may_delete(song),
            credits=credits_of(opened, song),
            public=song_view.seen_outside(opened, song),
        )


@desk.post("/song/<slug>/publish")
def publish(slug: str) -> AnyResponse:
    answer = request.form.get("answer", "")
    if answer not in ANSWERS:
        abort(404)
    try:
        with database().write() as opened:
            song = song_of(opened, slug)
            song_id = song.id
            if answer == "publish":
                publishing.publish(opened, song, current_account().id)
            else:
                publishing.take_back(opened, song, current_account().id, retire=answer == "retire")
    except SongNotReady as missing:
        flash(
            ngettext(
                "It cannot go out yet: something is missing in {n} place.",
                "It cannot go out yet: something is missing in {n} places.",
                missing.readiness.missing,
            ),
            "wrong",
        )
        return redirect(url_for("desk.readiness", slug=slug), 303)
    with database().read() as opened:
        indexing.index_songs(opened, backends().index, [song_id])
    flash(
        {
            "publish": _("The song is out."),
            "unpublish": _("The song is back on the desk."),
            "retire": _("The song is retired. You can let it out again."),
        }[answer]
    )
    return redirect(url_for("desk.readiness", slug=slug), 303)


@desk.post("/song/<slug>/take-up/<line_id>")
def take_up(slug: str, line_id: str) -> AnyResponse:
    """Let a held line stand again, where consent covers it again."""
    with database().write() as opened:
        song = song_of(opened, slug)
        found = publishing.readiness(opened, song)
        if line_id not in {one.line.id for one in found.lines if one.line.held}:
            abort(404)
        try:
            holds.take_up_again(opened, line_id, current_account().id)
        except StillRefused as error:
            flash(_(error), "wrong")
        else:
            flash(_("The line stands again."))
    return redirect(url_for("desk.readiness", slug=slug), 303)
