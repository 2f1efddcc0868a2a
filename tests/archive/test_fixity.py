"""Originals read through a share at a time: each within the days, what is wrong named, and when it was last whole."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from archive.backends import Backends
from archive.checks import fixity
from archive.db import Database
from archive.lists import ListRequest
from archive.models import OriginalLook, Testimony, now
from archive.settings import Settings
from tests import factories

MANY = 70


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    """Seventy recordings, whole."""
    opened = Backends(settings, sqlite_database)
    with sqlite_database.write() as session:
        for number in range(MANY):
            sound = f"sound {number}".encode()
            one = factories.recording(session, id=f"recording{number:05}", sha256=sha256(sound).hexdigest())
            opened.store.put_bytes(one.original_key, sound)
    return opened


def days_go_by(backends: Backends, days: float) -> None:
    with backends.database.write() as session:
        for one in session.query(OriginalLook):
            one.looked_at -= timedelta(days=days)
            one.whole_at = one.whole_at - timedelta(days=days) if one.whole_at else None


def stands(backends: Backends) -> fixity.FixityReport:
    with backends.database.read() as session:
        return fixity.report(session)


def test_a_look_a_day_has_read_everything_within_the_days(backends: Backends) -> None:
    read: list[int] = []
    for _ in range(fixity.DAYS):
        assert fixity.look(backends, progress=lambda _at, of: read.append(of)) == []
        days_go_by(backends, 1)
    assert max(read) == -(-MANY // fixity.DAYS), "a share, and no more"
    with backends.database.read() as session:
        assert session.query(OriginalLook).count() == MANY
    assert stands(backends).oldest is not None
    assert (stands(backends).originals, stands(backends).wrong) == (MANY, 0)


def test_what_was_read_today_is_not_read_again(backends: Backends) -> None:
    fixity.look(backends, everything=True)
    read: list[int] = []
    fixity.look(backends, progress=lambda _at, of: read.append(of))
    assert read == []


def test_what_is_changed_or_missing_is_named_with_the_day_it_was_last_whole(backends: Backends) -> None:
    fixity.look(backends, everything=True)
    days_go_by(backends, 40)
    assert stands(backends).looked == 0
    backends.store.put_bytes("recordings/recording00003/original", b"another sound")
    backends.store.delete("recordings/recording00004/original")
    wrong = fixity.look(backends, everything=True)
    assert {one.recording_id: one.found for one in wrong} == {
        "recording00003": "changed",
        "recording00004": "missing",
    }
    for one in wrong:
        assert one.whole_at is not None
        assert one.whole_at < now() - timedelta(days=39)
    assert (stands(backends).looked, stands(backends).wrong) == (MANY, 2)
    with backends.database.read() as session:
        page = fixity.wrong_originals(session, ListRequest())
    assert page.total == 2
    backends.store.put_bytes("recordings/recording00003/original", b"sound 3")
    assert len(fixity.look(backends, everything=True)) == 1, "what was put back is whole again"


def test_what_was_taken_back_is_not_read(backends: Backends) -> None:
    with backends.database.write() as session:
        factories.testimony(session, recording_id="recording00003")
        session.flush()
        session.query(Testimony).one().withdrawn_at = now()
    fixity.look(backends, everything=True)
    with backends.database.read() as session:
        assert session.get(OriginalLook, "recording00003") is None
    assert stands(backends).originals == MANY - 1
