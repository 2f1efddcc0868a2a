"""A second screen: a code for a song, where it stands, and nobody who may not open it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from archive.backends import Backends
from archive.db import Database, open_engine
from archive.models import LyricLine, Permission, Screen, Song
from archive.settings import Settings
from archive.songs import second_screens
from archive.songs.second_screens import IDLE_MS, MOST, Full, PlayerReport
from tests.web.filling import Filling
from web.app import create_app
from web.song.screen_news import MOST_WAITING, News

pytestmark = pytest.mark.commits  # several processes, each with its connections

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
        session.execute(update(LyricLine).values(own=False, held=True))
    for path in ("", "/state", "/state?after=0", "/picture.svg"):
        closed, unknown = other.get(f"{address}{path}"), other.get(f"/screen/000000{path}")
        assert (closed.status_code, closed.data) == (404, unknown.data)
    assert other.post(f"{SONG}/screen", json={}).status_code == 404


@pytest.fixture
def song(database: Database) -> str:
    """A published song of the band's own, on SQLite and on PostgreSQL."""
    with database.write() as session:
        session.add(Song(slug="a-song", title_km="បទ", state="published"))
    return "a-song"


def another(database: Database) -> Database:
    """The same database as another process opens it."""
    return Database(open_engine(database.engine.url.render_as_string(hide_password=False)))


@pytest.fixture
def processes(database: Database, song: str, settings: Settings) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """A browser at each of two processes of one site."""
    opened = [another(database) for _ in range(2)]
    first, second = (create_app(Backends(settings, one)).test_client() for one in opened)
    yield first, second
    for one in opened:
        one.engine.dispose()


def test_a_code_opened_in_one_process_is_followed_in_another(
    processes: tuple[FlaskClient, FlaskClient], database: Database
) -> None:
    player, follower = processes
    said = player.post("/song/a-song/screen", json={}).json
    assert said is not None
    address = f"/screen/{said['code']}"
    assert follower.get(address).status_code == 200
    told = {"json": {"position": 700, "rate": 1.25, "playing": True}}
    threading.Timer(0.3, player.post, (said["state"],), told).start()
    deadline = time.monotonic() + 30
    state = None
    while state is None or state["number"] == 0:
        assert time.monotonic() < deadline
        asked = time.monotonic()
        state = follower.get(f"{address}/state?after=0").json
        assert state is not None
        assert state["held"] <= (time.monotonic() - asked) * 1000 + 1
    assert (state["number"], state["position"], state["rate"], state["playing"]) == (1, 700, 1.25, True)
    assert state["at"] <= state["now"]
    assert follower.post(said["state"], json={"position": 1, "rate": 1}).status_code == 404
    player.post(said["end"], json={})
    assert follower.get(f"{address}/state").status_code == 404
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Screen)) == 0


def test_a_song_that_is_closed_is_gone_from_every_process(
    processes: tuple[FlaskClient, FlaskClient], database: Database
) -> None:
    player, follower = processes
    said = player.post("/song/a-song/screen", json={}).json
    assert said is not None
    with database.write() as session:
        session.scalars(select(Song)).one().state = "held"
    for path in ("", "/state", "/state?after=0", "/picture.svg"):
        closed, unknown = (follower.get(f"/screen/{code}{path}") for code in (said["code"], "000000"))
        assert (closed.status_code, closed.data) == (404, unknown.data)
    with database.write() as session:
        session.delete(session.scalars(select(Song)).one())
    with database.read() as session:
        assert session.scalars(select(Screen)).all() == []


def test_what_nobody_speaks_of_is_forgotten_and_codes_run_out_in_words(database: Database, song: str) -> None:
    with database.write() as session:
        now = second_screens.now_ms(session)
        codes = {second_screens.open_screen(session, song, now) for _ in range(MOST)}
        assert len(codes) == MOST
        with pytest.raises(Full):
            second_screens.open_screen(session, song, now)
        kept = next(iter(codes))
        assert second_screens.tell(session, kept, PlayerReport(0, 1.0, True, now), now)
        later = now + IDLE_MS
        assert second_screens.tell(session, kept, PlayerReport(5, 1.0, True, later), later)
    with database.write() as session:
        one = second_screens.open_screen(session, song, later + 1)
        assert set(session.scalars(select(Screen.code))) == {kept, one}
        assert second_screens.place(session, kept, later + IDLE_MS + 1) is None
        assert not second_screens.tell(session, kept, PlayerReport(6, 1.0, True, later), later + IDLE_MS + 1)
        assert second_screens.place(session, kept, now - IDLE_MS) is None, "the clock was put back"
        second_screens.sweep(session, later + IDLE_MS + 2)
        assert session.scalars(select(Screen)).all() == []


