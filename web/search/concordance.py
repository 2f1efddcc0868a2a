"""The concordance: a word with what stands before and after it, to be read, sorted, heard and taken as a table."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.catalogue.cards import TestimonyCard, cards
from archive.consent import releases
from archive.language.normalise import tidy
from archive.lists import ListPage, ListRequest
from archive.retrieval import concordance as finding
from archive.retrieval.concordance import BESIDE, SORTS, ConcordanceLine
from web.site.cells import inert
from web.site.language import either
from web.site.security import limiter
from web.site.viewer import account, backends, database, viewer

words = Blueprint("concordance", __name__)

LONGEST = 120
LINES = 100  # on a page
TAKERS = frozenset({"researcher", "band", "steward"})
COLUMNS = ("before", "word", "after", "language", "address", "title", "narrator", "recorded_on", "start_ms")


@dataclass(frozen=True, slots=True)
class LinesPage(ListPage[ConcordanceLine]):
    """A page of the lines; they are long lists of short things, so there are more on it than elsewhere."""

    @property
    def last(self) -> int:
        return max(1, -(-self.total // LINES))


def _typed(given: str) -> str:
    return " ".join(tidy(given[:LONGEST]).split())


def _sort(given: str) -> str:
    return given if given in SORTS else SORTS[0]


@words.get("/search/in-context")
@limiter.limit("300 per hour")
def show() -> str:
    typed, sort = _typed(request.args.get("q", "")), _sort(request.args.get("sort", ""))
    with database().read() as session:
        found = finding.concordance(session, backends().index, viewer(), typed, sort)
        last = max(1, -(-len(found.lines) // LINES))
        number = max(1, min(request.args.get("page", 1, type=int), last))
        lines = found.lines[(number - 1) * LINES : number * LINES]
        asked = ListRequest(text=typed, sort="" if sort == SORTS[0] else sort, page=number)
        return render_template(
            "search/concordance.html",
            found=found,
            page=LinesPage(asked, lines, len(found.lines), len(found.lines)),
            cards=cards(session, viewer(), {line.testimony for line in lines}),
            most=max(found.years.values(), default=0),
            beside=BESIDE,
            may_export=account() is not None and viewer().role in TAKERS,
        )


@words.post("/search/in-context/csv")
@limiter.limit("60 per hour")
def export() -> Response:
    """The lines as a table. It is noted which testimonies' words went out, since they cannot be called back."""
    who = account()
    if who is None or viewer().role not in TAKERS:
        abort(404)
    typed, sort = _typed(request.form.get("q", "")), _sort(request.form.get("sort", ""))
    with database().read() as session:
        found = finding.concordance(session, backends().index, viewer(), typed, sort, taken=True)
    with database().write() as session:  # what was taken back meanwhile has no card any more
        known = cards(session, viewer(), {line.testimony for line in found.lines})
        for one in known:
            subject = f"testimony:{one}"
            releases.record(session, "export", subject, [one], audience=viewer().role, account_id=who.id)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_row(line, known[line.testimony]) for line in found.lines if line.testimony in known)
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="messenger-band-in-context.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _row(line: ConcordanceLine, card: TestimonyCard) -> list[str]:
    cells = (
        line.left,
        line.word,
        line.right,
        line.language,
        url_for("testimony.show", testimony_id=card.id, t=line.start_ms, _external=True),
        either(card.title_km, card.title_en),
        either(card.name_km, card.name_en),
        str(card.recorded_on or ""),
        str(line.start_ms),
    )
    return [inert(cell) for cell in cells]
