"""Recordings sent in pieces, so that a line that breaks costs one of them: the tus protocol, version 1.0.0, with its
extensions creation, expiration and termination (https://tus.io/protocols/resumable-upload).

Only bytes come this way. When all of them are here, what is said of them is sent with the upload's id in the place of a
file. No server part for Flask is kept up by anybody; this is a thin skin over `ingest.intake.partial_uploads`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, request, url_for

from archive.errors import ArchiveError
from ingest.intake import partial_uploads
from ingest.intake.partial_uploads import BeingWritten, NotThere, UploadRefused
from web.site.language import _
from web.site.security import limiter
from web.site.viewer import backends

VERSION = "1.0.0"
PIECE = 1024 * 1024
"""Bytes that a browser sends at once; as many may have to be sent again."""
SELDOM, OFTEN = "240 per hour", "1200 per minute"
_READ = 64 * 1024
_STATUS = {"large": 413, "many": 429, "full": 507}
P = ParamSpec("P")


def _tus(view: Callable[P, Response]) -> Callable[P, Response]:
    """Speak the protocol's version with every answer, and refuse another one."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        response = view(*args, **kwargs) if request.headers.get("Tus-Resumable") == VERSION else Response(status=412)
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Tus-Version"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


def take_pieces(room: Blueprint, owner: Callable[[], str]) -> None:
    """Give a room the addresses under `/uploads` to which recordings come in pieces.

    Args:
        owner: whose the pieces of this request are; an owner reaches its own and no others.
    """

    def begin_upload() -> Response:
        mine = owner()
        length = request.headers.get("Upload-Length", "")
        if not length.isdecimal() or len(length) > 15:
            return Response(status=400)
        try:
            made = partial_uploads.begin(backends().settings, mine, int(length))
        except UploadRefused as error:
            return _refused(error, _STATUS[error.code])
        return Response(status=201, headers={"Location": url_for(f"{room.name}.append_upload", upload_id=made.id)})

    def look_at_upload(upload_id: str) -> Response:
        found = partial_uploads.find(backends().settings, owner(), upload_id)
        return Response(headers={"Upload-Offset": str(found.offset), "Upload-Length": str(found.size)})

    def append_upload(upload_id: str) -> Response:
        return _append(owner(), upload_id)

    def drop_upload(upload_id: str) -> Response:
        partial_uploads.remove(partial_uploads.find(backends().settings, owner(), upload_id))
        return Response(status=204)

    one = "/uploads/<upload_id>"
    for rule, method, often, view in (
        ("/uploads", "POST", SELDOM, begin_upload),
        (one, "HEAD", OFTEN, look_at_upload),
        (one, "PATCH", OFTEN, append_upload),
        (one, "DELETE", OFTEN, drop_upload),
    ):
        view.__qualname__ = f"{room.name}.{view.__name__}"  # requests are counted by it, for each room
        room.add_url_rule(rule, view.__name__, limiter.limit(often)(_tus(view)), methods=[method])


def _append(owner: str, upload_id: str) -> Response:
    found = partial_uploads.find(backends().settings, owner, upload_id)
    if request.mimetype != "application/offset+octet-stream":
        return Response(status=415)
    offset = request.headers.get("Upload-Offset", "")
    if not offset.isdecimal() or len(offset) > 15:
        return Response(status=400)
    try:
        there = partial_uploads.append(found, int(offset), _pieces())
    except NotThere as error:
        return _refused(error, 409)
    except BeingWritten as error:
        return _refused(error, 423)
    return Response(status=204, headers={"Upload-Offset": str(there)})


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(_READ):
        yield piece


def _refused(error: ArchiveError, status: int) -> Response:
    return Response(_(error), status, mimetype="text/plain")
