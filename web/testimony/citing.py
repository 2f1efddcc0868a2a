"""Citing a testimony: its address with the version and the moment, in forms that people and their software read."""

from __future__ import annotations

import re

from flask import Response, abort, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import Unknown
from archive.catalogue.cards import card
from archive.language.numerals import western
from archive.pages.testimony_page import TestimonyPage, testimony_page_of
from archive.transcripts import transcript_versions
from archive.transcripts.comparison import compared_as_read
from media.citations import bibtex, csl_json, ris, styles
from media.citations.citation import SECOND, Citation, exact
from web.site.citations import cited_card, in_khmer
from web.site.language import either, language, own_name
from web.site.viewer import database, viewer
from web.testimony.blueprint import testimony

EXAMPLE_MS = 83_000  # how a moment is typed, shown beside the form
LATEST_MS = 48 * 3600 * 1000
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,4}):(\d{2})", re.ASCII)
FILES = {
    "ris": (ris.ris, ris.MIMETYPE),
    "bib": (bibtex.bibtex, bibtex.MIMETYPE),
    "json": (csl_json.csl_json, csl_json.MIMETYPE),
}


def moment_asked() -> tuple[int | None, int | None]:
    """The moment the address names, in milliseconds: `?t=4000`, or with its end `?t=4000-9000`; None for what is none.

    A form gives the same as clocks show it, `?from=0:04&until=0:09`.
    """
    begin, dash, until = request.args.get("t", "").partition("-")
    start = _moment(request.args.get("from") or begin)
    end = _moment(request.args.get("until") or (until if dash else ""))
    return start, end if start is not None and end is not None and end > start else None


def _moment(typed: str) -> int | None:
    text = western(typed[:12].strip())
    if clocked := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clocked.groups())
        moment = ((hours * 60 + minutes) * 60 + seconds) * SECOND
    elif text.isdecimal() and text.isascii() and len(text) < 10:
        moment = int(text)
    else:
        return None
    return moment if moment < LATEST_MS else None


def version_asked() -> int | None:
    """The number of the transcript's version that the address names."""
    text = request.args.get("v", "")
    return int(text) if text.isdecimal() and text.isascii() and 0 < len(text) < 6 and int(text) else None


def citation(page: TestimonyPage, spoken: str) -> Citation:
    """The page as it is cited, with the moment its address names; title and name in `spoken` where they are there."""
    return cited_card(page.card, spoken, page.language, page.version_number, moment_asked())


def meta_date(page: TestimonyPage) -> str:
    """The day as `citation_date` is written: `2013`, `2013/04`, `2013/04/21`; empty where no year is known."""
    return "/".join(f"{part:02}" for part in exact(page.card.recorded_on))


@testimony.get("/testimony/<testimony_id>/cite")
def cite(testimony_id: str) -> str:
    """Every form of the citation of a moment, with a form to say which moment."""
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, language(), version_asked())
    english = citation(page, "en")
    return render_template(
        "testimony/cite.html",
        page=page,
        card=page.card,
        start=english.start_ms,
        cited=citation(page, language()),
        sentences=[
            ("chicago", "Chicago", "en", styles.chicago(english)),
            ("apa", "APA", "en", styles.apa(english)),
            ("khmer", own_name("km"), "km", in_khmer(citation(page, "km"))),
        ],
        kinds={"ris": "RIS", "bib": "BibTeX", "json": "CSL-JSON"},
        example=EXAMPLE_MS,
    )


@testimony.get("/testimony/<testimony_id>/cite.<kind>")
def cite_file(testimony_id: str, kind: str) -> AnyResponse:
    """The citation as a file for a reference manager: what the testimony's card tells, and none of its words."""
    if kind not in FILES:
        abort(404)
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, language(), version_asked())
    cited = citation(page, language())
    write, mimetype = FILES[kind]
    response = Response(write(cited), content_type=f"{mimetype}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{cited.key}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@testimony.get("/testimony/<testimony_id>/changes")
def changes(testimony_id: str) -> AnyResponse:
    """What became of the words between the version that was cited and the one that holds, as far as they are read."""
    with database().read() as session:
        shown = card(session, viewer(), testimony_id)
        if shown is None:  # before more is asked: how long that takes would tell that there is something
            raise Unknown("There is no such thing here.")
        inside = viewer().inside
        earlier = transcript_versions.citable(session, inside, testimony_id, version_asked() or 0)
        later = transcript_versions.holding(session, inside, testimony_id)
        if earlier is None or later is None:
            raise Unknown("There is no such thing here.")
        stretches = compared_as_read(session, viewer(), earlier, later)
        return make_response(
            render_template(
                "testimony/changes.html",
                card=shown,
                earlier=earlier,
                later=later,
                stretches=[one for one in stretches if one.changed],
                name=either(shown.title_km, shown.title_en),
            )
        )
