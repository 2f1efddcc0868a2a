"""The editor: one page, the segments it draws, and the way of every change from it to the archive and back."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from archive.access import gate
from archive.catalogue.cards import card
from archive.consent import redaction
from archive.consent.redaction import NotAMark
from archive.models import Redaction, Testimony, TranscriptVersion
from archive.timing import Span
from archive.transcripts import editing, editor_state, marked_words, reviewing
from archive.transcripts.editing import NotAnEdit
from web.review.blueprint import document, review, version_of
from web.review.redacted_sound import sound_anew
from web.site import compression, json_body
from web.site.later import find_soon
from web.site.viewer import current_account, database, viewer

LONGEST_WINDOW = 40
LARGEST = 4 * 1024 * 1024
MOST_OPERATIONS = 1000


@review.get("/edit/<version_id>")
def edit(version_id: str) -> str:
    """The page; it draws nothing before its script has the segments."""
    with database().read() as session:
        version = version_of(session, version_id)
        shown = card(session, viewer(), version.testimony_id)
        return render_template(
            "review/edit.html",
            version=version,
            card=shown,
            testimony=session.get_one(Testimony, version.testimony_id),
            sound=gate.sound_for(session, viewer(), version.testimony_id),
            translations=reviewing.beside(session, version),
            me=current_account(),
            elsewhere=len(marked_words.found(session, version.testimony_id)),
        )


@review.get("/edit/<version_id>/segments")
def segments(version_id: str) -> Response:
    """Every segment with its words, translations and rival texts; a fresh form token is in the answer's head."""
    with database().read() as session:
        version = version_of(session, version_id)
        content = {"seq": editing.last_change(session, version.id), **_around(session, version, "")}
        answer = document(content, segments=editor_state.written(session, version))
    answer.headers["X-CSRFToken"] = generate_csrf()
    compression.allow()
    return answer


@review.post("/edit/<version_id>/sync")
def sync(version_id: str) -> Response:
    """Changes come in, and what others changed goes out; asked every few seconds, with or without a change."""
    request.max_content_length = LARGEST
    asked = json_body.read(
        required=("seq",),
        seq=json_body.whole(),
        window=json_body.text(LONGEST_WINDOW),
        holding=json_body.either(json_body.text(LONGEST_WINDOW), json_body.nothing),
        ops=json_body.rows(MOST_OPERATIONS),
    )
    if asked is None:
        abort(400)
    window, holding, operations = asked.get("window", ""), asked.get("holding"), asked.get("ops", [])
    answers: tuple[dict[str, Any], ...] = ()
    with database().read() as session:
        version = version_of(session, version_id)
        to_hold = editor_state.must_hold(session, version, current_account().id, window, holding)
    if operations or to_hold:
        try:
            with database().write() as session:
                version = version_of(session, version_id)
                answers = editing.apply(session, version, operations, current_account().id).answers
                editor_state.hold(session, version, current_account().id, window, holding)
                testimony_id = version.testimony_id
        except NotAnEdit:
            abort(400)
        if operations:
            find_soon(testimony_id)
    with database().read() as session:
        version = version_of(session, version_id)
        news = editing.since(session, version.id, asked["seq"])
        content = {
            "answers": answers,
            "seq": news.seq,
            "segments": editor_state.drawn(session, version, news.touched) if news.touched else [],
            "removed": sorted(news.removed),
            "renamed": news.renamed,
            **_around(session, version, window),
        }
    return document(content)


def _around(session: Session, version: TranscriptVersion, window: str) -> dict[str, Any]:
    """What stands around the words: who writes where, what is marked, and how far the version is."""
    who = current_account().id
    return {
        "held": editor_state.locks_held(session, version.id, who, window),
        "marks": editor_state.marks(session, version.testimony_id, who),
        "stage": version.stage,
    }


@review.post("/edit/<version_id>/mark")
def mark(version_id: str) -> Response:
    """Take the words somebody chose out of the text and the sound."""
    asked = json_body.read(
        required=("start", "end", "reason"),
        start=json_body.number(0, json_body.LARGEST_WHOLE),
        end=json_body.number(0, json_body.LARGEST_WHOLE),
        reason=json_body.text(LONGEST_WINDOW),
    )
    if asked is None:
        abort(400)
    try:
        span = Span(int(asked["start"]), int(asked["end"]))
        with database().write() as session:
            version = version_of(session, version_id)
            testimony_id = version.testimony_id
            same = [one for one in redaction.marks_of(session, testimony_id) if one.span == span]
            made = (
                same[0] if same else redaction.mark(session, testimony_id, span, current_account().id, asked["reason"])
            )
            marked_words.look_again(session, testimony_id)
            mark_id = made.id
    except (KeyError, TypeError, ValueError, OverflowError, NotAMark):
        abort(400)
    sound_anew(testimony_id)
    return _marks(version_id, made=mark_id)


@review.post("/edit/<version_id>/unmark/<mark_id>")
def unmark(version_id: str, mark_id: str) -> Response:
    """Put back what one marked oneself; what somebody else marked is for a steward."""
    with database().write() as session:
        version = version_of(session, version_id)
        testimony_id = version.testimony_id
        found = session.get(Redaction, mark_id)
        if found is None or found.testimony_id != testimony_id:
            raise gate.Unknown("There is no such mark.")
        if viewer().role != "steward" and found.marked_by_id != current_account().id:
            raise gate.Unknown("There is no such mark.")
        redaction.unmark(session, mark_id, current_account().id)
        marked_words.look_again(session, testimony_id)
    sound_anew(testimony_id)
    return _marks(version_id)


def _marks(version_id: str, **more: str) -> Response:
    with database().read() as session:
        version = version_of(session, version_id)
        told, who = version.testimony_id, current_account().id
        elsewhere = len(marked_words.found(session, told))
        return document({"marks": editor_state.marks(session, told, who), "elsewhere": elsewhere, **more})
