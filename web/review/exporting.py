"""Taking a transcript out, for whoever may read it: in the form the gate allows, and written down as having left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access import gate
from archive.access.gate import Unknown
from archive.catalogue.cards import TestimonyCard, card
from archive.consent import releases
from archive.language.messages import Message
from archive.models import Testimony, TranscriptVersion
from archive.pages import testimony_page
from archive.timing import Utterance
from archive.transcripts import readable_text, transcript_versions
from archive.transcripts.readable_text import ShownSegment
from ingest.exports.transcript_paper import TranslatedStretch, transcript_pdf
from ingest.intake import brought_points, transcript_files
from media.timed.ohms import OhmsRecord
from media.timed.tei import TeiHeader
from web.site.language import _, day, either
from web.site.security import limiter, token_of_an_account
from web.site.viewer import account, database, viewer

transcript = Blueprint("transcript", __name__)
DECIDES = Message("Its narrator decides who may hear and read it, and can take it back at any time.")
PDF = "pdf"
MIMETYPES = {**transcript_files.LEAVES, PDF: "application/pdf"}
WITHOUT_TIMES = (*transcript_files.WITHOUT_TIMES, PDF)
UNTIMED = "-untimed"  # after the kind, as in `txt-untimed`


@transcript.post("/testimony/<testimony_id>/transcript")
@limiter.limit("120 per hour")
@token_of_an_account
def take(testimony_id: str) -> Response:
    """The words of a testimony as a file."""
    asked = request.form.get("kind", "")
    kind = asked.removesuffix(UNTIMED)
    untimed = kind != asked
    if kind not in (WITHOUT_TIMES if untimed else MIMETYPES):
        abort(404)
    with database().write() as session:
        shown = card(session, viewer(), testimony_id)
        if shown is None or gate.best_transcript_form(session, viewer(), testimony_id) is None:
            raise Unknown("There is no such thing here.")
        version = _version(session, testimony_id, request.form.get("version", ""))
        segments = readable_text.readable(session, viewer(), version)
        said = [_said(one, shown) for one in segments if one.text.strip()]
        length = session.get_one(Testimony, testimony_id).recording.duration_ms
        who = account()
        releases.record(
            session,
            "export",
            f"testimony:{testimony_id}",
            [testimony_id],
            audience=viewer().role,
            account_id=who.id if who else None,
            note=f"transcript, {kind}",
        )
        if kind == PDF:
            write = _paper(session, shown, version, said, times=not untimed)
        else:
            title = either(shown.title_km, shown.title_en)
            told = _record(session, shown, version, title) if kind == "xml" else None
            header = _header(shown, version, title)
            as_file = partial(transcript_files.write, kind, said, title=title, length_ms=length, times=not untimed)
            write = partial(as_file, record=told, header=header)
    return _file(write(), testimony_id, kind)  # hours of words take seconds, in which nobody else waits for a turn


def _file(content: bytes | str, testimony_id: str, kind: str) -> Response:
    response = Response(content, mimetype=MIMETYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="transcript-{testimony_id}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _paper(
    session: Session, shown: TestimonyCard, version: TranscriptVersion, said: list[Utterance], *, times: bool
) -> Callable[[], bytes]:
    """What writes the words as a PDF, with their translation as far as this viewer may read it."""
    translated = [
        TranslatedStretch(one.span, one.text)
        for other in transcript_versions.translations(session, version).values()
        if viewer().inside or other.stage == "approved"
        for one in readable_text.readable(session, viewer(), other)
    ]
    title = either(shown.title_km, shown.title_en) or _("A testimony without a title")
    recorded = day(shown.recorded_on) if shown.recorded_on else ""
    who = " \u00b7 ".join(filter(None, [either(shown.name_km, shown.name_en), recorded]))
    draft = "" if version.stage == "approved" else _("A draft.")
    under = [who, _("transcript version {n}", n=version.number), draft, _(DECIDES)]
    address = url_for("testimony.show", testimony_id=shown.id, _external=True)
    return partial(transcript_pdf, title, under, said, translated, address, times=times)


def _record(session: Session, shown: TestimonyCard, version: TranscriptVersion, title: str) -> OhmsRecord:
    """What an OHMS document says beside the words: nothing that the testimony's page does not tell this viewer."""
    points = testimony_page.points_shown(session, viewer(), shown.id)
    terms = brought_points.terms_of(session, points)
    return OhmsRecord(
        title=title,
        identifier=shown.id,
        date=str(shown.recorded_on) if shown.recorded_on else "",
        made=time_zone.day_of(version.made_at).isoformat(),
        language=brought_points.language_name(version.language),
        duration_ms=shown.duration_ms,
        interviewees=tuple(filter(None, (either(shown.name_km, shown.name_en),))),
        points=brought_points.of_points(points, terms, version.language, places=viewer().inside),
    )


def _header(shown: TestimonyCard, version: TranscriptVersion, title: str) -> TeiHeader:
    """What a TEI document says: what the testimony's card tells this viewer."""
    return TeiHeader(
        title=title or _("A testimony without a title"),
        identifier=shown.id,
        recorded_on=str(shown.recorded_on) if shown.recorded_on else "",
        language=version.language,
        duration_ms=shown.duration_ms,
        address=url_for("testimony.show", testimony_id=shown.id, _external=True),
        version=version.number,
        publisher=_("Archive of the Messenger Band"),
        terms=_(DECIDES),
    )


def _version(session: Session, testimony_id: str, version_id: str) -> TranscriptVersion:
    """The version asked for, or the one that holds for this viewer."""
    if version_id:
        found = session.get(TranscriptVersion, version_id)
    else:
        found = transcript_versions.current(session, testimony_id, approved_only=True)
        if found is None and viewer().inside:
            found = transcript_versions.current(session, testimony_id, approved_only=False)
    if found is None or found.testimony_id != testimony_id:
        raise Unknown("There is no such thing here.")
    return found


def _said(segment: ShownSegment, shown: TestimonyCard) -> Utterance:
    """Speakers are called as the page calls them: the narrator by the name they chose, where it may be told."""
    names = {
        "narrator": either(shown.name_km, shown.name_en) or _("Narrator"),
        "interviewer": _("Interviewer"),
    }
    speaker = names.get(segment.speaker, segment.speaker) or None
    return Utterance(segment.span.start_ms, segment.span.end_ms, segment.text, segment.words, speaker=speaker)
