"""The consent room says when the archive was last copied and where to, and warns where it was long ago or never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from archive.ledgers import audit
from archive.models import now
from archive.preservation import last_backup
from tests.web.filling import Filling

WARNING = "There is no copy of this archive"
LONG_AGO = "That is long ago"
PUT_BACK = "This archive was put back from a copy"


def test_the_room_says_when_the_newest_copy_was_made(
    signed_in: Callable[..., FlaskClient], filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")

    def room() -> str:
        return unescape(client.get("/steward").get_data(as_text=True))

    assert WARNING in room()
    with filled.backends.database.write() as session:
        detail = {"where": "/media/stick/archive", "originals only": False}
        audit.note(session, None, last_backup.MADE, "", detail)
    assert LONG_AGO not in room()
    with monkeypatch.context() as later:
        later.setattr(last_backup, "now", lambda: now() + timedelta(days=8))
        said = room()
    assert LONG_AGO in said
    assert "/media/stick/archive" in said
    assert last_backup.note(filled.backends, "s3://copies/here", originals_only=True)
    said = room()
    assert "s3://copies/here" in said
    assert not [one for one in (WARNING, LONG_AGO, PUT_BACK) if one in said]
    with filled.backends.database.write() as session:
        audit.note(session, None, last_backup.RESTORED, "archive:x", {"made": "2026-03-01T00:00:00+00:00"})
    assert PUT_BACK in room()
    assert "1 March 2026" in room()
    client.get("/?lang=km")
    assert "ច្បាប់ចម្លងថ្មីបំផុត" in room()
