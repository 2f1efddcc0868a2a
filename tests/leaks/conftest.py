"""The worlds, each made once: the common one, and one for every kind of consent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from archive import time_zone
from archive.models import now
from archive.pages import harvesting
from archive.withdrawal import purge, withdraw
from tests.leaks.asking import Ask
from tests.leaks.crawl import Answer, Visitor
from tests.leaks.routes import asked
from tests.leaks.told import COMMON, SECRET, chirp, squeezed
from tests.leaks.worlds import GIVEN, World
from web.site.security import limiter

Crawled = list[tuple[Ask, Answer]]


@pytest.fixture(scope="package", autouse=True)
def _no_rate_limit() -> Iterator[None]:
    """`Visitor` turns the limits off; the tests that come after these have them again."""
    before = limiter.enabled
    yield
    limiter.enabled = before


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What is the same in every world."""
    folder = tmp_path_factory.mktemp("common") / "world"
    folder.mkdir()
    sounds = {told.pitch: squeezed(chirp(told.pitch), folder) for told in (COMMON[0], SECRET)}
    world = World(folder, sounds).fill()
    yield world
    world.close()


@pytest.fixture(scope="session")
def hidden(common: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, bool], World]]:
    """(kind of consent, with songs out of it) -> the common world with the hidden testimony in it."""
    made: dict[tuple[str, bool], World] = {}

    def make(kind: str, sung: bool) -> World:
        if (kind, sung) not in made:
            before = make(kind, False) if sung and kind not in {"withdrawn", "destroyed"} else common
            world = before.copy(tmp_path_factory.mktemp("hidden") / "world")
            if before is common:
                world.hide(kind)
            if sung:
                world.sing_hers()
            if kind in {"withdrawn", "destroyed"}:
                taken_back(world, "restrict" if kind == "withdrawn" else "destroy")
            made[kind, sung] = world
        return made[kind, sung]

    yield make
    for world in made.values():
        world.close()


def taken_back(world: World, mode: str) -> None:
    """Withdraw the hidden testimony and purge what was made of it."""
    withdraw.withdraw(world.backends, SECRET.testimony, mode, GIVEN)
    purge.purge(world.backends, SECRET.testimony)


@pytest.fixture(scope="session")
def seen(common: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Crawled]:
    """(role, whole) -> what that role is answered in the common world, today: some pages say which day it is.

    Whole is everything. The rest is what the rooms let the role ask then: a guard asks who comes, and nothing else.
    """
    known: dict[tuple[str, bool, str, date], Crawled] = {}
    admitted: dict[str, set[Ask]] = {}

    def crawl(role: str, whole: bool) -> Crawled:
        key = role, whole, harvesting.utc_day(), time_zone.day_of(now())
        if key not in known:
            if not whole and role not in admitted:
                crawl(role, True)
            asks = [ask for ask in asked(whole=whole) if whole or ask in admitted[role]]
            with copied(common, tmp_path_factory.mktemp("seen")) as world:
                visitor = Visitor(world, role)
                known[key] = visitor.crawl(asks)
                admitted.setdefault(role, visitor.admitted)
        return known[key]

    return crawl


@contextmanager
def copied(world: World, folder: Path) -> Iterator[World]:
    """A copy of this world to ask, since asking changes some of it."""
    copy = world.copy(folder / "world")
    try:
        yield copy
    finally:
        copy.close()


def crawled(world: World, role: str, folder: Path, asks: Iterable[Ask]) -> Crawled:
    """What that role is answered in a copy of this world."""
    with copied(world, folder) as copy:
        return Visitor(copy, role).crawl(asks)
