"""What is hidden costs what never was: the same questions to the database, the same time, at the same tick.

A stranger who can tell by a stopwatch whether a slug or an id is known needs no page. Statements are counted for every
route that has an address in it; time is measured where a stranger comes, in turns, hidden and unknown, so that
whatever else the machine does falls on both.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from archive.accounts import api_tokens, sessions
from tests.leaks.asking import get
from tests.leaks.crawl import Visitor
from tests.leaks.routes import NOBODY
from tests.leaks.told import DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, sung_recording
from tests.leaks.work import of_words, pairs, processor_time, statements
from tests.leaks.worlds import World
from web.site import not_found

TRIES = 60
ADDRESSES = (
    f"/song/{DRAFT}",
    f"/song/{SECRET_SONG}",
    f"/song/{SECRET_DRAFT}/cover",
    f"/testimony/{SECRET.testimony}",
    f"/testimony/{SECRET.testimony}/peaks",
    f"/media/{SECRET.recording}",
    f"/media/{sung_recording(SECRET_DRAFT)}",
)


@pytest.fixture(scope="module")
def world(hidden: Callable[[str, bool], World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """With a testimony that is closed for now, and songs out of it, a published one and a draft."""
    copy = hidden("suspended", True).copy(tmp_path_factory.mktemp("same-work") / "world")
    yield copy
    copy.close()


@pytest.mark.parametrize("role", ["public", "researcher", "alliance", "band"])
def test_every_route_asks_the_same_of_the_database(role: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "needs_touch", lambda *_: False)  # once a minute, whatever is asked for then
    monkeypatch.setattr(api_tokens, "needs_note", lambda *_: False)  # once a day
    visitor = Visitor(world, role)
    visitor.ask(get("/?lang=en"))  # what is set once for a browser is set now
    visitor.token()
    told_apart, asked = [], 0
    for ask, never in pairs(role):
        with statements(world) as hers:
            got = visitor.ask(ask)
        with statements(world) as nobodys:
            none = visitor.ask(never)
        asked += 1
        if hers != nobodys or got[0] != none[0]:
            told_apart.append(f"{ask}: {len(hers)} statements, {len(nobodys)} for what never was")
    assert asked > 300
    assert told_apart == []


def test_hidden_words_and_known_names_ask_what_unknown_ones_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "needs_touch", lambda *_: False)
    visitors = {role: Visitor(world, role) for role in ("public", "researcher")}
    for visitor in visitors.values():
        visitor.ask(get("/search?lang=en&q=anything"))  # what is loaded and set once is loaded and set
        visitor.token()
    for role, ask, never in of_words():
        with statements(world) as hers:
            got = visitors[role].ask(ask)
        with statements(world) as nobodys:
            none = visitors[role].ask(never)
        assert (hers, got[0]) == (nobodys, none[0]), str(ask)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stranger_s_stopwatch_tells_nothing(address: str, world: World) -> None:
    """The medians of processor time are as near as so many tries can say, or within a twentieth or so."""
    visitor = Visitor(world, "public")
    asks = get(address), get(_never(address))
    for ask in asks * 5:
        visitor.ask(ask)
    taken: tuple[list[int], list[int]] = ([], [])
    order = random.Random(7)
    for _ in range(TRIES):
        for which in order.sample((0, 1), 2):
            taken[which].append(processor_time(visitor, asks[which]))
    hers, nobodys = map(statistics.median, taken)
    assert abs(hers - nobodys) < max(0.06 * nobodys, 4 * _unsure(taken)), (
        f"{hers / 1e6:.2f} against {nobodys / 1e6:.2f} ms"
    )


def _never(address: str) -> str:
    kind, _, rest = address.lstrip("/").partition("/")
    return f"/{kind}/{NOBODY}" + (f"/{rest.partition('/')[2]}" if "/" in rest else "")


def _unsure(taken: tuple[list[int], list[int]]) -> float:
    """How far a median of so many may lie from where it would lie with many more."""
    drawn = np.random.default_rng(1)
    means = [np.median(drawn.choice(np.array(one), (200, len(one))), axis=1).std() for one in taken]
    return float(np.hypot(*means))


def test_an_answer_that_there_is_nothing_leaves_at_a_tick(world: World) -> None:
    visitor = Visitor(world, "public")
    visitor.app.config[not_found.TICK] = 0.2
    for address in (f"/song/{DRAFT}", f"/song/{NOBODY}", f"/media/{SECRET.recording}", f"/media/{NOBODY}"):
        visitor.app.config[not_found.TICK] = 0
        visitor.ask(get(address))
        visitor.app.config[not_found.TICK] = 0.2
        began = time.perf_counter()
        visitor.ask(get(address))
        taken = time.perf_counter() - began
        assert taken >= 0.2
        assert taken % 0.2 < 0.15, "it left between two ticks"


def test_what_is_there_does_not_wait(world: World) -> None:
    visitor = Visitor(world, "public")
    visitor.app.config[not_found.TICK] = 30
    began = time.perf_counter()
    for address in ("/", "/sign-in", "/no-such-address"):
        visitor.ask(get(address))
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize("tick", [0.025, 0.1])
def test_work_of_any_length_ends_at_a_tick(tick: float) -> None:
    for taken in (0.0, 0.004, 0.0249, 0.025, 0.026, 0.31):
        whole = (taken + not_found.until_the_tick(taken, tick)) / tick
        assert whole == pytest.approx(round(whole))
        assert whole >= 1
    assert not_found.until_the_tick(0.3, 0) == 0
