"""Songs as a book to print: made of whatever may be printed of them, and written in the ledger song by song."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response, url_for
from sqlalchemy.orm import Session

from archive.songs import song_export
from archive.songs.song_export import ExportSheet
from ingest.exports import song_paper
from web.site.viewer import viewer

PrintedSong = tuple[ExportSheet, str, str]
"""A song as it leaves, where it is found, and how it is sung, which may be empty."""


def printed_songs(session: Session, songs: Iterable[tuple[str, str]]) -> list[PrintedSong]:
    """Those of the songs whose words this viewer may print, each written in the ledger as leaving.

    Args:
        songs: each one's slug, and how it is sung.
    """
    printed = []
    for slug, how in songs:
        sheet = song_export.sheet(session, viewer(), slug)
        if sheet is None or song_export.refused(session, viewer(), sheet, "paper"):
            continue
        song_export.note(session, viewer(), sheet, "song-book", "paper")
        printed.append((sheet, url_for("song.show", slug=sheet.slug, _external=True), how))
    return printed


def song_book(title: str, about: Sequence[str], printed: Sequence[PrintedSong]) -> Response | None:
    """A song book as PDF, made when nobody waits for a turn to write any more; None of no songs."""
    if not printed:
        return None
    response = Response(song_paper.book_pdf(title, about, printed), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="song-book.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
