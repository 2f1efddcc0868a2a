"""The steward's room: who may have what, what the narrator decides next, and the log of it all.

Nothing is written by looking. A change is first shown in the words that are read out to the narrator, with the songs
it touches; only what was shown is written, and only if nothing else was written in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.accounts import access_requests, accounts
from archive.consent import decisions, evidence, redaction, sealing, vault, wording
from archive.consent.effective import NotAGrant
from archive.language.numerals import western
from archive.ledgers import audit, chain
from archive.lists import ListRequest
from archive.models import Testimony
from archive.pages import consent_list, steward_desk
from archive.ports import BlobMissing
from archive.preservation import found_sound, last_backup
from archive.timing import Span
from archive.transcripts import marked_words
from archive.withdrawal import carrying_out, near_copies, own_visits
from archive.withdrawal import withdraw as withdrawing
from web.site import recording_words
from web.site.language import _, _l, language, number
from web.site.list_pages import requested
from web.site.moments import written_moment
from web.site.purging import purge_beside
from web.site.security import csrf
from web.site.viewer import backends, current_steward, database, viewer
from web.steward import log_words
from web.steward.blueprint import a_form_with_a_file, choices, dossier_page, file_of, redacted_key, steward
from web.steward.consent_form import WITHDRAWING, ConsentWish, NotSaid, read, written

LOG_PAGE = 60
STATES = {
    "asked": _l("Somebody asks for it"),
    "unlistened": _l("Listen to the end"),
    "unheard": _l("Listen to what was taken out"),
    "elsewhere": _l("Marked words elsewhere"),
    "ending": _l("Ends soon"),
    "closed": _l("Open to nobody"),
}
UNDONE_WORDS = {
    "waiting": _l("it is waiting for its turn"),
    "away": _l("the stick with the keys is away"),
    "full": _l("the disk is full"),
    "locked": _l("another program holds the database"),
    "read-only": _l("the place cannot be written"),
    "unreachable": _l("the store or the database does not answer"),
    "broken": _l("the disk or the stick is failing"),
    "failed": _l("something failed; the log says what"),
}


@steward.get("")
def room() -> str:
    with database().read() as session:
        kept = consent_list.consent_list(session, viewer(), requested(), language())
        waiting, many_wait = steward_desk.pending_requests(session, viewer(), language())
        returning, gone = steward_desk.taken_back(session, viewer(), ListRequest())
        return render_template(
            "steward/room.html",
            kept=kept,
            states=STATES,
            waiting=waiting,
            many_wait=many_wait,
            returning=returning,
            gone=gone,
            news=own_visits.news(session, viewer()),
            words=recording_words,
            undone=carrying_out.undone(backends()),
            undone_words=UNDONE_WORDS,
            undecided=near_copies.undecided(session),
            copies=last_backup.last_backup(session, backends().settings.backup_days),
            restored=last_backup.restored(session),
            unclaimed=found_sound.count(session),
            keyless=vault.never_made(session, backends().settings),
        )


@steward.get("/testimony/<testimony_id>")
def testimony(testimony_id: str) -> str:
    return dossier_page(testimony_id)


@steward.get("/testimony/<testimony_id>/one-by-one")
def one_by_one(testimony_id: str) -> str:
    """What is allowed, each by itself, to be kept, added to or replaced."""
    return _one_by_one(testimony_id)


def _one_by_one(testimony_id: str, wrong: str = "") -> str:
    with database().read() as session:
        found = steward_desk.dossier(session, viewer(), testimony_id, language())
        holds = [
            (written(grant), said)
            for grant, said in wording.each_allowed(session, testimony_id, found.standing.given, language())
        ]
        return render_template(
            "steward/one_by_one.html",
            dossier=found,
            card=found.card,
            holds=holds,
            choices=choices(),
            words=recording_words,
            given=request.args,
            wrong=wrong,
        )


@steward.get("/testimony/<testimony_id>/change")
def preview(testimony_id: str) -> AnyResponse:
    """What a change would change, to be read out."""
    try:
        wish = read(request.args)
        with database().read() as session:
            found = steward_desk.dossier(session, viewer(), testimony_id, language())
            changes = wording.preview(session, testimony_id, wish.event, wish.grants, language())
            idle = decisions.unlisted(wish.grants) if wish.event in {"grant", "reconfirm"} else set()
            return make_response(
                render_template(
                    "steward/preview.html",
                    dossier=found,
                    card=found.card,
                    wish=wish,
                    preview=changes,
                    idle=idle,
                    words=recording_words,
                )
            )
    except (NotSaid, NotAGrant) as error:
        back = _one_by_one if request.args.get("answer") == "one-by-one" else dossier_page
        return make_response(back(testimony_id, _(error)), 400)


@steward.post("/testimony/<testimony_id>/change")
@csrf.exempt  # type: ignore[untyped-decorator]
def change(testimony_id: str) -> AnyResponse:
    """Write the change down, if it is still the one that was shown."""
    with a_form_with_a_file():
        try:
            wish = read(request.form)
        except (NotSaid, NotAGrant) as error:
            return make_response(dossier_page(testimony_id, _(error)), 400)
        if request.form.get("read_out") != "yes":
            wrong = _("Read it out to the narrator first.")
            return make_response(dossier_page(testimony_id, wrong), 400)
        with database().read() as session:
            known = steward_desk.dossier(session, viewer(), testimony_id, language())
        if str(known.last_seq) != request.form.get("seen"):
            return make_response(dossier_page(testimony_id, overtaken()), 409)
        try:
            blob = kept_evidence(testimony_id)
        except vault.VaultClosed:
            return make_response(dossier_page(testimony_id, vault_closed()), 409)
    return _write_down(testimony_id, wish, blob)


def overtaken() -> str:
    return _(
        "Somebody has written something down since. Look at it again.",
    )


def vault_closed() -> str:
    return _(
        "The vault’s key is not here. Put the stick in that holds it, and try again. Nothing was written down.",
    )


def nothing_done() -> str:
    return _(
        "Nothing was done, and the testimony is still open: neither the file of withdrawals nor the database can be "
        "written. Make room on the disk, or put back what was pulled out, and take it back again.",
    )


def kept_evidence(testimony_id: str) -> str | None:
    """The key of the file that came with the form, sealed; None where none came. Raises VaultClosed."""
    path = file_of("paper")
    return evidence.keep_evidence(backends(), testimony_id, path, viewer()) if path is not None else None


def _write_down(testimony_id: str, wish: ConsentWish, blob: str | None) -> AnyResponse:
    given = wish.given(current_steward().id, blob)
    if wish.kind in WITHDRAWING:
        try:
            report = withdrawing.withdraw(backends(), testimony_id, wish.kind, given)
        except withdrawing.NothingDone:
            return make_response(dossier_page(testimony_id, nothing_done()), 503)
        purge_beside()
        return make_response(render_template("steward/withdrawn.html", report=report))
    verbs: dict[str, Callable[..., object]] = {"narrow": decisions.narrow, "grant": decisions.grant}
    with database().write() as session:
        if wish.kind in verbs:
            verbs[wish.kind](session, testimony_id, wish.grants, given)
        elif wish.kind == "suspend":
            decisions.suspend(session, testimony_id, given)
        else:
            decisions.reconfirm(session, testimony_id, given, wish.grants)
    flash(_("It is written down, and holds from now on."))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id), 303)


@steward.post("/testimony/<testimony_id>/mark")
def mark(testimony_id: str) -> AnyResponse:
    """Take a span out of the words and the sound."""
    starts, ends = (request.form.get(name, "") for name in ("from_s", "to_s"))
    try:
        span = Span(written_moment(starts), written_moment(ends))
        with database().write() as session:
            steward_desk.dossier(session, viewer(), testimony_id, language())
            redaction.mark(session, testimony_id, span, current_steward().id, request.form.get("reason", "other"))
            marked_words.look_again(session, testimony_id)
    except ValueError:  # no moments, the end before the beginning, or beyond the recording
        sentence = _("Write both moments as the page shows them, 0:27, or in seconds, inside the recording.")
        return make_response(dossier_page(testimony_id, sentence), 400)
    _ask_for_the_sound(testimony_id)
    flash(
        _(
            "It is taken out of words and sound. Listen to what is left.",
        )
    )
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#marks", 303)


@steward.post("/testimony/<testimony_id>/unmark/<mark_id>")
def unmark(testimony_id: str, mark_id: str) -> AnyResponse:
    with database().write() as session:
        found = steward_desk.dossier(session, viewer(), testimony_id, language())
        if mark_id not in {one.id for one in found.marks}:
            abort(404)
        redaction.unmark(session, mark_id, current_steward().id)
        marked_words.look_again(session, testimony_id)
    _ask_for_the_sound(testimony_id)
    flash(_("It is back."))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#marks", 303)


def _ask_for_the_sound(testimony_id: str) -> None:
    with database().read() as session:
        recording_id = steward_desk.recordings_of(session, testimony_id)[0]
    backends().queue.enqueue(recording_id)


@steward.get("/testimony/<testimony_id>/sound")
def sound_state(testimony_id: str) -> Response:
    """How far the sound is that others hear, for a page that waits for it."""
    ready = redacted_key(testimony_id) is not None
    with database().read() as session:
        share = steward_desk.sound_under_way(session, testimony_id, ("redact",))
        recording = session.get_one(Testimony, testimony_id).recording
        away = sealing.sealed(recording) and not vault.has_sound_key(backends().settings, recording.id)
    told: dict[str, Any] = {
        "ready": ready,
        "key_away": away,
        "progress": share,
        "words": "" if share is None else percent(share),
    }
    response: Response = jsonify(told)
    response.headers["Cache-Control"] = "no-store"
    return response


def percent(share: float) -> str:
    return number(round(share * 100)) + "%"


@steward.post("/testimony/<testimony_id>/heard")
def heard(testimony_id: str) -> AnyResponse:
    """A steward has listened to what the marks leave."""
    if redacted_key(testimony_id) is None:
        return make_response(dossier_page(testimony_id, _("The sound has not been made yet.")), 409)
    with database().write() as session:
        steward_desk.dossier(session, viewer(), testimony_id, language())
        redaction.hear(session, testimony_id, current_steward().id)
    flash(_("It is written down that you have listened."))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#marks", 303)


@steward.get("/testimony/<testimony_id>/redacted")
def redacted(testimony_id: str) -> Response:
    """The sound as others get it, for whoever has to judge it."""
    key = redacted_key(testimony_id)
    if key is None:
        abort(404)
    return played(key)


def played(key: str) -> Response:
    """Sound for a steward's own ears."""
    try:
        size, pieces = backends().store.size(key), backends().store.read(key)
    except BlobMissing:
        abort(404)
    response = Response(pieces, mimetype="audio/mp4")
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response


