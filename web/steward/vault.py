"""What lies under a key: the papers behind a consent, a legal name, an original; and a testimony that comes back."""

from __future__ import annotations

import puremagic
from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue.descriptions import CONSENTS
from archive.consent import evidence, sealing, vault, wording
from archive.consent.effective import NotAGrant
from archive.in_force import CannotBeWritten
from archive.ledgers import audit
from archive.models import Testimony, VaultEntry
from archive.pages import steward_desk
from archive.ports import BlobMissing
from archive.withdrawal import withdraw as withdrawing
from web.site import recording_words
from web.site.language import _, _l, language
from web.site.list_pages import requested
from web.site.security import csrf
from web.site.viewer import backends, current_steward, database, viewer
from web.steward.blueprint import a_form_with_a_file, dossier_page, steward
from web.steward.consent_form import NotSaid, read
from web.steward.views import kept_evidence, overtaken, vault_closed

LONGEST_NAME = 200
_SHOWN = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
}


_SEALED = {
    ("seal", True): _l("The original is sealed."),
    ("seal", False): _l("The original was sealed already. Nothing has changed."),
    ("unseal", True): _l("The original is open again."),
    ("unseal", False): _l("The original was not sealed. Nothing has changed."),
}


@steward.get("/testimony/<testimony_id>/evidence/<int:seq>")
def paper(testimony_id: str, seq: int) -> AnyResponse:
    """The file behind an event, under a name of ours."""
    try:
        found = evidence.read(backends(), testimony_id, seq, viewer())
    except BlobMissing:
        abort(404)
    except (vault.VaultClosed, vault.VaultMismatch):
        return make_response(dossier_page(testimony_id, vault_closed()), 409)
    suffix = _suffix(found)
    response = Response(found, mimetype=_SHOWN.get(suffix, "application/octet-stream"))
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{seq}{suffix}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _suffix(content: bytes) -> str:
    try:
        found = puremagic.from_string(content)
    except (puremagic.PureError, ValueError):
        return ".bin"
    found = {".jpeg": ".jpg", ".jfif": ".jpg"}.get(found, found)
    return found if found in _SHOWN else ".bin"


@steward.post("/testimony/<testimony_id>/name")
def name(testimony_id: str) -> AnyResponse:
    """Keep the legal name in the vault, or read it; either is written down."""
    deed, said = request.form.get("deed", ""), " ".join(request.form.get("legal_name", "").split())[:LONGEST_NAME]
    if deed not in {"keep", "read", "remove"} or (deed == "keep" and not said):
        wrong = _("Write the name.")
        return make_response(dossier_page(testimony_id, wrong), 400)
    try:
        opened = vault.open_vault(backends().settings)
        with database().write() as session:
            steward_desk.dossier(session, viewer(), testimony_id, language())
            narrator_id = session.get_one(Testimony, testimony_id).narrator_id
            if deed == "read":
                found = opened.get(session, narrator_id, vault.LEGAL_NAME, viewer()) or ""
            elif deed == "keep":
                opened.put(session, narrator_id, vault.LEGAL_NAME, said, viewer())
            else:
                opened.destroy(session, narrator_id, viewer())
    except (vault.VaultClosed, vault.VaultMismatch):
        return make_response(dossier_page(testimony_id, vault_closed()), 409)
    if deed == "read":
        response = make_response(dossier_page(testimony_id, legal_name=found))
        response.headers["Cache-Control"] = "no-store"
        return response
    if deed == "remove":
        database().compact(VaultEntry.__tablename__)
    flash(_("The vault has it.") if deed == "keep" else _("It is removed."))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#vault", 303)


@steward.post("/testimony/<testimony_id>/seal")
def seal(testimony_id: str) -> AnyResponse:
    """Put the original under a key of its own, or lay it open again."""
    deed = request.form.get("deed", "")
    act = {"seal": sealing.seal, "unseal": sealing.unseal}.get(deed)
    if act is None:
        abort(404)
    try:
        changed = act(backends(), testimony_id, viewer())
    except (vault.VaultClosed, vault.VaultMismatch):
        return make_response(dossier_page(testimony_id, vault_closed()), 409)
    except (sealing.NotNow, BlobMissing):
        wrong = _("The recording is still being worked on. Wait until that is done.")
        return make_response(dossier_page(testimony_id, wrong), 409)
    flash(str(_SEALED[deed, changed]))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#vault", 303)


