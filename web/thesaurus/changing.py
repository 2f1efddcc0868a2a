"""Changing the thesaurus: every act is written in the audit log, is found by search at once, and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.catalogue import term_cues, term_history, terms
from archive.catalogue.term_cues import NotCues
from archive.catalogue.term_history import CannotUndo
from archive.catalogue.terms import NotATerm, TermNames, TermOvertaken
from archive.models import Term, TermChange
from archive.pages import thesaurus_pages
from archive.retrieval import term_indexing
from archive.transcripts import suggested_again
from web.site.beside import run_beside
from web.site.language import _
from web.site.later import find_soon
from web.site.viewer import backends, current_steward, database
from web.thesaurus.blueprint import thesaurus
from web.thesaurus.views import room_page, term_page, why_not, why_not_cues, why_not_undone

LONGEST_LIST = 30_000


@thesaurus.post("")
def add() -> Response:
    given = _written()
    try:
        with database().write() as session:
            made = terms.add(
                session,
                _names(given),
                request.form.get("broader") or None,
                current_steward().id,
                known_to_all=request.form.get("known") == "yes",
            )
            term_id = made.id
    except NotATerm as error:
        return room_page(why_not(error), {**given, "broader": request.form.get("broader", "")}, 400)
    return _done([term_id], term_id, _("The theme is there."))


@thesaurus.post("/term/<term_id>/names")
def rename(term_id: str) -> Response:
    given = _written()
    try:
        with database().write() as session:
            terms.relabel(session, term_id, _names(given), current_steward().id, seen=_seen())
    except NotATerm as error:
        return term_page(term_id, why_not(error), given, 400)
    except TermOvertaken:
        return term_page(term_id, overtaken(), given, 409)
    return _done([term_id], term_id, _("The names are changed, in search and on every page."))


@thesaurus.post("/term/<term_id>/cues")
def change_cues(term_id: str) -> Response:
    """How people speak of a theme, one cue a line."""
    given = {f"cues_{one}": request.form.get(f"cues_{one}", "")[:LONGEST_LIST] for one in terms.LANGUAGES}
    written = {one: given[f"cues_{one}"].splitlines() for one in terms.LANGUAGES}
    try:
        with database().write() as session:
            term_cues.change_cues(session, term_id, written, current_steward().id, seen=_seen())
    except NotCues as error:
        return term_page(term_id, why_not_cues(error), given, 400)
    except NotATerm as error:
        return term_page(term_id, why_not(error), given, 400)
    except TermOvertaken:
        return term_page(term_id, overtaken(), given, 409)
    return _done([term_id], term_id, _("The cues are kept; the next suggestions are made by them."))


@thesaurus.post("/term/<term_id>/place")
def move(term_id: str) -> Response:
    broader = request.form.get("broader") or None
    return _changed(
        term_id,
        lambda session: terms.move(session, term_id, broader, current_steward().id, seen=_seen()),
        _("It is moved."),
    )


@thesaurus.post("/term/<term_id>/retire")
def retire(term_id: str) -> Response:
    deed = request.form.get("deed", "")
    if deed not in {"retire", "back"}:
        abort(404)
    return _changed(
        term_id,
        lambda session: terms.retire(session, term_id, current_steward().id, back=deed == "back", seen=_seen()),
        _("It is offered no more. What is tagged with it stays.") if deed == "retire" else _("It is offered again."),
    )


def _changed(term_id: str, change: Callable[[Session], object], said: str) -> Response:
    try:
        with database().write() as session:
            change(session)
    except NotATerm as error:
        return term_page(term_id, why_not(error), status=400)
    except TermOvertaken:
        return term_page(term_id, overtaken(), status=409)
    return _done([term_id], term_id, said)


@thesaurus.get("/term/<term_id>/merge")
def merging(term_id: str) -> Response:
    """What would become of the two themes."""
    into = request.args.get("into", "")
    with database().read() as session:
        gone, kept = thesaurus_pages.term_page(session, term_id), terms.term(session, into or term_id)
        if gone.term.id == kept.id:
            return term_page(term_id, why_not(NotATerm("same")), status=400)
        return make_response(
            render_template(
                "thesaurus/merge.html",
                gone=gone,
                kept=thesaurus_pages.term_page(session, kept.id),
                seen=gone.term.revision,
            )
        )


@thesaurus.post("/term/<term_id>/merge")
def merge(term_id: str) -> Response:
    into = request.form.get("into", "")
    try:
        with database().write() as session:
            term_history.merge(session, term_id, into, current_steward().id, seen=_seen())
    except NotATerm as error:
        return term_page(term_id, why_not(error), status=400)
    except TermOvertaken:
        return term_page(term_id, overtaken(), status=409)
    return _done([term_id, into], into, _("The two themes are one."))


@thesaurus.post("/undo/<act>")
def undo(act: str) -> Response:
    """Undo what was changed in one act."""
    try:
        with database().write() as session:
            touched = term_history.undo(session, act, current_steward().id)
    except CannotUndo as error:
        flash(why_not_undone(error), "wrong")
        return redirect(url_for("thesaurus.room"), 303)
    _find_again(touched)
    flash(_("It is undone."))
    with database().read() as session:
        there = [one for one in touched if session.get(Term, one) is not None]
    if len(there) == 1:
        return redirect(url_for("thesaurus.term", term_id=there[0]), 303)
    return redirect(url_for("thesaurus.room"), 303)


def overtaken() -> str:
    return _(
        "Somebody else has changed this term meanwhile. Look at what it is now, and send yours again if it still holds."
    )


def _done(touched: Sequence[str], term_id: str, said: str) -> Response:
    _find_again(touched)
    with database().read() as session:
        change = session.scalars(
            select(TermChange).where(TermChange.term_id == touched[0]).order_by(TermChange.id.desc()).limit(1)
        ).one_or_none()
        added = set(_all_names(change.after)) - set(_all_names(change.before)) if change else set()
        newest = select(TermChange.act).where(TermChange.term_id == touched[0], TermChange.undone_at.is_(None))
        act = session.scalar(newest.order_by(TermChange.id.desc()).limit(1))
    if added:
        run_beside(
            "suggest-again",
            lambda opened: suggested_again.suggest_again(opened.database, added),
            "themes could not be suggested again; the next approval of a text does it",
            daemon=True,
        )
    flash(with_undo(said, act) if act else said)
    return redirect(url_for("thesaurus.term", term_id=term_id), 303)


def _all_names(state: dict[str, Any]) -> list[str]:
    return [name for spoken in terms.LANGUAGES for name in state.get(spoken, ())]


def with_undo(said: str, act: str) -> Markup:
    return Markup(render_template("thesaurus/undo.html", said=said, act=act))  # noqa: S704 - the template escapes


def _find_again(touched: Sequence[str]) -> None:
    opened = backends()
    term_indexing.index_terms(opened.database, opened.index, touched, find_soon)


def _written() -> dict[str, str]:
    return {name: request.form.get(name, "")[:LONGEST_LIST] for name in ("km", "en", "km_more", "en_more")}


def _names(given: dict[str, str]) -> TermNames:
    return TermNames.written(*([given[one], *given[f"{one}_more"].splitlines()] for one in terms.LANGUAGES))


def _seen() -> int | None:
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
