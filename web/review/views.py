"""The room's pages: what waits, a testimony's versions, and the steps from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.access.gate import Unknown
from archive.accounts.accounts import people
from archive.catalogue.cards import card
from archive.catalogue.descriptions import LANGUAGES
from archive.consent.heard_through import NothingToHear
from archive.lists import ListRequest
from archive.models import TranscriptVersion
from archive.pages import transcript_list
from archive.transcripts import comparison, imported, reviewing, transcript_versions
from archive.transcripts.reviewing import NotYet
from ingest.intake.transcript_files import TAKEN
from web.review import again, editor, heard, index_points, marked_words, words
from web.review import importing as brought
from web.review.blueprint import find_anew, review, told, version_of
from web.site import recording_words
from web.site.guard import is_steward
from web.site.language import _, ngettext
from web.site.list_pages import requested
from web.site.viewer import current_account, database, viewer

__all__ = ["again", "brought", "editor", "heard", "index_points", "marked_words", "review"]


@review.get("")
def room() -> str:
    """What each transcript wants of somebody: the newest of every kind, or a page of those that are looked for."""
    wanted = requested()
    with database().read() as session:
        if wanted == ListRequest():
            room = transcript_list.overview(session, viewer())
            return render_template("review/room.html", shown=room.shown, newest=room.newest, words=words)
        shown = transcript_list.transcript_list(session, viewer(), wanted)
        return render_template("review/room.html", shown=shown, newest={}, words=words)


@review.get("/<testimony_id>")
def history(testimony_id: str) -> str:
    """The versions of one testimony, and what can be done with them."""
    with database().read() as session:
        testimony = told(session, testimony_id)
        versions = reviewing.history(session, testimony_id)
        hears = gate.sound_for(session, viewer(), testimony_id) == "whole"
        draft = reviewing.draft_of(session, testimony_id)
        holds = transcript_versions.current(session, testimony_id, approved_only=True)
        return render_template(
            "review/history.html",
            testimony=testimony,
            card=card(session, viewer(), testimony_id),
            versions=versions,
            names=reviewing.names(session, versions),
            draft=draft,
            doubt=reviewing.doubt(session, draft) if draft else None,
            beside=_beside(session, draft),
            holds=holds,
            late=reviewing.open_translations(session, holds) if holds else [],
            jobs=imported.typed_transcripts_of(session, testimony_id),
            models=again.offered() if is_steward() else [],
            earlier=_earlier(versions),
            hears=hears,
            listener=people(session, [testimony.heard_through_by_id]).get(testimony.heard_through_by_id or ""),
            words=words,
            kinds=TAKEN,
            findings=recording_words.findings(testimony.recording.findings.split()) if hears else [],
            shift=request.args.get("shift", "")[:12],
        )


def _earlier(versions: Sequence[TranscriptVersion]) -> dict[str, TranscriptVersion]:
    """For a machine's version, the machine's one before it in the same language: what another model wrote."""
    written = sorted(
        (one for one in versions if one.stage == "machine" and not one.translates_id), key=lambda one: one.number
    )
    return {later.id: one for one, later in pairwise(written) if one.language == later.language}


def _beside(session: Session, draft: TranscriptVersion | None) -> list[TranscriptVersion]:
    """Drafts of translations that can be approved together with the draft."""
    return reviewing.open_translations(session, draft) if draft else []


@review.post("/<testimony_id>/start")
def start(testimony_id: str) -> AnyResponse:
    """Open the draft, or make one from what there is."""
    with database().write() as session:
        told(session, testimony_id)
        draft = reviewing.start(session, testimony_id, current_account().id)
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
        reviewing.start_translation(session, version, language, current_account().id)
    return redirect(url_for("review.edit", version_id=version_id), 303)


@review.post("/edit/<version_id>/reviewed")
def reviewed(version_id: str) -> AnyResponse:
    """Somebody has gone through the whole of it."""
    with database().write() as session:
        version = version_of(session, version_id)
        testimony_id = version.testimony_id
        try:
            reviewing.mark_reviewed(session, version, current_account().id)
        except NotYet as error:
            flash(_(error), "wrong")
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
            approved_by = current_account().id
            doubtful = reviewing.approve(session, version, approved_by, request.form.getlist("with"), heard=listened)
        except NotYet as error:
            flash(_(error), "wrong")
        except NothingToHear as error:
            session.rollback()
            flash(_(error), "wrong")
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
