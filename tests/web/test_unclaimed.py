"""Sound that the database does not know: seen in the consent room, adopted, set aside and put back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from archive.access import gate, sound
from archive.access.gate import PUBLIC, Viewer
from archive.backends import Backends
from archive.models import AuditEntry, Testimony, Tombstone, UnclaimedRecording, new_id
from archive.preservation import adopting, found_sound
from ingest.jobs import claimed_sound
from tests.web.filling import Filling

BAND = Viewer("b", "band", frozenset({"MB"}))
VOICE = b"a voice that the database lost"


@pytest.fixture
def steward(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    return client


def lay(backends: Backends, *, testimony: str = "", title: str = "Overtime") -> str:
    """An original in the store with the description of an archive that is gone; returns the recording's name."""
    recording = new_id()
    said = {
        "schema": 1, "recording": recording, "kind": "testimony", "sha256": hashlib.sha256(VOICE).hexdigest(),
        "size": len(VOICE), "testimony": testimony or new_id(), "title_en": title, "recorded_on": "2012-05-01",
        "narrator": {"pseudonym_en": "Sokha", "community": "farmer"},
        "consent": [{"form": "existence", "audience": "public"}, {"form": "original_sound", "audience": "band"}],
    }  # fmt: skip
    backends.store.put_bytes(sound.original_key(recording), VOICE)
    backends.store.put_bytes(sound.description_key(recording), json.dumps(said).encode())
    return recording


def shown(client: FlaskClient, address: str = "/steward/unclaimed") -> str:
    return unescape(client.get(address).get_data(as_text=True))


def press(client: FlaskClient, recording: str, deed: str) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/steward/unclaimed").get_data(as_text=True))
    assert token is not None
    return client.post(f"/steward/unclaimed/{recording}", data={"csrf_token": token[1], "deed": deed})


def work(backends: Backends) -> None:
    """What a worker does with what the queue forgot."""
    for name in claimed_sound.unfinished(backends):
        claimed_sound.run(backends, name)


def test_a_steward_comes_to_it_from_the_room_and_reads_what_is_said_of_it(
    steward: FlaskClient, filled: Filling
) -> None:
    assert "Found sound" in shown(steward, "/steward")
    assert "The database knows all the sound there is" in shown(steward)
    recording = lay(filled.backends)
    assert found_sound.look(filled.backends) == 1
    assert "1 recording lies in the store" in shown(steward, "/steward")
    listed = shown(steward)
    assert f'href="/steward/unclaimed/{recording}"' in listed
    assert "Overtime" in listed
    page = shown(steward, f"/steward/unclaimed/{recording}")
    for said in ("Overtime", "Sokha", "2012", "It stays closed to all but the band", "Nothing is deleted"):
        assert said in page, said


def test_what_is_adopted_is_a_testimony_again_and_closed_to_all_but_the_band(
    steward: FlaskClient, filled: Filling
) -> None:
    backends, told = filled.backends, new_id()
    recording = lay(backends, testimony=told)
    found_sound.look(backends)
    assert press(steward, recording, "adopt").status_code == 303
    assert "It is being done" in shown(steward)
    work(backends)
    assert recording not in shown(steward)
    with backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == "Overtime"
        assert gate.may(session, BAND, told, "original_sound")
        assert not gate.may(session, PUBLIC, told, "existence"), "it was public; its narrator is asked again first"
        noted = session.query(AuditEntry).filter_by(action="recording.adopted").one()
        assert noted.actor_id is not None
    assert backends.store.get_bytes(sound.original_key(recording)) == VOICE


def test_what_is_set_aside_is_kept_and_can_be_put_back(steward: FlaskClient, filled: Filling) -> None:
    backends = filled.backends
    recording = lay(backends)
    found_sound.look(backends)
    press(steward, recording, "set-aside")
    work(backends)
    assert recording not in shown(steward)
    assert backends.store.get_bytes(adopting.ASIDE + sound.original_key(recording)) == VOICE
    aside = shown(steward, "/steward/unclaimed?aside=yes")
    assert recording in aside
    assert "Overtime" not in aside, "nothing of what was set aside is shown"
    assert "Overtime" not in shown(steward, f"/steward/unclaimed/{recording}")
    press(steward, recording, "put-back")
    work(backends)
    assert "Overtime" in shown(steward)
    assert backends.store.get_bytes(sound.original_key(recording)) == VOICE


def test_whoever_is_killed_in_it_leaves_the_wish_and_it_is_done_by_the_next(
    steward: FlaskClient, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    backends = filled.backends
    recording = lay(backends)
    found_sound.look(backends)
    press(steward, recording, "set-aside")
    with monkeypatch.context() as trap:
        trap.setattr(type(backends.store), "delete", killed)
        with pytest.raises(Killed):
            work(backends)
    work(backends)
    assert claimed_sound.unfinished(backends) == []
    assert not list(backends.store.keys(f"recordings/{recording}/"))
    assert backends.store.get_bytes(adopting.ASIDE + sound.original_key(recording)) == VOICE


def test_what_was_taken_back_is_neither_described_nor_adopted(steward: FlaskClient, filled: Filling) -> None:
    backends, told = filled.backends, new_id()
    recording = lay(backends, testimony=told)
    found_sound.look(backends)
    with backends.database.write() as session:
        session.add(Tombstone(testimony_id=told, mode="destroy"))
    press(steward, recording, "adopt")
    work(backends)
    page = shown(steward, f"/steward/unclaimed/{recording}")
    assert "Only she opens it again" in page
    assert "Overtime" not in page
    with backends.database.read() as session:
        assert session.get(Testimony, told) is None


def test_a_damaged_original_says_so_and_stays(steward: FlaskClient, filled: Filling) -> None:
    backends = filled.backends
    recording = lay(backends)
    backends.store.put_bytes(sound.original_key(recording), b"damaged")
    found_sound.look(backends)
    press(steward, recording, "adopt")
    work(backends)
    assert "It may be damaged" in shown(steward)
    assert backends.store.exists(sound.original_key(recording))


def test_it_is_listed_by_the_page(steward: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.add_all(UnclaimedRecording(recording_id=f"lost{number:03}") for number in range(45))
    seen: list[str] = []
    address = "/steward/unclaimed"
    while address:
        listed = shown(steward, address)
        seen += re.findall(r'<span class="hash">(lost\d+)</span>', listed)
        more = re.search(r'href="([^"]+)">More</a>', listed)
        address = more[1] if more else ""
    assert seen == [f"lost{number:03}" for number in range(45)]


def test_it_is_nobody_s_but_a_steward_s(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    recording = lay(filled.backends)
    found_sound.look(filled.backends)
    unknown = client.get("/no-such-room").data
    for one in (client, signed_in("band", ("MB",)), signed_in("researcher")):
        for address in ("/steward/unclaimed", f"/steward/unclaimed/{recording}"):
            assert one.get(address).status_code == 404
    assert client.get("/steward/unclaimed").data == unknown


@pytest.mark.parametrize("deed", ["put-back", "destroy", ""])
def test_nothing_else_can_be_done_with_it(steward: FlaskClient, filled: Filling, deed: str) -> None:
    recording = lay(filled.backends)
    found_sound.look(filled.backends)
    assert press(steward, recording, deed).status_code == 404
    assert press(steward, "nobodyknowsit0", "adopt").status_code == 404
