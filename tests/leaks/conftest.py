"""The worlds, each made once: the common one, and one for every kind of consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from archive.withdrawal import purge, withdraw
from tests.leaks.asking import Ask
from tests.leaks.crawl import Answer, Visitor
from tests.leaks.routes import asked
from tests.leaks.told import COMMON, SECRET, chirp, squeezed
from tests.leaks.worlds import GIVEN, World
from web.site import files
from web.site.security import limiter

Crawled = list[tuple[Ask, Answer]]


@pytest.fixture(scope="package", autouse=True)
def _no_rate_limit() -> Iterator[None]:
    """`Visitor` turns the limits off; the tests that come after these have them again."""
    before = limiter.enabled
    yield
    limiter.enabled = before


@pytest.fixture(scope="package", autouse=True)
def _files_are_read_once() -> Iterator[None]:
    """Every application of these tests has the same stylesheets; their version is worked out for the first of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "version_of", cache(files.version_of))
        yield


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
    """(role, whole) -> everything that role is answered in the common world."""
    known: dict[tuple[str, bool], Crawled] = {}

    def crawl(role: str, whole: bool) -> Crawled:
        if (role, whole) not in known:
            known[role, whole] = crawled(common, role, tmp_path_factory.mktemp("seen"), whole=whole)
        return known[role, whole]

    return crawl


def crawled(world: World, role: str, folder: Path, *, whole: bool) -> Crawled:
    """Everything that role is answered in a copy of this world, since asking changes some of it."""
    copy = world.copy(folder / "world")
    try:
        return Visitor(copy, role).crawl(asked(whole=whole))
    finally:
        copy.close()
