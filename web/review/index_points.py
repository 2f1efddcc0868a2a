"""Index points: a title, a synopsis and terms at a moment of a testimony."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue import index_points, tapped
from archive.catalogue.cards import card
from archive.catalogue.index_points import FIELDS, NotAPoint, PointEntry
from archive.language.dictionary_order import sort_key
from archive.models import IndexPoint
from archive.transcripts import marked_words, reviewing, tapped_speakers
from archive.transcripts.tapped_speakers import NotASpeaker
from web.review.blueprint import find_anew, review, told
from web.site.language import _, clock, language, ngettext
from web.site.later import find_soon
from web.site.moments import NotAMoment, written_moment
from web.site.viewer import current_account, database, viewer


@review.get("/<testimony_id>/points")
def points(testimony_id: str) -> str:
    """The points of a testimony, each with its form, and an empty one."""
    return _page(testimony_id)


def _page(testimony_id: str, wrong: str = "", given: Mapping[str, object] | None = None) -> str:
    with database().read() as session:
        testimony = told(session, testimony_id)
        there = index_points.points_of(session, testimony_id)
        themes = index_points.themes(session, viewer(), {term for point in there for term in point.terms})
        at = request.args.get("t", "")
        return render_template(
            "review/points.html",
            testimony=testimony,
            card=card(session, viewer(), testimony_id),
            points=there,
            taps=tapped.taps_of(session, testimony_id),
            proposed=tapped_speakers.proposed(session, testimony_id),
            confirmed=tapped_speakers.confirmed(session, testimony_id),
            draft=reviewing.draft_of(session, testimony_id),
            themes=sorted(((one.id, one.label(language())) for one in themes), key=lambda one: sort_key(one[1])),
            wrong=wrong,
            given=given or {},
            at=clock(int(at)) if at.isdecimal() and at.isascii() and len(at) < 10 else "",
        )


@review.post("/<testimony_id>/points")
def set_point(testimony_id: str) -> AnyResponse:
    """Add or change a point."""
    asked = {name: request.form.get(name, "") for name in (*FIELDS, "time", "point")}
    with database().write() as session:
        told(session, testimony_id)
        point = _point(session, testimony_id, asked["point"]) if asked["point"] else None
        try:
            moment = _moment(asked["time"])
            terms = request.form.getlist("terms")
            offered = index_points.themes(session, viewer(), point.terms if point else ())
            if not set(terms) <= {one.id for one in offered}:
                raise NotAPoint("term")
            made = index_points.set_point(
                session, testimony_id, PointEntry(moment, asked, terms), current_account().id, point
            )
            elsewhere = marked_words.look_again(session, testimony_id)
        except NotAPoint as error:
            wrong = _(error)
            session.rollback()
        else:
            wrong = ""
    if wrong:
        return make_response(_page(testimony_id, wrong, {**asked, "terms": request.form.getlist("terms")}), 400)
    find_anew(testimony_id)
    flash(_("It stands at {at} now.", at=clock(made.start_ms)))
    if elsewhere:
        return redirect(url_for("review.marked", testimony_id=testimony_id), 303)
    return redirect(url_for("review.points", testimony_id=testimony_id) + f"#point-{made.id}", 303)


@review.post("/<testimony_id>/points/<point_id>/remove")
def remove_point(testimony_id: str, point_id: str) -> AnyResponse:
    """Take a point away; the answer has the way back."""
    with database().write() as session:
        told(session, testimony_id)
        was = index_points.remove(session, _point(session, testimony_id, point_id), current_account().id)
        marked_words.look_again(session, testimony_id)
    find_anew(testimony_id)
    flash(_("Taken away. If that was a slip, send the form below again."))
    given = {**was.texts, "time": clock(was.start_ms), "terms": list(was.terms)}
    return make_response(_page(testimony_id, "", given))


@review.post("/<testimony_id>/taps/<tap_id>")
def decide_tap(testimony_id: str, tap_id: str) -> AnyResponse:
    """Make a moment of what was tapped while she spoke, or put it away."""
    with database().write() as session:
        told(session, testimony_id)
        if request.form.get("deed") != "point":
            tapped.put_away(session, testimony_id, tap_id, current_account().id)
            flash(_("It is put away."))
            return redirect(url_for("review.points", testimony_id=testimony_id) + "#tapped", 303)
        try:
            title = request.form.get("title", "")
            made = tapped.take_up(session, testimony_id, tap_id, title, language(), current_account().id)
            marked_words.look_again(session, testimony_id)
        except NotAPoint as error:
            wrong = _(error)
            session.rollback()
        else:
            wrong = ""
    if wrong:
        return make_response(_page(testimony_id, wrong), 400)
    find_anew(testimony_id)
    flash(_("It stands at {at} now.", at=clock(made.start_ms)))
    return redirect(url_for("review.points", testimony_id=testimony_id) + f"#point-{made.id}", 303)


@review.post("/<testimony_id>/taps/<tap_id>/speaker")
def confirm_speaker(testimony_id: str, tap_id: str) -> AnyResponse:
    """Write who was tapped to speak into the draft of the transcript, for a stretch of it."""
    given = {name: request.form.get(name, "") for name in ("start", "end", "speaker")}
    try:
        span = written_moment(given["start"]), written_moment(given["end"])
        with database().write() as session:
            told(session, testimony_id)
            by_id = current_account().id
            many = tapped_speakers.confirm(session, testimony_id, tap_id, span, given["speaker"], by_id)
    except NotAMoment:
        return make_response(_page(testimony_id, _(NotAPoint("time")), {"tap": tap_id, **given}), 400)
    except NotASpeaker as error:
        return make_response(_page(testimony_id, _(error), {"tap": tap_id, **given}), 400)
    find_soon(testimony_id)
    flash(ngettext("{n} segment has this speaker now.", "{n} segments have this speaker now.", many))
    return redirect(url_for("review.points", testimony_id=testimony_id) + "#tapped", 303)


@review.post("/<testimony_id>/speakers/<edit_id>/undo")
def undo_speaker(testimony_id: str, edit_id: str) -> AnyResponse:
    """Take a tapped speaker out of the draft again; the tap waits as before."""
    with database().write() as session:
        told(session, testimony_id)
        tapped_speakers.undo(session, testimony_id, edit_id, current_account().id)
    find_soon(testimony_id)
    flash(_("It is as it was before."))
    return redirect(url_for("review.points", testimony_id=testimony_id) + "#tapped", 303)


def _point(session: Session, testimony_id: str, point_id: str) -> IndexPoint:
    found = session.get(IndexPoint, point_id)
    if found is None or found.testimony_id != testimony_id:
        abort(404)
    return found


def _moment(text: str) -> int:
    """A moment as people write it: minutes and seconds, with hours before them."""
    try:
        return written_moment(text)
    except NotAMoment:
        raise NotAPoint("time") from None
