"""A draft: the page, the words going to and fro, and what lies beside the lines."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import asdict

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.lists import ListRequest
from archive.lyrics import clippings, comments, lyric_versions, shared_draft
from archive.lyrics.current_words import current_lyric
from archive.lyrics.shared_draft import DraftRefused
from archive.models import Clipping, Draft, LineComment, Song
from web.desk.blueprint import desk, remember_song, song_of
from web.site.language import _
from web.site.security import limiter
from web.site.viewer import current_account, database, on_own_device, viewer

SYNCS = "1800 per minute"  # a roomful of browsers behind one address, each every second and a half
LONGEST_TAB = 32


@desk.get("/song/<slug>")
def draft(slug: str) -> str:
    with database().read() as opened:
        song = song_of(opened, slug)
        lines = shared_draft.draft_lines(opened, song.id)
        if not lines and opened.get(Draft, song.id) is None:
            kept = current_lyric(opened, song.id)
            read = list(kept.lines) if kept else []
        else:
            read = list(lines)  # type: ignore[arg-type]
        hidden = lyric_versions.closed(opened, viewer(), read)
        shown = [line for line in read if getattr(line, "ref", getattr(line, "id", "")) not in hidden]
        held, moved = lyric_versions.trouble(opened, song)
        remember_song(slug)
        return render_template(
            "desk/draft.html",
            song=song,
            lines=shown,
            held=held,
            moved=moved,
            member=current_account(),
            limits=shared_draft,
            own=on_own_device(),
        )


@desk.post("/song/<slug>/sync")
@limiter.limit(SYNCS, override_defaults=True)
def sync(slug: str) -> Response:
    """Merge what this browser wrote, and answer with what it lacks and who else is here."""
    try:
        vector, update = _bytes("vector"), _bytes("update")
        with database().read() as opened:
            song = song_of(opened, slug)
            known = opened.get(Draft, song.id)
            quiet = known is not None and not update and not _news(opened, song)
            if quiet and known is not None:
                return _answer(opened, song, known, vector)
        with database().write() as opened:
            song = song_of(opened, slug)
            held = shared_draft.begin(
                opened, song, lyric_versions.lines_from(opened, current_lyric(opened, song.id)), current_account().id
            )
            if update:
                held = shared_draft.merge(opened, song.id, update, current_account().id)
            _here(opened, song)
            return _answer(opened, song, held, vector)
    except DraftRefused as refused:
        return make_response(jsonify(error=_(refused), code=refused.code), 422)


def _bytes(name: str) -> bytes:
    try:
        return base64.b64decode(request.form.get(name, ""), validate=True)
    except (binascii.Error, ValueError):
        raise DraftRefused("unreadable") from None


def _tab() -> tuple[str, str]:
    return request.form.get("tab", "")[:LONGEST_TAB], request.form.get("line", "")[: shared_draft.LONGEST_NAME // 2]


def _news(opened: Session, song: Song) -> bool:
    tab, line = _tab()
    return bool(request.form.get("bye")) or (bool(tab) and shared_draft.is_news(opened, song.id, tab, line))


def _here(opened: Session, song: Song) -> None:
    tab, line = _tab()
    if request.form.get("bye"):
        shared_draft.leave(opened, song.id, tab)
    elif tab:
        shared_draft.arrive(opened, song.id, tab, current_account().id, line)


def _answer(opened: Session, song: Song, held: Draft, vector: bytes) -> Response:
    known = request.form.get("revision", "")
    found = shared_draft.answer(held, vector or b"\0", int(known) if known.isdecimal() and len(known) < 10 else None)
    return jsonify(
        revision=found.revision,
        update=base64.b64encode(found.update).decode() if found.update is not None else None,
        vector=base64.b64encode(found.vector).decode(),
        here=[asdict(one) for one in shared_draft.here(opened, song.id, _tab()[0])],
        beside=_beside_mark(opened, song),
    )


def _beside_mark(opened: Session, song: Song) -> str:
    """Changes whenever somebody clips or comments, so that browsers know when to look again."""
    lying = select(Clipping.id, Clipping.off_at.is_(None)).where(Clipping.song_id == song.id).order_by(Clipping.id)
    said = select(LineComment.id, LineComment.settled_at.is_(None)).where(LineComment.song_id == song.id)
    rows = [*opened.execute(lying), *opened.execute(said.order_by(LineComment.id))]
    return hashlib.sha256(repr([(name, bool(there)) for name, there in rows]).encode()).hexdigest()[:16]


@desk.get("/song/<slug>/beside")
def beside(slug: str) -> str:
    """What lies beside the lines, and what is said beside them, as it is now."""
    with database().read() as opened:
        song = song_of(opened, slug)
        lines = shared_draft.draft_lines(opened, song.id)
        used = {clipping: relation for line in lines for clipping, relation in line.sources.items()}
        lying = clippings.lying_with(opened, viewer(), song, set(used))
        loose = clippings.not_with_a_song(opened, viewer(), ListRequest())
        held, moved = lyric_versions.trouble(opened, song)
        return render_template(
            "desk/beside.html",
            song=song,
            lying=lying,
            used=used,
            loose=loose,
            comments=comments.beside(opened, song.id),
            held=held,
            moved=moved,
        )


@desk.post("/song/<slug>/comment")
def comment(slug: str) -> AnyResponse:
    try:
        with database().write() as opened:
            song = song_of(opened, slug)
            line = request.form.get("line", "")[: shared_draft.LONGEST_NAME // 2]
            comments.say(opened, song.id, line, request.form.get("text", ""), current_account().id)
    except comments.NothingSaid as error:
        return make_response(jsonify(error=_(error)), 422)
    return redirect(url_for("desk.beside", slug=slug), 303)


@desk.post("/song/<slug>/comment/<comment_id>")
def settle(slug: str, comment_id: str) -> AnyResponse:
    answer = request.form.get("answer", "")
    if answer not in {"settled", "open"}:
        abort(404)
    with database().write() as opened:
        song = song_of(opened, slug)
        comments.settle(opened, song.id, comment_id, settled=answer == "settled")
    return redirect(url_for("desk.beside", slug=slug), 303)
