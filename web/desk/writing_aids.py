"""What helps while a line is written: syllables, rhymes, how often a phrase is said, and where a line may be from."""

from __future__ import annotations

from flask import Response, jsonify, render_template, request

from archive.catalogue.cards import cards
from archive.lyrics import shared_draft, suggestions, writing_aids
from archive.lyrics.clippings import LEAD_MS
from web.desk.blueprint import desk, song_of
from web.site.viewer import backends, current_account, database, viewer

LONGEST_PHRASE = 80


def _line(name: str) -> str:
    return request.form.get(name, "")[: shared_draft.LONGEST_LINE]


@desk.post("/help/syllables")
def syllables() -> Response:
    """The syllables of each line, word by word, and how it reads in Latin letters."""
    lines = [line[: shared_draft.LONGEST_LINE] for line in request.form.getlist("text")[: shared_draft.MOST_LINES]]
    counted = writing_aids.counted(lines)
    return jsonify(lines=[{"count": one.count, "words": one.words, "romanised": one.romanised} for one in counted])


@desk.post("/help/rhymes")
def rhymes() -> str:
    with database().read() as opened:
        found = writing_aids.rhymes(opened, backends().index, viewer(), _line("text"))
        return render_template("desk/rhymes.html", found=found, lead=LEAD_MS)


@desk.post("/help/usage")
def usage() -> str:
    with database().read() as opened:
        found = writing_aids.usage(opened, backends().index, viewer(), request.form.get("text", "")[:LONGEST_PHRASE])
        return render_template("desk/usage.html", found=found, lead=LEAD_MS)


@desk.post("/song/<slug>/likely")
def likely(slug: str) -> str:
    """Passages that a line may have come from, each with why; a person takes one, or none."""
    with database().read() as opened:
        song = song_of(opened, slug)
        current_account()
        likely = suggestions.likely(opened, backends().index, viewer(), _line("km"), _line("en"))
        known = cards(opened, viewer(), {one.said.testimony_id for one in likely.found})
        return render_template("desk/likely.html", song=song, likely=likely, cards=known, lead=LEAD_MS)
