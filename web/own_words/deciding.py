"""Narrowing and taking back: what would be is shown first, in plain words, and done when it is confirmed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.catalogue.cards import TestimonyCard, card
from archive.consent import decisions, holds, releases, wording
from archive.consent.decisions import PRESETS
from archive.consent.wording import Preview
from archive.withdrawal import own_visits
from archive.withdrawal.own_visits import AS_KEPT, DEEDS, NARROWER, TAKING_BACK
from archive.withdrawal.withdraw import NothingDone
from web.own_words.blueprint import narrator, own_words
from web.own_words.views import told_page
from web.site.language import _, language
from web.site.purging import purge_beside
from web.site.viewer import backends, database


@dataclass(frozen=True, slots=True)
class DecidedOf:
    """A testimony that a decision would be about, and what would be: no preview where it is taken back."""

    card: TestimonyCard | None
    preview: Preview | None


@own_words.get("/mine/<testimony_id>/sure")
def sure(testimony_id: str) -> Response:
    """What a decision would do, to be confirmed."""
    whose, deed = narrator(), request.args.get("deed", "")
    if deed not in DEEDS:
        return make_response(told_page(testimony_id, _choose()), 400)
    with database().read() as session:
        ids = _of_which(session, whose, testimony_id, request.args.get("parts", ""))
        if not ids:
            return make_response(told_page(testimony_id, _choose_parts()), 400)
        decided = [DecidedOf(card(session, AS_KEPT, one), _preview(session, one, deed)) for one in ids]
        if deed in NARROWER and not any(one.preview and one.preview.changes for one in decided):
            return make_response(told_page(testimony_id, _already()), 400)
        page = render_template(
            "own_words/sure.html",
            card=card(session, AS_KEPT, testimony_id),
            deed=deed,
            decided=decided,
            songs=_songs(session, decided, ids),
            left=[release for one in ids for release in releases.releases_of(session, one)],
        )
    return make_response(page)


def _of_which(session: Session, whose: str, testimony_id: str, which: str) -> tuple[str, ...]:
    """The testimonies that she means; none where she did not say which parts of a telling."""
    telling = own_visits.telling_of(session, whose, testimony_id)
    if len(telling) == 1 or which == "one":
        return (testimony_id,)
    return telling if which == "all" else ()


def _preview(session: Session, testimony_id: str, deed: str) -> Preview | None:
    return wording.preview(session, testimony_id, "narrow", PRESETS[deed], language()) if deed in NARROWER else None


def _songs(session: Session, decided: Sequence[DecidedOf], ids: Sequence[str]) -> list[holds.SongUse]:
    """The songs that lose her words, each once."""
    found = [
        song
        for one, testimony_id in zip(decided, ids, strict=True)
        for song in (one.preview.songs if one.preview else holds.songs_from(session, testimony_id))
    ]
    return list({song.song_id: song for song in found}.values())


@own_words.post("/mine/<testimony_id>")
def decide(testimony_id: str) -> Response:
    whose, deed = narrator(), request.form.get("deed", "")
    if deed not in DEEDS or request.form.get("sure") != "yes":
        return make_response(told_page(testimony_id, _choose()), 400)
    with database().read() as session:
        ids = _of_which(session, whose, testimony_id, request.form.get("parts", ""))
    if not ids:
        return make_response(told_page(testimony_id, _choose_parts()), 400)
    if deed in TAKING_BACK:
        return _take_back(whose, ids, deed)
    try:
        with database().write() as session:
            for one in ids:
                own_visits.narrow(session, whose, one, deed)
    except (decisions.Withdrawn, decisions.Destroyed):
        abort(404)
    flash(_("It is written down, and holds from now on."))
    return redirect(url_for("own_words.testimony", testimony_id=testimony_id), 303)


def _take_back(whose: str, ids: Sequence[str], deed: str) -> Response:
    """Take them back one after another; where one cannot be, its page says so, and those before it are gone."""
    reports = []
    for one in ids:
        try:
            reports.append(own_visits.take_back(backends(), whose, one, deed))
        except NothingDone:
            if reports:
                purge_beside()
            return make_response(told_page(one, _not_all_done() if reports else _not_done()), 503)
    purge_beside()
    undone, released = any(one.undone for one in reports), any(one.released for one in reports)
    return make_response(render_template("own_words/taken_back.html", mode=deed, undone=undone, released=released))


def _choose() -> str:
    return _("Choose one of these.")


def _choose_parts() -> str:
    return _("Say whether you mean this part alone, or all of what you told.")


def _not_all_done() -> str:
    return _("A part before this one is taken back. This one could not be: try again in a while, or tell a steward.")


def _already() -> str:
    return _("It is closed that far already. Nothing would change.")


def _not_done() -> str:
    return _(
        "It could not be done, and nothing has changed. Try again in a while, or tell a steward.",
    )