@steward.get("/vault")
def vault_page() -> str:
    return _vault_page()


def _vault_page(wrong: str = "", made: bool = False) -> str:
    settings = backends().settings
    with database().read() as session:
        never = vault.never_made(session, settings)
    try:
        vault.try_key(settings)
        state = "opens"
    except (vault.VaultClosed, vault.VaultMismatch, OSError):
        state = "never" if never else "away"
    return render_template("steward/vault.html", state=state, made=made, path=settings.vault_key, wrong=wrong)


@steward.post("/vault")
def make_vault_key() -> AnyResponse:
    """Make the key, once, and try it; one that is only away is never replaced."""
    settings = backends().settings
    with database().write() as session:
        if not vault.never_made(session, settings):
            abort(404)
        try:
            vault.make_key(settings)
            vault.try_key(settings)
        except (OSError, vault.VaultClosed):
            session.rollback()
            wrong = _("The key cannot be written there, or it would lie in the data folder, where it protects nothing.")
            return make_response(_vault_page(wrong), 409)
        audit.note(session, current_steward().id, vault.MADE)
    return make_response(_vault_page(made=True))


def still_closed() -> str:
    return _(
        "It is still closed: the file of withdrawals cannot be written. Make room on the disk, and do this again.",
    )


@steward.get("/taken-back")
def taken_back() -> str:
    """What was taken back and closed, by id and day, newest first."""
    with database().read() as session:
        shown, _gone = steward_desk.taken_back(session, viewer(), requested())
    return render_template("steward/taken_back.html", shown=shown)


@steward.get("/taken-back/<testimony_id>")
def returning(testimony_id: str) -> AnyResponse:
    """Her narrator has come back: what holds from now on is said, and shown before it is written."""
    return make_response(_returning(testimony_id))


def _returning(testimony_id: str, wrong: str = "") -> str:
    with database().read() as session:
        found = steward_desk.one_taken_back(session, viewer(), testimony_id)
    shown: tuple[str, ...] = ()
    wish = None
    if request.args.get("method") and not wrong:
        try:
            wish = read(request.args, kind="reconfirm")
            with database().read() as session:
                shown = wording.allowing(session, testimony_id, wish.grants, language())
        except (NotSaid, NotAGrant) as error:
            wish, wrong = None, _(error)
        if wish is not None and not wish.grants:
            wish, wrong = None, _("Choose one of the answers.")
    return render_template(
        "steward/returning.html",
        found=found,
        wish=wish,
        sentences=shown,
        words=recording_words,
        consents=CONSENTS,
        given=request.args,
        wrong=wrong,
    )


@steward.post("/taken-back/<testimony_id>")
@csrf.exempt  # type: ignore[untyped-decorator]
def reopen(testimony_id: str) -> AnyResponse:
    """Open it again, on the fresh word of its narrator."""
    with a_form_with_a_file():
        with database().read() as session:
            found = steward_desk.one_taken_back(session, viewer(), testimony_id)
        try:
            wish = read(request.form, kind="reconfirm")
        except (NotSaid, NotAGrant) as error:
            return make_response(_returning(testimony_id, _(error)), 400)
        if not wish.grants or request.form.get("read_out") != "yes":
            wrong = _("Read it out to the narrator first.")
            return make_response(_returning(testimony_id, wrong), 400)
        if str(found.last_seq) != request.form.get("seen"):
            return make_response(_returning(testimony_id, overtaken()), 409)
        try:
            blob = kept_evidence(testimony_id)
        except vault.VaultClosed:
            return make_response(_returning(testimony_id, vault_closed()), 409)
    try:
        withdrawing.reopen(backends(), testimony_id, wish.grants, wish.given(current_steward().id, blob))
    except CannotBeWritten:
        return make_response(_returning(testimony_id, still_closed()), 503)
    with database().read() as session:
        waiting = steward_desk.recordings_of(session, testimony_id)
    for recording_id in waiting:
        backends().queue.enqueue(recording_id)
    flash(
        _(
            "It is open again, on the narrator’s word. Its sound is being made anew.",
        )
    )
    return redirect(url_for("steward.testimony", testimony_id=testimony_id), 303)
