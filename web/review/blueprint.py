"""What every page of the room begins with: who may be here, and which testimony or version is meant."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.models import Account, Testimony, TranscriptVersion
from archive.retrieval import indexing
from archive.retrieval.delayed_indexing import DelayedIndexer
from archive.transcripts import reviewing
from web.site.viewer import account, backends, database, viewer

review = Blueprint("review", __name__, url_prefix="/review")


@review.before_request
def only_inside() -> AnyResponse | None:
    """The room is the band's. An editor whose person was signed out meanwhile is told so and keeps what it holds."""
    if viewer().inside:
        return None
    if account() is None and request.method == "GET" and request.endpoint == "review.room":
        return redirect(url_for("account.sign_in", next=url_for("review.room")), 303)
    if account() is None and request.is_json:
        return document({"signed_out": True}, 403)
    return abort(404)


def somebody() -> Account:
    """Who is at work here; the door lets nobody else in."""
    who = account()
    if who is None:
        abort(404)
    return who


def told(session: Session, testimony_id: str) -> Testimony:
    return reviewing.require(session, viewer(), testimony_id)


def version_of(session: Session, version_id: str) -> TranscriptVersion:
    return reviewing.required_version(session, viewer(), version_id)


def document(content: dict[str, Any], status: int = 200, **written: str) -> Response:
    """An answer as JSON that no browser keeps; `written` are further keys whose values are JSON text already."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))  # Khmer takes half the room unescaped
    more = "".join(f',"{name}":{value}' for name, value in written.items())
    response = Response(f"{text[:-1]}{more}}}", status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def find_anew(testimony_id: str) -> None:
    """Put the testimony's words into the search index as they are now."""
    indexing.index_testimony(database(), backends().index, testimony_id)


def find_soon(testimony_id: str) -> None:
    """The same a little later, for words that go on changing."""
    opened = backends()
    soon: DelayedIndexer = current_app.extensions.setdefault(
        "indexed-soon", DelayedIndexer(opened.database, opened.index)
    )
    soon.ask(testimony_id)
