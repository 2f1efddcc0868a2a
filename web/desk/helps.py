"""What helps while a line is written: syllables, rhymes, how often a phrase is said, and where a line may be from."""

from __future__ import annotations

from flask import Response, jsonify, render_template, request

from archive.services.cataloguing.cards import cards
from archive.services.desk import candidates, drafting, helping
from archive.services.desk.gathering import LEAD_MS
from web.desk.room import desk, member, song_of
from web.viewer import database, viewer

LONGEST_PHRASE = 80


def _line(name: str) -> str:
    return request.form.get(name, "")[: drafting.LONGEST_LINE]


@desk.post("/help/syllables")
def syllables() -> Response:
    """The syllables of each line, word by word, and how it reads in Latin letters."""
    lines = [line[: drafting.LONGEST_LINE] for line in request.form.getlist("text")[: drafting.MOST_LINES]]
    counted = helping.counted(lines)
    return jsonify(lines=[{"count": one.count, "words": one.words, "romanised": one.romanised} for one in counted])


@desk.post("/help/rhymes")
def rhymes() -> str:
    with database().read() as opened:
        found = helping.rhymes(opened, viewer(), _line("text"))
        return render_template("desk/rhymes.html", found=found, lead=LEAD_MS)


@desk.post("/help/usage")
def usage() -> str:
    with database().read() as opened:
        found = helping.usage(opened, viewer(), request.form.get("text", "")[:LONGEST_PHRASE])
        return render_template("desk/usage.html", found=found, lead=LEAD_MS)


@desk.post("/song/<slug>/likely")
def likely(slug: str) -> str:
    """Passages that a line may have come from, each with why; a person takes one, or none."""
    with database().read() as opened:
        song = song_of(opened, slug)
        member()
        found = candidates.likely(opened, viewer(), _line("km"), _line("en"))
        known = cards(opened, viewer(), {one.said.testimony_id for one in found})
        return render_template("desk/likely.html", song=song, found=found, cards=known, lead=LEAD_MS)
