"""Sound by the byte: the gate on every request, ranges, and refusals that tell nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from archive import models
from archive.access.sound import whole_keys
from archive.models import Arrangement, Permission, Song, now
from tests.web.filling import Filling
from web.api import media

UNKNOWN = "/media/zzzzzzzzzzzzzz"


@pytest.fixture
def song_sound(filled: Filling) -> tuple[str, bytes]:
    """The address and the bytes of a public song."""
    with filled.backends.database.read() as session:
        song_id = filled.songs["one-length-of-thread"]
        found = session.scalars(select(Arrangement).where(Arrangement.song_id == song_id)).first()
        assert found is not None
        key = whole_keys(found.recording_id).listening
        return f"/media/{found.recording_id}", filled.backends.store.get_bytes(key)


@pytest.fixture
def sealed_sound(filled: Filling) -> str:
    """The address of a testimony that nobody may hear."""
    testimony_id = filled.testimonies["the-day-the-line-fell"]
    with filled.backends.database.write() as session:
        sounds = ("original_sound", "disguised_sound")
        for permission in session.scalars(select(Permission).where(Permission.testimony_id == testimony_id)):
            if permission.form in sounds:
                session.delete(permission)
        return f"/media/{session.get_one(models.Testimony, testimony_id).recording_id}"


def test_a_song_is_sent_whole_under_our_name(client: FlaskClient, song_sound: tuple[str, bytes]) -> None:
    address, sound = song_sound
    answer = client.get(address)
    assert answer.data == sound
    assert answer.headers["Content-Type"] == "audio/mp4"
    assert answer.headers["Content-Disposition"] == 'inline; filename="song-one-length-of-thread.m4a"'
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-299", 100, 300), ("bytes=1000-", 1000, None), ("bytes=-50", -50, None)],
)
def test_a_part_is_sent_as_a_part(
    client: FlaskClient, song_sound: tuple[str, bytes], asked: str, start: int, end: int | None
) -> None:
    address, sound = song_sound
    answer = client.get(address, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == sound[start:end]
    first = start % len(sound)
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(sound)}"


def test_a_part_that_is_not_there_is_refused_with_the_length(
    client: FlaskClient, song_sound: tuple[str, bytes]
) -> None:
    address, sound = song_sound
    answer = client.get(address, headers={"Range": f"bytes={len(sound)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(sound)}"


def test_head_tells_what_get_would_send(client: FlaskClient, song_sound: tuple[str, bytes]) -> None:
    address, sound = song_sound
    answer = client.head(address)
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) == len(sound)
    part = client.head(address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, song_sound: tuple[str, bytes]) -> None:
    address, sound = song_sound
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    asked = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert client.get(address, headers=asked).data == sound


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=999999999-"}, {"If-None-Match": "*"}])
def test_what_may_not_be_heard_is_answered_as_what_does_not_exist(
    client: FlaskClient, sealed_sound: str, method: str, asked: dict[str, str]
) -> None:
    refused = client.open(sealed_sound, method=method, headers=asked)
    unknown = client.open(UNKNOWN, method=method, headers=asked)
    assert refused.status_code == unknown.status_code == 404
    assert refused.headers.to_wsgi_list() == unknown.headers.to_wsgi_list()
    assert refused.data == unknown.data
    assert "ETag" not in refused.headers


def test_a_song_put_back_to_draft_is_silent_on_the_next_request(
    client: FlaskClient, filled: Filling, song_sound: tuple[str, bytes]
) -> None:
    address, _ = song_sound
    etag = client.get(address).headers["ETag"]
    with filled.backends.database.write() as session:
        session.execute(update(Song).values(state="draft"))
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 404


def test_the_band_hears_a_draft_and_its_browser_keeps_nothing(
    signed_in: Callable[..., FlaskClient], filled: Filling, song_sound: tuple[str, bytes]
) -> None:
    address, sound = song_sound
    with filled.backends.database.write() as session:
        session.execute(update(Song).values(state="draft"))
    answer = signed_in("band").get(address)
    assert answer.data == sound
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_withdrawal_ends_a_stream_that_has_begun(
    client: FlaskClient, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    testimony_id = filled.testimonies["the-day-the-line-fell"]
    with filled.backends.database.write() as session:
        session.add(Permission(testimony_id=testimony_id, form="original_sound", audience="public"))
        recording_id = session.get_one(models.Testimony, testimony_id).recording_id
    key = whole_keys(recording_id).listening
    filled.backends.store.put_bytes(key, b"x" * 1_000_000)
    monkeypatch.setattr(media, "ASK_AGAIN", 100_000)
    answer = client.get(f"/media/{recording_id}", buffered=False)
    stream = iter(answer.response)
    received = len(next(stream))
    with filled.backends.database.write() as session:
        session.get_one(models.Testimony, testimony_id).withdrawn_at = now()
    received += sum(len(chunk) for chunk in stream)
    assert received < 1_000_000
    answer.close()


def test_an_original_is_never_sent(client: FlaskClient, filled: Filling, song_sound: tuple[str, bytes]) -> None:
    address, sound = song_sound
    recording_id = address.rpartition("/")[2]
    filled.backends.store.put_bytes(f"recordings/{recording_id}/original", b"the original")
    for path in (f"{address}/original", f"/media/recordings/{recording_id}/original", f"{address}?form=original"):
        assert b"the original" not in client.get(path).data
    assert client.get(address).data == sound
