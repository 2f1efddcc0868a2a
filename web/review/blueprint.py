"""What every page of the room begins with: who may be here, and which testimony or version is meant."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.models import Testimony, TranscriptVersion
from archive.retrieval import indexing
from archive.transcripts import reviewing
from web.site.guard import admit
from web.site.viewer import backends, database, viewer

review = Blueprint("review", __name__, url_prefix="/review")


def _editor_signed_out() -> AnyResponse | None:
    """An editor whose person was signed out meanwhile is told so and keeps what it holds."""
    return document({"signed_out": True}, 403) if request.is_json else None


admit(review, "room", signed_out=_editor_signed_out)


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
