"""A feed is asked by a program that nobody watches: it must not tell the worlds apart either."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.access.rule import Grant
from archive.backends import secret_key
from archive.models import KeptSearch
from archive.retrieval import kept_searches
from tests.leaks.asking import get
from tests.leaks.canaries import TITLE_EN
from tests.leaks.crawl import Visitor
from tests.leaks.test_two_worlds import told_apart
from tests.leaks.told import SECRET
from tests.leaks.worlds import KEPT, KINDS, World


def feed_of(world: World) -> str:
    with world.backends.database.read() as session:
        key = kept_searches.feed_key(secret_key(world.backends.settings), session.get_one(KeptSearch, KEPT))
    return f"/search/feed/{KEPT}/{key}"


@pytest.mark.parametrize("kind", [kind for kind, (_, roles) in KINDS.items() if "researcher" in roles])
def test_a_followed_search_tells_nothing_its_owner_may_not_know(
    kind: str, common: World, hidden: Callable[[str, bool], World], tmp_path: Path
) -> None:
    worlds = [common.copy(tmp_path / "without"), hidden(kind, True).copy(tmp_path / "with")]
    asks = [get(feed_of(common)), get("/search/feed"), get(f"/search/feed?q={TITLE_EN.split()[-1]}")]
    without, answered = (Visitor(world, "public").crawl(asks) for world in worlds)
    kept = [Visitor(world, "researcher").ask(get("/search/kept?lang=en")) for world in worlds]
    for world in worlds:
        world.close()
    assert without[0][1][0] == "200 OK"
    assert b"<entry>" in without[0][1][2]
    assert told_apart(without, answered) == []
    assert kept[0] == kept[1]
    assert TITLE_EN.encode() not in kept[1][2] + b"".join(answer[2] for _, answer in answered)


def test_a_followed_search_names_what_its_owner_may_know(common: World, tmp_path: Path) -> None:
    world = common.copy(tmp_path / "with").put_in(SECRET, (Grant("existence", "researcher"),))
    followed, public = (Visitor(world, "public").ask(get(address)) for address in (feed_of(world), "/search/feed"))
    world.close()
    assert SECRET.testimony.encode() in followed[2]
    assert SECRET.testimony.encode() not in public[2]
