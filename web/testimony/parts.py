"""Several recordings of one telling: read as one, and joined or parted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.access.gate import Unknown
from archive.catalogue import parts
from archive.catalogue.cards import card
from archive.catalogue.parts import Part
from archive.consent import wording
from archive.describing import joining as hers
from archive.describing.changes import ChangedMeanwhile
from archive.describing.joining import CannotJoin
from archive.pages.testimony_page import TestimonyPage, testimony_page_of
from web.site.language import _, language
from web.site.viewer import account, database, viewer
from web.testimony.blueprint import testimony
from web.testimony.describing import done

_ALLOWED = ("original_sound", "full_transcript", "redacted_transcript", "quotation")


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A part with its page, as this viewer may read it."""

    part: Part
    page: TestimonyPage


@dataclass(frozen=True, slots=True)
class LookedPart:
    """A part as it would be, with what is allowed of it, in sentences."""

    part: Part
    allowed: tuple[str, ...]


@testimony.get("/testimony/<testimony_id>/whole")
def whole(testimony_id: str) -> str:
    """Every part that this viewer may know of, one after another on one time line."""
    with database().read() as session:
        found = parts.parts_of(session, viewer(), testimony_id)
        if not found:
            raise Unknown("There is no such thing here.")
        read = [ReadPart(one, testimony_page_of(session, viewer(), one.card.id, language(), None)) for one in found]
        return render_template("testimony/whole.html", parts=read, here=testimony_id)


@testimony.get("/testimony/<testimony_id>/parts")
def joining(testimony_id: str) -> Response:
    return _page(testimony_id)


def _page(
    testimony_id: str, wrong: str = "", typed: Mapping[str, str] | None = None, looked: bool = False, status: int = 200
) -> Response:
    with database().read() as session:
        here = hers.offered(session, viewer(), testimony_id)
        kept = {one.card.id: str(one.number or "") for one in here.offered}
        page = render_template(
            "testimony/join.html",
            card=card(session, viewer(), testimony_id),
            here=here,
            numbers=kept if typed is None else {**kept, **typed},
            wrong=wrong,
            plan=_looked(session, testimony_id, typed or {}) if looked else None,
        )
    return make_response(page, status)


def _looked(session: Session, testimony_id: str, typed: Mapping[str, str]) -> list[LookedPart]:
    found = hers.preview(session, viewer(), testimony_id, typed)
    return [LookedPart(one, wording.decided(session, one.card.id, language(), _ALLOWED)) for one in found]


@testimony.post("/testimony/<testimony_id>/parts")
def join(testimony_id: str) -> Response:
    """Look at the order that was written, or keep it."""
    if account() is None:
        abort(404)
    typed = {name.removeprefix("n-"): text[:8] for name, text in request.form.items() if name.startswith("n-")}
    try:
        if (deed := request.form.get("deed")) != "apply":
            return _page(testimony_id, typed=typed, looked=deed == "look")
        with database().write() as session:
            seen = request.form.get("seen", type=int)
            act = hers.join(session, viewer(), testimony_id, typed, seen=seen)
            together = bool(parts.parts_of(session, viewer(), testimony_id))
    except CannotJoin as error:
        return _page(testimony_id, error.said(language()), typed, status=400)
    except ChangedMeanwhile:
        return _page(testimony_id, _("Somebody joined or parted them meanwhile. Look again."), status=409)
    return done(testimony_id, act, _("They are parts of one telling.") if together else _("Each stands by itself."))
