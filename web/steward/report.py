"""A report for whoever pays for the work: a page to print, and the same as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from flask import Response, render_template, request

from archive import time_zone
from archive.consent.releases import KINDS
from archive.days import Day
from archive.models import now
from archive.pages.funder_report import FunderReport, funder_report
from web.site.language import _, _l, either
from web.site.viewer import database
from web.steward.blueprint import steward

RELEASED = {
    "download": _l("Downloads"),
    "export": _l("Tables of hits"),
    "broadcast": _l("Given to radio and television"),
    "screening": _l("Screenings"),
    "handed-over": _l("Handed to other archives"),
    "carried": _l("Carried away in packs"),
}


@steward.get("/report")
def report() -> str:
    found = _asked()
    months = {one.month: Day.of(f"{one.month:%Y-%m}") for one in found.months}
    return render_template("steward/report.html", report=found, months=months, kinds=KINDS, released=RELEASED)


@steward.get("/report.csv")
def report_table() -> Response:
    """The months as a table; numbers and days alone, so that nothing in it can be a formula."""
    text = io.StringIO()
    csv.writer(text).writerows(_rows(_asked()))
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="report.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(found: FunderReport) -> Iterator[list[object]]:
    yield [_("Month"), _("Songs that came out"), _("Sessions held"), _("Songs sung"), _("People, as counted"),
           _("Sessions where nobody counted"), *(str(RELEASED[kind]) for kind in KINDS)]  # fmt: skip
    out = [one.published.replace(day=1) for one in found.songs]
    known = {one.month: one for one in found.months}
    for month in sorted({*known, *out}):
        one = known.get(month)
        numbers = (one.sessions, one.sung, one.people, one.uncounted) if one else (0, 0, 0, 0)
        left = one.releases if one else {}
        yield [f"{month:%Y-%m}", out.count(month), *numbers, *(left.get(kind, 0) for kind in KINDS)]
    yield []
    yield [_("Songs that came out")]
    for song in found.songs:
        yield [song.published.isoformat(), either(song.title_km, song.title_en).lstrip("=+-@\t\r")]


def _asked() -> FunderReport:
    """The days that were asked for, in order; else this year until today."""
    today = time_zone.day_of(now())
    first = _day(request.args.get("from", "")) or today.replace(month=1, day=1)
    last = _day(request.args.get("until", "")) or today
    with database().read() as session:
        return funder_report(session, min(first, last), max(first, last))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
