"""A second screen: a code for a song, where it stands, and nobody who may not open it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Permission
from tests.web.filling import Filling
from web.song.screens import IDLE_SECONDS, MOST, Full, Screens

SONG = "/song/one-length-of-thread"


def opened(client: FlaskClient) -> dict[str, str]:
    """What a new screen is told."""
    answer = client.post(f"{SONG}/screen", json={})
    assert answer.status_code == 200
    assert answer.json is not None
    return answer.json


def test_a_screen_follows_by_a_code(client: FlaskClient, app: Flask) -> None:
    screen = opened(client)
    assert re.fullmatch(r"\d{6}", screen["code"])
    said = client.post(screen["state"], json={"position": 12_345.6, "rate": 0.75, "playing": True})
    other = app.test_client()
    state = other.get(f"/screen/{screen['code']}/state").json
    assert state is not None
    assert (state["position"], state["rate"], state["playing"]) == (12_346, 0.75, True)
    assert said.json is not None
    assert abs(state["now"] - said.json["now"]) < 5000
    page = other.get(f"/screen/{screen['code']}").get_data(as_text=True)
    assert "data-start=" in page
    assert "<audio" not in page
    assert other.get(f"/screen?code={screen['code'][:3]}+{screen['code'][3:]}").status_code == 303
    picture = other.get(screen["picture"])
    assert picture.mimetype == "image/svg+xml"
    assert b"style=" not in picture.data


def test_only_who_opened_it_says_where_the_song_stands(client: FlaskClient, app: Flask) -> None:
    screen = opened(client)
    stranger = app.test_client()
    told = {"position": 1, "rate": 1, "playing": True}
    assert stranger.post(screen["state"], json=told).status_code == 404
    assert stranger.post(screen["end"], json={}).status_code == 404
    for wrong in ({}, {"position": "a", "rate": 1}, {"position": 1e12, "rate": 1}, {"position": 1, "rate": 0}, []):
        assert client.post(screen["state"], json=wrong).status_code == 400
    assert client.post(screen["end"], json={}).json == {"ended": True}
    unknown = stranger.get("/screen/000000/state")
    gone = stranger.get(f"/screen/{screen['code']}/state")
    assert (gone.status_code, gone.data) == (unknown.status_code, unknown.data) == (404, unknown.data)


def test_who_follows_is_asked_by_the_gate_each_time(client: FlaskClient, app: Flask, filled: Filling) -> None:
    screen = opened(client)
    other = app.test_client()
    address = f"/screen/{screen['code']}"
    assert other.get(address).status_code == 200
    with filled.backends.database.write() as session:
        for grant in session.scalars(select(Permission)):
            session.delete(grant)
    for path in ("", "/state", "/state?after=0", "/picture.svg"):
        closed, unknown = other.get(f"{address}{path}"), other.get(f"/screen/000000{path}")
        assert (closed.status_code, closed.data) == (404, unknown.data)
    assert other.post(f"{SONG}/screen", json={}).status_code == 404


@pytest.fixture
def clock() -> Callable[[], float]:
    return lambda: clock_now[0]


clock_now = [0.0]


def test_what_nobody_speaks_of_is_forgotten_and_codes_run_out_in_words(clock: Callable[[], float]) -> None:
    clock_now[0] = 100.0
    screens = Screens(b"secret", clock)
    codes = {screens.open("a-song") for _ in range(MOST)}
    assert len(codes) == MOST
    with pytest.raises(Full):
        screens.open("a-song")
    clock_now[0] += IDLE_SECONDS + 1
    one = screens.open("a-song")
    assert screens.place(next(iter(codes - {one}))) is None
    assert not screens.tell("000000", 0, 1.0, True, None)


def test_a_moment_in_the_future_or_long_past_is_now(clock: Callable[[], float]) -> None:
    clock_now[0] = 100.0
    screens = Screens(b"secret", clock)
    code = screens.open("a-song")
    for said, kept in ((99_950, 99_950), (100_400, 100_000), (10, 100_000), (None, 100_000)):
        screens.tell(code, 5, 1.0, True, said)
        place = screens.place(code)
        assert place is not None
        assert place.at_ms == kept


def test_news_comes_at_once_to_who_waits() -> None:
    screens = Screens(b"secret")
    code = screens.open("a-song")
    threading.Timer(0.1, screens.tell, (code, 700, 1.0, True, None)).start()
    began = time.monotonic()
    found = screens.newer(code, 0, 5.0)
    assert found is not None
    assert (found.number, found.position_ms) == (1, 700)
    assert time.monotonic() - began < 2
    assert screens.newer(code, 1, 0.05) == found
