"""Bringing a transcript in: what is timed becomes a draft at once, what is not is laid over the sound first."""

from __future__ import annotations

import re

from flask import Response, abort, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.language.messages import Message
from archive.language.numerals import western
from archive.models import Testimony, TypedTranscript
from archive.transcripts import imported
from ingest.intake import brought_points, transcript_files
from ingest.intake.transcript_files import CannotTake
from ingest.jobs import typed_transcripts
from media.timed.limits import LARGEST
from web.review import words
from web.review.blueprint import document, find_anew, review, told
from web.site.language import _, clock, ngettext
from web.site.security import csrf, limiter
from web.site.uploads import takes_files
from web.site.viewer import backends, current_account, database

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})")


@review.post("/<testimony_id>/bring")
@csrf.exempt  # type: ignore[untyped-decorator]
@limiter.limit("120 per hour")
def bring(testimony_id: str) -> AnyResponse:
    """Take a transcript from a file. The token is asked for here, where the form with its file may be read."""
    request.max_content_length = LARGEST + 64 * 1024
    with database().read() as session:
        testimony = told(session, testimony_id)
        length = testimony.recording.duration_ms
    with takes_files():
        csrf.protect()
        file = request.files.get("transcript")
    if file is None or not file.filename:
        flash(_("Choose a file."), "wrong")
        return _back(testimony_id)
    try:
        shift = _shift(request.form.get("shift", ""))
        brought = transcript_files.read(file.filename, file.stream.read(LARGEST + 1), length, shift)
    except CannotTake as error:
        flash(_(error), "wrong")
        return _back(testimony_id, error.shift_ms)
    for notice in brought.notices:
        flash(words.notice(*notice))
    return _keep(testimony, brought)


def _shift(asked: str) -> int:
    """What is to be taken away from every time, as a clock. Raises CannotTake."""
    asked = western(asked.strip())
    if not asked:
        return 0
    match = _CLOCK.fullmatch(asked)
    if match is None:
        raise CannotTake(Message("Write what is to be taken away as hours:minutes:seconds, such as 01:00:00."), "shift")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def _keep(testimony: Testimony, brought: transcript_files.ImportedTranscript) -> AnyResponse:
    language = request.form.get("language") or testimony.language or "km"
    if language not in {"km", "en", testimony.language}:
        abort(404)
    if brought.points:
        _set_points(testimony.id, brought)
        if not brought.utterances and not brought.paragraphs:
            return redirect(url_for("review.points", testimony_id=testimony.id), 303)
    if brought.utterances:
        with database().write() as session:
            told(session, testimony.id)
            version = imported.keep_imported(session, testimony.id, language, brought.utterances, current_account().id)
        find_anew(testimony.id)
        flash(
            ngettext(
                "{n} segment came in, as a new draft.",
                "{n} segments came in, as a new draft.",
                len(brought.utterances),
            )
        )
        return redirect(url_for("review.edit", version_id=version.id), 303)
    paragraphs = [(one.speaker or "", one.text) for one in brought.paragraphs]
    with database().write() as session:
        told(session, testimony.id)
        made = imported.wait(session, testimony.id, language, paragraphs, current_account().id)
    typed_transcripts.enqueue(backends(), made.id)
    flash(
        _(
            "This transcript has no times. It is being laid over the sound.",
        )
    )
    return _back(testimony.id)


def _set_points(testimony_id: str, brought: transcript_files.ImportedTranscript) -> None:
    """The moments of an OHMS index, and a word on what could not be tied to a term."""
    with database().write() as session:
        told(session, testimony_id)
        made, strange = brought_points.take_in(session, testimony_id, brought.points, current_account().id)
    find_anew(testimony_id)
    flash(ngettext("{n} moment came in.", "{n} moments came in.", made))
    if strange:
        flash(_("No theme is called so; the words stand in the synopsis: {words}", words="; ".join(strange[:12])))


def _back(testimony_id: str, shift_ms: int = 0) -> AnyResponse:
    asked = clock(shift_ms) if shift_ms else None
    return redirect(url_for("review.history", testimony_id=testimony_id, shift=asked) + "#bring", 303)


@review.get("/<testimony_id>/typed")
def typed(testimony_id: str) -> Response:
    """How far the laying over is."""
    with database().read() as session:
        told(session, testimony_id)
        jobs = imported.typed_transcripts_of(session, testimony_id)
    shown = [{"id": one.id, "progress": round(one.progress, 3), "words": words.job(one)} for one in jobs]
    return document({"jobs": shown, "busy": any(one.state in {"waiting", "working"} for one in jobs)})


@review.post("/<testimony_id>/typed/<typed_id>/stop")
def stop(testimony_id: str, typed_id: str) -> AnyResponse:
    """It is not wanted after all; nothing of it is left."""
    with database().write() as session:
        told(session, testimony_id)
        found = session.get(TypedTranscript, typed_id)
        if found is None or found.testimony_id != testimony_id:
            abort(404)
        imported.stop(session, typed_id)
    return make_response(_back(testimony_id))
