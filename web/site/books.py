"""Songs as a book to print: made of whatever may be printed of them, and written in the ledger song by song."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response, url_for
from sqlalchemy.orm import Session

from archive.songs import song_export
from ingest.exports import song_paper
from web.site.viewer import viewer


def song_book(session: Session, title: str, about: Sequence[str], songs: Iterable[tuple[str, str]]) -> Response | None:
    """A song book as PDF; None where no song has words that this viewer may print.

    Args:
        songs: each one's slug, and how it is sung, which may be empty.
    """
    printed = []
    for slug, how in songs:
        sheet = song_export.sheet(session, viewer(), slug)
        if sheet is None or song_export.refused(session, viewer(), sheet, "paper"):
            continue
        song_export.note(session, viewer(), sheet, "song-book", "paper")
        printed.append((sheet, url_for("song.show", slug=sheet.slug, _external=True), how))
    if not printed:
        return None
    response = Response(song_paper.book_pdf(title, about, printed), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="song-book.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
