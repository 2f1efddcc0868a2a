"""The studio's pages: which songs are timed, a song's recordings, its words, and the timing page."""

from __future__ import annotations

from flask import render_template, request

from archive.catalogue import incoming
from archive.lyrics import current_words
from archive.models.arrangement import KINDS
from archive.pages import timing_studio
from archive.songs import arrangements, line_words, song_view
from web.site import recording_words as arriving
from web.site.language import _l
from web.site.list_pages import requested
from web.site.viewer import backends, current_account, database, viewer
from web.studio import edits, recordings, words
from web.studio.blueprint import studio

LEFT = {"left": _l("Not all timed"), "timed": _l("Timed")}

__all__ = ["edits", "recordings", "studio"]


@studio.get("")
def songs() -> str:
    """The songs, what is left to time first."""
    with database().read() as session:
        shown = timing_studio.room(session, viewer(), requested())
        return render_template("studio/songs.html", songs=shown, states=LEFT, words=words)


@studio.get("/<slug>")
def song(slug: str) -> str:
    """One song: the recordings it is sung to, and those that are offered."""
    with database().read() as session:
        found = arrangements.song_for(session, viewer(), slug)
        return render_template(
            "studio/song.html",
            song=found,
            counted=timing_studio.counted(session, found),
            public=song_view.seen_outside(session, found),
            offers=arrangements.offers(session, found.id),
            refused=incoming.turned_away(session, viewer()),
            lead=arrangements.lead(session, found.id),
            kinds=KINDS,
            words=words,
            arriving=arriving,
            undo=request.args.get("undo", "")[:32],
            limit_mb=backends().settings.max_upload_mb,
        )


@studio.get("/<slug>/words")
def lines(slug: str) -> str:
    """The song's lines cut into words, and how they are read."""
    with database().read() as session:
        found = arrangements.song_for(session, viewer(), slug)
        every = current_words.lines_of(session, found.id)
        return render_template(
            "studio/words.html",
            song=found,
            lines=every,
            closed=timing_studio.closed(session, viewer(), every),
            pieces=line_words.pieces,
            words=words,
            me=current_account().id,
        )


@studio.get("/<slug>/time/<arrangement_id>")
def time(slug: str, arrangement_id: str) -> str:
    """The timing page; without a script it is a table of the times."""
    with database().read() as session:
        found = arrangements.song_for(session, viewer(), slug)
        arrangement = arrangements.arrangement(session, found, arrangement_id)
        return render_template(
            "studio/time.html",
            song=found,
            arrangement=arrangement,
            others=arrangements.arrangements(session, found.id),
            lines=timing_studio.table(session, viewer(), found, arrangement)["lines"],
            words=words,
            me=current_account().id,
        )
