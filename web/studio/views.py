"""The studio's pages: which songs are timed, a song's recordings, its words, and the timing page."""

from __future__ import annotations

from flask import render_template, request

from archive.models.arrangement import KINDS
from archive.services.cataloguing import intake
from archive.services.singing import arranging, timetable, wording
from web.ingest import words as arriving
from web.studio import edits, recordings, words
from web.studio.room import studio, who
from web.viewer import backends, database, viewer

__all__ = ["edits", "recordings", "studio"]


@studio.get("")
def songs() -> str:
    """Every song, what is left to time first."""
    with database().read() as session:
        return render_template("studio/songs.html", songs=timetable.room(session, viewer()), words=words)


@studio.get("/<slug>")
def song(slug: str) -> str:
    """One song: the recordings it is sung to, and those that are offered."""
    with database().read() as session:
        found = arranging.opened(session, viewer(), slug)
        return render_template(
            "studio/song.html",
            song=found,
            counted=timetable.counted(session, found),
            offers=arranging.offers(session, found.id),
            refused=intake.turned_away(session, viewer()),
            lead=arranging.lead(session, found.id),
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
        found = arranging.opened(session, viewer(), slug)
        every = timetable.lines_of(session, found.id)
        return render_template(
            "studio/words.html",
            song=found,
            lines=every,
            closed=timetable.closed(session, viewer(), every),
            pieces=wording.pieces,
            words=words,
            me=who(),
        )


@studio.get("/<slug>/time/<arrangement_id>")
def time(slug: str, arrangement_id: str) -> str:
    """The timing page; without a script it is a table of the times."""
    with database().read() as session:
        found = arranging.opened(session, viewer(), slug)
        arrangement = arranging.arrangement(session, found, arrangement_id)
        return render_template(
            "studio/time.html",
            song=found,
            arrangement=arrangement,
            others=arranging.arrangements(session, found.id),
            lines=timetable.table(session, viewer(), found, arrangement)["lines"],
            words=words,
            me=who(),
        )
