"""The room's pages: what waits, a testimony's versions, and the steps from one to the next."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.access.gate import Unknown
from archive.accounts.accounts import people
from archive.catalogue.cards import card
from archive.catalogue.descriptions import LANGUAGES
from archive.consent.heard_through import NothingToHear
from archive.models import TranscriptVersion
from archive.transcripts import comparison, imported, reviewing, transcript_versions
from archive.transcripts.reviewing import NotYet
from web.review import editor, heard, index_points, words
from web.review import importing as brought
from web.review.blueprint import find_anew, review, somebody, told, version_of
from web.site.language import _, ngettext
from web.site.viewer import database, viewer

__all__ = ["brought", "editor", "heard", "index_points", "review"]


@review.get("")
def room() -> str:
    """Every transcript that wants something of somebody."""
    with database().read() as session:
        waiting = reviewing.rooms(session, viewer())
        cards = {
            one.testimony.id: card(session, viewer(), one.testimony.id) for many in waiting.values() for one in many
        }
    return render_template("review/room.html", waiting=waiting, cards=cards, words=words)


@review.get("/<testimony_id>")
def history(testimony_id: str) -> str:
    """The versions of one testimony, and what can be done with them."""
    with database().read() as session:
        testimony = told(session, testimony_id)
        versions = reviewing.history(session, testimony_id)
        draft = reviewing.draft_of(session, testimony_id)
        return render_template(
            "review/history.html",
            testimony=testimony,
            card=card(session, viewer(), testimony_id),
            versions=versions,
            names=reviewing.names(session, versions),
            draft=draft,
            doubt=reviewing.doubt(session, draft) if draft else None,
            beside=_beside(session, draft),
            holds=transcript_versions.current(session, testimony_id, approved_only=True),
            jobs=imported.typed_transcripts_of(session, testimony_id),
            hears=gate.sound_for(session, viewer(), testimony_id) == "whole",
            listener=people(session, [testimony.heard_through_by_id]).get(testimony.heard_through_by_id or ""),
            words=words,
        )


def _beside(session: Session, draft: TranscriptVersion | None) -> list[TranscriptVersion]:
    """Drafts of translations that can be approved together with the draft."""
    found = transcript_versions.translations(session, draft).values() if draft else ()
    return [one for one in found if one.stage in reviewing.OPEN]


@review.post("/<testimony_id>/start")
def start(testimony_id: str) -> AnyResponse:
    """Open the draft, or make one from what there is."""
    with database().write() as session:
        told(session, testimony_id)
        draft = reviewing.start(session, testimony_id, somebody().id)
    find_anew(testimony_id)
    return redirect(url_for("review.edit", version_id=draft.id), 303)


@review.post("/edit/<version_id>/translation")
def translate(version_id: str) -> AnyResponse:
    """Open a translation beside a version."""
    language = request.form.get("language", "")
    with database().write() as session:
        version = version_of(session, version_id)
        if language not in LANGUAGES or language == version.language or version.translates_id is not None:
            abort(404)
        reviewing.start_translation(session, version, language, somebody().id)
    return redirect(url_for("review.edit", version_id=version_id), 303)


@review.post("/edit/<version_id>/reviewed")
def reviewed(version_id: str) -> AnyResponse:
    """Somebody has gone through the whole of it."""
    with database().write() as session:
        version = version_of(session, version_id)
        testimony_id = version.testimony_id
        try:
            reviewing.mark_reviewed(session, version, somebody().id)
        except NotYet as error:
            flash(words.not_yet(error), "wrong")
        else:
            flash(_("It is written down that you went through all of it."))
    find_anew(testimony_id)
    return redirect(url_for("review.history", testimony_id=testimony_id), 303)


@review.post("/edit/<version_id>/approve")
def approve(version_id: str) -> AnyResponse:
    """Seal it: from now on it may be shown and quoted as its narrator allowed."""
    with database().write() as session:
        version = version_of(session, version_id)
        testimony_id = version.testimony_id
        listened = request.form.get("heard") == "yes"
        if listened and gate.sound_for(session, viewer(), testimony_id) != "whole":
            abort(404)
        try:
            approved_by = somebody().id
            doubtful = reviewing.approve(session, version, approved_by, request.form.getlist("with"), heard=listened)
        except NotYet as error:
            flash(words.not_yet(error), "wrong")
        except NothingToHear:
            session.rollback()
            flash(_("The sound has not been made yet."), "wrong")
        else:
            if listened:
                flash(heard.opened())
            flash(_("Approved. It can be found by searching from now on."))
            if doubtful:
                flash(
                    ngettext(
                        "{n} line of a song quotes words that are different now, and waits for somebody to look.",
                        "{n} lines of songs quote words that are different now, and wait for somebody to look.",
                        len(doubtful),
                    ),
                    "wrong",
                )
    find_anew(testimony_id)
    return redirect(url_for("review.history", testimony_id=testimony_id), 303)


@review.get("/<testimony_id>/compare")
def compare(testimony_id: str) -> str:
    """Two versions in one row of words."""
    with database().read() as session:
        told(session, testimony_id)
        versions = {one.id: one for one in reviewing.history(session, testimony_id)}
        try:
            one, two = versions[request.args.get("from", "")], versions[request.args.get("to", "")]
        except KeyError:
            raise Unknown("There is no such version.") from None
        return render_template(
            "review/compare.html",
            card=card(session, viewer(), testimony_id),
            one=one,
            two=two,
            stretches=comparison.compared(session, one, two),
            versions=[each for each in versions.values() if each.language == one.language],
            names=reviewing.names(session, [one, two]),
            words=words,
        )