def test_a_stranger_s_screens_make_room_and_those_never_used_end(database: Database, song: str) -> None:
    with database.write() as session:
        now = second_screens.now_ms(session)
        first = second_screens.open_screen(session, song, now - second_screens.SILENT_MS - 1)
        others = [second_screens.open_screen(session, song, now) for _ in range(MOST - 1)]
        member = second_screens.open_screen(session, song, now)
        assert second_screens.place(session, first, now) is None
        assert second_screens.place(session, member, now) is not None
        assert second_screens.tell(session, member, PlayerReport(0, 1.0, True, now), now)
        later = now + second_screens.UNUSED_MS + 1
        assert second_screens.place(session, others[0], later) is None
        assert second_screens.place(session, member, later) is not None


def test_a_song_that_goes_on_as_foretold_is_not_written_again(client: FlaskClient, filled: Filling) -> None:
    screen = opened(client)
    told = {"position": 1000, "rate": 1, "playing": True}
    answer = client.post(screen["state"], json=told).json
    assert answer is not None

    def row() -> Screen:
        with filled.backends.database.read() as session:
            return session.scalars(select(Screen)).one()

    first = row()
    client.post(screen["state"], json=told | {"position": 1000 + answer["now"] - first.at_ms, "at": answer["now"]})
    assert row().number == first.number == 1
    client.post(screen["state"], json=told | {"position": 9000})
    assert (row().number, row().position_ms) == (2, 9000)
    with filled.backends.database.write() as session:
        session.get_one(Screen, screen["code"]).heard_ms -= second_screens.TOUCH_MS
    later = row().at_ms + 10
    client.post(screen["state"], json=told | {"position": 9010, "at": later})
    assert row().heard_ms >= later - 10


def test_a_moment_in_the_future_or_long_past_is_now() -> None:
    now = 1_700_000_100_000
    for said, kept in ((now - 50, now - 50), (now + 400, now), (10, now), (None, now)):
        assert second_screens.moment(said, now) == kept


def test_more_than_a_few_do_not_wait(database: Database, song: str) -> None:
    with database.write() as session:
        code = second_screens.open_screen(session, song, second_screens.now_ms(session))
    asleep, woken = threading.Semaphore(0), threading.Event()

    def sleep(_seconds: float) -> None:
        asleep.release()
        woken.wait(30)

    news = News(sleep)
    waiting = [threading.Thread(target=news.newer, args=(database, code, 0, 30.0)) for _ in range(MOST_WAITING)]
    for one in waiting:
        one.start()
    assert all(asleep.acquire(timeout=30) for _ in waiting)
    found = news.newer(database, code, 0, 30.0)  # answered without a sleep, which would not end here
    assert found is not None
    assert found.number == 0
    with database.write() as session:
        second_screens.close(session, code)
    woken.set()
    for one in waiting:
        one.join(30)
    assert not any(one.is_alive() for one in waiting)
    assert news.newer(database, code, 0, 30.0) is None


OTHER = "the-land-beneath-our-feet"


def test_another_song_that_is_played_is_followed(client: FlaskClient, app: Flask) -> None:
    screen = opened(client)
    told = {"position": 100, "rate": 1, "playing": True, "song": OTHER}
    assert client.post(screen["state"], json=told).status_code == 200
    follower = app.test_client()
    state = follower.get(f"/screen/{screen['code']}/state").json
    assert state is not None
    assert (state["song"], state["number"]) == (OTHER, 1)
    assert f'data-song="{OTHER}"' in follower.get(f"/screen/{screen['code']}").get_data(as_text=True)
    client.post(screen["state"], json={"position": 0, "rate": 1, "playing": False, "song": None})
    assert follower.get(f"/screen/{screen['code']}/state").json["song"] == OTHER, "a testimony between changes nothing"
    assert client.post(screen["state"], json={**told, "song": "no-such-song"}).status_code == 404
