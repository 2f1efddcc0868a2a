"""Sound, by the byte: every request passes the gate, and so does every stretch of a long answer.

What may not be heard is answered as what does not exist: the same status, headers and body, with nothing computed from
the recording. Only listening files are given out, never originals, under a name of ours.

A player is given a long recording in parts, however much it asks for at once, and asks for each next part anew: what
lies ready between the archive and a slow telephone is then a minute or two of sound, and not the rest of the hour.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import PurePosixPath

from flask import Blueprint, Response, abort, current_app, g, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import is_resource_modified

from archive.access import gate
from archive.access.sound import Playable, playable
from archive.db import Database
from archive.models import Account
from archive.ports import BlobMissing, BlobStore
from web.site.viewer import account, backends, viewer

TYPES = {".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav"}
ASK_AGAIN = 512 * 1024  # bytes sent before the gate is asked again
LONGEST_PART = 1024 * 1024  # bytes that one answer to a Range request gives

media = Blueprint("media", __name__)


@media.get("/media/<recording_id>")
def listen(recording_id: str) -> Response:
    """The listening file of a recording, whole or the part that the Range header names."""
    store, database = backends().store, backends().database
    with database.read() as session:
        found = playable(session, viewer(), recording_id)
    if found is None:
        abort(404)
    try:
        size = store.size(found.key)
    except BlobMissing:
        abort(404)
    response = _described(found, size)
    etag, _ = response.get_etag()
    if not is_resource_modified(request.environ, etag=etag, ignore_if_range=True):
        response.status_code = 304
        del response.headers["Content-Length"]
        return response
    start, end = _asked_for(response, size)
    if request.method != "HEAD":
        who = account()
        response.response = _stream(store, database, who.id if who else None, recording_id, found.key, start, end)
    return response


def _described(found: Playable, size: int) -> Response:
    suffix = PurePosixPath(found.key).suffix
    response = Response(mimetype=TYPES.get(suffix, "application/octet-stream"))
    g.no_language = True
    response.headers["Content-Disposition"] = f'inline; filename="{found.name}{suffix}"'
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache" if found.public else "no-store"
    response.content_length = size
    secret = str(current_app.secret_key).encode()
    response.set_etag(hmac.new(secret, f"{found.key}:{size}".encode(), hashlib.sha256).hexdigest()[:24])
    return response


def _asked_for(response: Response, size: int) -> tuple[int, int]:
    """The stretch to send, set on the response as 206; the whole where none is asked for or it has changed since."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not _still_the_same(response):
        return 0, size
    stretch = asked.range_for_length(size)
    if stretch is None:
        raise RequestedRangeNotSatisfiable(size)
    start, end = stretch[0], min(stretch[1], stretch[0] + LONGEST_PART)
    response.status_code = 206
    response.content_length = end - start
    response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return start, end


def _still_the_same(response: Response) -> bool:
    wanted = request.if_range
    if wanted is None or (wanted.etag is None and wanted.date is None):
        return True
    return wanted.etag is not None and wanted.etag == response.get_etag()[0]


def _stream(
    store: BlobStore, database: Database, account_id: str | None, recording_id: str, key: str, start: int, end: int
) -> Iterator[bytes]:
    """The bytes, for as long as the gate would still give this account this very file."""
    sent = 0
    for chunk in store.read(key, start, end):
        if sent >= ASK_AGAIN:
            sent = 0
            if not _still_may(database, account_id, recording_id, key):
                return
        yield chunk
        sent += len(chunk)


def _still_may(database: Database, account_id: str | None, recording_id: str, key: str) -> bool:
    with database.read() as session:
        who = gate.viewer_of(session, session.get(Account, account_id) if account_id else None)
        found = playable(session, who, recording_id)
    return found is not None and found.key == key
