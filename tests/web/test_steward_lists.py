"""The steward's standing lists: withdrawals that are not yet done, and what is nearly the words of somebody gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from archive.consent.decisions import ConsentGiven
from archive.models import LineComment, LyricLine, Segment, Song, Tombstone, TranscriptVersion
from archive.withdrawal import purge, withdraw
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"
GIVEN = ConsentGiven("recorded-verbal", None)


@pytest.fixture
def told(filled: Filling) -> str:
    return filled.testimonies[SAID]


@pytest.fixture
def steward(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    return client


def _page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def _say(client: FlaskClient, address: str, **said: str) -> int:
    """The status of the answer to a form, sent with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/steward").get_data(as_text=True))
    assert token is not None
    return client.post(address, data={"csrf_token": token[1], **said}).status_code


def _destroyed_with_a_comment(filled: Filling, told: str) -> str:
    """Half of a sentence of hers in somebody's comment, and she is gone; returns the comment."""
    with filled.backends.database.write() as session:
        query = session.query(Segment).join(TranscriptVersion).filter(TranscriptVersion.testimony_id == told)
        words = max((one.text for one in query), key=lambda text: len(text.split()))
        song = session.query(Song).first()
        assert song is not None
        quoting = f"As in: {' '.join(words.upper().split()[:6])}!"
        session.add(LineComment(song_id=song.id, line="a", text=quoting))
    withdraw.withdraw(filled.backends, told, "destroy", GIVEN)
    purge.purge(filled.backends, told)
    return quoting


def test_a_withdrawal_that_is_not_yet_done_stands_in_the_room_until_it_is(
    steward: FlaskClient, told: str, filled: Filling
) -> None:
    assert "not-yet-done" not in _page(steward, "/steward")
    withdraw.withdraw(filled.backends, told, "restrict", GIVEN)
    purge.purge(filled.backends, told)
    with filled.backends.database.write() as session:
        session.get_one(Tombstone, told).troubles = {"blobs": "full", "index": "locked"}
    shown = _page(steward, "/steward")
    assert told in shown
    assert "the disk is full" in shown
    assert "another program holds the database" in shown
    purge.purge(filled.backends, told)
    assert "not-yet-done" not in _page(steward, "/steward")


def test_a_steward_sees_each_near_copy_with_its_place_and_decides(
    steward: FlaskClient, told: str, filled: Filling
) -> None:
    quoting = _destroyed_with_a_comment(filled, told)
    room = _page(steward, "/steward")
    address = f"/steward/taken-back/{told}/near-copies"
    assert address in room
    shown = _page(steward, address)
    assert "A comment on a line" in shown
    assert quoting in shown
    places = re.findall(r'name="place" value="([^"]+)"', shown)
    for place in places:
        answer = "remove" if place.startswith("comment:") else "keep"
        assert _say(steward, address, place=place, answer=answer) == 303
    assert "There is nothing to decide." in _page(steward, address)
    assert address not in _page(steward, "/steward")
    with filled.backends.database.read() as session:
        assert session.query(LineComment).filter(LineComment.text == quoting).all() == []
        assert session.query(LyricLine).count() > 0


def test_nothing_else_can_be_removed_by_this_page(steward: FlaskClient, told: str, filled: Filling) -> None:
    _destroyed_with_a_comment(filled, told)
    address = f"/steward/taken-back/{told}/near-copies"
    with filled.backends.database.read() as session:
        line = session.query(LyricLine).filter(LyricLine.en != "").first()
        assert line is not None
        place = f"line:{line.id}"
        open_now = session.get_one(Tombstone, told).left
    if place not in open_now:
        assert _say(steward, address, place=place, answer="remove") == 404
    assert _say(steward, address, place="account:x", answer="remove") == 404
    assert _say(steward, address, place=place, answer="burn") == 404
    assert steward.get("/steward/taken-back/nothing/near-copies").status_code == 404


def test_what_was_only_restricted_has_no_such_page(
    signed_in: Callable[..., FlaskClient], told: str, filled: Filling
) -> None:
    withdraw.withdraw(filled.backends, told, "restrict", GIVEN)
    assert signed_in("steward").get(f"/steward/taken-back/{told}/near-copies").status_code == 404
    assert signed_in("band", ("MB",)).get(f"/steward/taken-back/{told}/near-copies").status_code == 404
