"""Where words came from and where they went: for a song, for a testimony, and for a narrator, to be read out to her."""

from __future__ import annotations

from flask import Response, render_template

from archive.consent import releases
from archive.models import now
from archive.pages import usage_report
from web.desk import usage_paper
from web.desk.blueprint import desk, song_of
from web.site.language import language
from web.site.viewer import current_account, database, viewer


@desk.get("/song/<slug>/provenance")
def song_origin(slug: str) -> str:
    """Every line with its sources and whether they still stand."""
    with database().read() as opened:
        song = song_of(opened, slug)
        return render_template(
            "desk/song_origin.html", song=song, lines=usage_report.song_threads(opened, viewer(), song)
        )


@desk.get("/testimony/<testimony_id>")
def became(testimony_id: str) -> str:
    """Every line that a testimony became, down to when it is sung."""
    with database().read() as opened:
        found = usage_report.usage_report_of(opened, viewer(), testimony_id, language())
        narrator = usage_report.narrator_of(opened, viewer(), testimony_id)
        return render_template("desk/became.html", told=found, card=found.card, narrator=narrator)


@desk.get("/narrator/<narrator_id>")
def sheet(narrator_id: str) -> str:
    """Everything a narrator's words have gone into, to print and to read out."""
    with database().read() as opened:
        found = usage_report.narrator_sheet(opened, viewer(), narrator_id, language(), now())
        return render_template("desk/sheet.html", sheet=found, narrator_id=narrator_id)


@desk.post("/narrator/<narrator_id>/sheet.pdf")
def sheet_pdf(narrator_id: str) -> Response:
    """The same as a PDF; her words leave in it, which is written in the ledger testimony by testimony."""
    with database().write() as session:
        found = usage_report.narrator_sheet(session, viewer(), narrator_id, language(), now())
        for told in found.told:
            releases.record(
                session,
                "export",
                f"testimony:{told.card.id}",
                [told.card.id],
                audience=viewer().role,
                account_id=current_account().id,
                note="narrator's sheet, pdf",
            )
    response = Response(usage_paper.sheet(found), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="sheet.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