@steward.post("/request/<request_id>")
def answer(request_id: str) -> AnyResponse:
    """Let a researcher in by name, or not."""
    chosen = request.form.get("answer", "")
    if chosen not in {"granted", "declined"}:
        abort(404)
    said = request.form.get("words", "")[:1000]
    try:
        with database().write() as session:
            steward_of_it, granted = current_steward(), chosen == "granted"
            given = access_requests.answer(
                session, request_id, steward_of_it, granted=granted, words=said, until=_day_given("until")
            )
            opens = wording.opened_by_name(session, given.testimony_id, language())
    except access_requests.CannotAnswer:
        abort(404)
    except access_requests.AlreadyOver as error:
        flash(_(error), "wrong")
        return redirect(url_for("steward.room") + "#requests", 303)
    if chosen == "declined":
        flash(_("The request is declined."))
    elif opens:
        flash(_("They are let in by name."))
    else:
        flash(_opens_nothing(), "wrong")
    return redirect(url_for("steward.room") + "#requests", 303)


def _day_given(name: str) -> date | None:
    """The day that was typed; None for none. 404 for what is none: the field takes days alone."""
    text = western(request.form.get(name, "")[:20].strip())
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(404)


def _opens_nothing() -> str:
    return _(
        "They are let in by name, and that opens nothing: the narrator has allowed researchers nothing yet. Ask her, "
        "and write her answer down.",
    )


@steward.get("/log")
def log_page() -> str:
    """Who did what, newest first, and whether the chain of both ledgers is whole."""
    before = request.args.get("before", "")
    from_seq = int(before) if before.isdecimal() and before.isascii() and len(before) < 12 else None
    with database().read() as session:
        entries = audit.recent(session, LOG_PAGE + 1, from_seq)
        names = accounts.people(session, (entry.actor_id for entry in entries))
        breaks = chain.verify(session) if request.args.get("check") else None
        return render_template(
            "steward/log.html",
            entries=entries[:LOG_PAGE],
            more=len(entries) > LOG_PAGE,
            names=names,
            breaks=breaks,
            log_words=log_words,
        )
