"""A narrator who had hers destroyed wants it taken in again; and the vault's key is made by who first needs it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.consent import sealing, vault
from archive.consent.decisions import ConsentGiven
from archive.ledgers import chain
from archive.models import ConsentEvent, Recording, Testimony, Tombstone
from archive.withdrawal import purge, withdraw, withdrawn_sound
from tests.web.filling import Filling

VOICE = b"RIFF and so on: the recording that she still has"


@pytest.fixture
def steward(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    return client


@pytest.fixture
def gone(filled: Filling, tmp_path: Path) -> str:
    """A testimony of that voice, destroyed."""
    testimony_id = filled.testimonies["the-day-the-line-fell"]
    (tmp_path / "voice").write_bytes(VOICE)
    with filled.backends.database.write() as session:
        recording = session.get_one(Testimony, testimony_id).recording
        recording.sha256 = sealing.digest_of(tmp_path / "voice")
    withdraw.withdraw(filled.backends, testimony_id, "destroy", ConsentGiven("signed", None))
    purge.purge(filled.backends, testimony_id)
    return testimony_id


def shown(client: FlaskClient, address: str) -> str:
    return unescape(client.get(address).get_data(as_text=True))


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/steward").get_data(as_text=True))
    assert found is not None
    return found[1]


def test_her_recording_finds_it_and_on_her_word_it_may_come_in_again(
    steward: FlaskClient, filled: Filling, gone: str, tmp_path: Path
) -> None:
    assert 'href="/steward/destroyed"' in shown(steward, "/steward")
    assert f'href="/steward/destroyed/{gone}"' in shown(steward, "/steward/destroyed")
    form = {"csrf_token": token(steward), "recording": (io.BytesIO(VOICE), "hers.wav")}
    found = steward.post("/steward/destroyed", data=form)
    assert (found.status_code, found.headers["Location"]) == (303, f"/steward/destroyed/{gone}")
    page = shown(steward, f"/steward/destroyed/{gone}")
    assert "What was destroyed stays destroyed" in page
    wish = {"csrf_token": token(steward), "method": "recorded-verbal"}
    assert steward.post(f"/steward/destroyed/{gone}", data=wish).status_code == 400, "it was not read out"
    said = steward.post(f"/steward/destroyed/{gone}", data=wish | {"read_out": "yes"})
    assert (said.status_code, said.headers["Location"]) == (303, "/ingest")
    with filled.backends.database.read() as session:
        assert withdrawn_sound.whose(session, sealing.digest_of(tmp_path / "voice")) is None
        last = session.scalars(select(ConsentEvent).where(ConsentEvent.testimony_id == gone)).all()[-1]
        assert (last.kind, last.method, last.grants) == ("readmit", "recorded-verbal", [])
        assert last.recorded_by_id is not None
        assert list(chain.verify(session)) == []
        assert session.get(Testimony, gone) is None
        assert session.get_one(Tombstone, gone).mode == "destroy"
    assert "Its sound is not refused" in shown(steward, "/steward/destroyed")


def test_another_s_recording_finds_nothing(steward: FlaskClient, gone: str) -> None:
    form = {"csrf_token": token(steward), "recording": (io.BytesIO(b"somebody else"), "hers.wav")}
    answer = steward.post("/steward/destroyed", data=form)
    assert answer.status_code == 404
    assert "No testimony that was destroyed had this sound" in unescape(answer.get_data(as_text=True))


def test_what_was_only_closed_or_never_was_is_not_there(
    client: FlaskClient, steward: FlaskClient, filled: Filling, gone: str
) -> None:
    closed = next(one for one in filled.testimonies.values() if one != gone)
    withdraw.withdraw(filled.backends, closed, "restrict", ConsentGiven("signed", None))
    for one in (closed, "nobodyknowsit0"):
        assert steward.get(f"/steward/destroyed/{one}").status_code == 404
    assert client.get(f"/steward/destroyed/{gone}").data == client.get("/no-such-room").data


def test_a_steward_makes_the_key_once_and_one_that_is_away_is_not_replaced(
    steward: FlaskClient, filled: Filling
) -> None:
    settings = filled.backends.settings
    assert "has not been made yet" in shown(steward, "/steward")
    made = unescape(steward.post("/steward/vault", data={"csrf_token": token(steward)}).get_data(as_text=True))
    assert "it opens what it locks" in made
    assert str(settings.vault_key) in made
    assert settings.vault_key.read_text().strip() not in made
    assert vault.open_vault(settings).open(vault.open_vault(settings).seal(b"a name")) == b"a name"
    assert "has not been made yet" not in shown(steward, "/steward")
    settings.vault_key.unlink()
    assert "The key is not here" in shown(steward, "/steward/vault")
    assert steward.post("/steward/vault", data={"csrf_token": token(steward)}).status_code == 404
    assert not settings.vault_key.exists()


def test_what_was_sealed_by_hand_needs_its_own_key(steward: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.scalars(select(Recording)).first().original_key = "recordings/x/original.age"  # type: ignore[union-attr]
    assert "The key is not here" in shown(steward, "/steward/vault")
    assert steward.post("/steward/vault", data={"csrf_token": token(steward)}).status_code == 404
