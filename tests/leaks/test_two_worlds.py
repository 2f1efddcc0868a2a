"""The two-world test: whoever may not know of a testimony cannot tell whether the archive has it.

One archive has it and the other does not; every route is asked the same in both, as the public and as each role that
the narrator's consent leaves out, and every answer must be the same to the byte.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed, NotFound

from archive.access.rule import Grant
from archive.consent import decisions
from archive.consent.decisions import PRESETS
from archive.language.messages import gettext_in
from archive.models import Song, now
from archive.retrieval import indexing
from tests.leaks.asking import Ask, get
from tests.leaks.conftest import Crawled, crawled
from tests.leaks.crawl import Answer, Visitor
from tests.leaks.routes import NOBODY, TABLE, asked
from tests.leaks.told import SEALED, SECRET, SECRET_DRAFT, SECRET_SONG, sung_recording
from tests.leaks.worlds import GIVEN, KINDS, World

TAKEN_BACK = "Its narrator took this recording back, and only she reopens it. Ask a steward of the archive."
WHOLE = {"nothing granted"}  # of the others, not every word is searched for, and nothing that a door refused before
LISTED = (Grant("existence", "public"), Grant("existence", "band"))
LEFT_OUT = [(kind, role) for kind, (_, roles) in KINDS.items() for role in roles]


def told_apart(one: Crawled, other: Crawled) -> list[str]:
    """The requests that are answered differently, each with where the answers part."""
    assert [ask for ask, _ in one] == [ask for ask, _ in other]
    return [f"{ask}\n{_parting(a, b)}" for (ask, a), (_, b) in zip(one, other, strict=True) if a != b]


def _parting(one: Answer, other: Answer) -> str:
    texts = [_lines(answer) for answer in (one, other)]
    return "\n".join(list(difflib.unified_diff(*texts, "without", "with", lineterm="", n=0))[2:24])


def _lines(answer: Answer) -> list[str]:
    status, headers, body = answer
    return [status, *(f"{name}: {value}" for name, value in headers), *body.decode("utf-8", "replace").splitlines()]


def test_every_route_is_crawled(common: World) -> None:
    """A route that the table leaves out, or asks under another's name, ends here."""
    adapter = Visitor(common, "public").app.url_map.bind("localhost")
    routes = {
        (rule.endpoint, method)
        for rule in adapter.map.iter_rules()
        for method in (rule.methods or ()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {
        (endpoint, ask.method) for endpoint, asks in TABLE.items() for ask in asks if ask.method != "HEAD"
    }
    for endpoint, asks in TABLE.items():
        for ask in asks:
            try:
                found, _ = adapter.match(ask.path.partition("?")[0], ask.method)
            except (NotFound, MethodNotAllowed) as error:
                pytest.fail(f"{ask} is no address of the site: {error}")
            assert found == endpoint, f"{ask} is a request to {found}"


@pytest.mark.parametrize(("kind", "role"), LEFT_OUT, ids=[f"{kind}-{role}" for kind, role in LEFT_OUT])
def test_who_may_not_know_cannot_tell(
    kind: str,
    role: str,
    seen: Callable[[str, bool], Crawled],
    hidden: Callable[[str, bool], World],
    tmp_path: Path,
) -> None:
    # A song outlives what it drew on: with its held lines it is the band's, to rewrite.
    world = hidden(kind, role != "band" or kind not in {"withdrawn", "destroyed"})
    whole = kind in WHOLE
    without = seen(role, whole)
    differences = told_apart(without, crawled(world, role, tmp_path, [ask for ask, _ in without]))
    if role == "band" and kind in {"withdrawn", "destroyed"}:
        # Whoever brings her very sound again is told that she took it back: nobody else has those bytes.
        told = [json.dumps(gettext_in(language, TAKEN_BACK))[1:-1] for language in ("km", "en")]
        refused = [one for one in differences if any(sentence in one for sentence in told)]
        assert len(refused) <= 1
        differences = [one for one in differences if one not in refused]
    assert differences == []


@pytest.mark.parametrize("role", ["public", "band"])
def test_of_a_sealed_testimony_only_the_listing_is_told(role: str, common: World, tmp_path: Path) -> None:
    """Two testimonies listed alike cannot be told apart by what they hold: words, name, place, length, sound, marks."""
    answers = []
    for told in (SECRET, SEALED):
        world = common.copy(tmp_path / f"{told.pitch}").put_in(told, LISTED)
        answers.append(crawled(world, role, tmp_path / f"{told.pitch}-crawled", asked(whole=False)))
        world.close()
    listed = [answer for ask, answer in answers[0] if ask.path == f"/testimony/{SECRET.testimony}"]
    assert listed[0][0] == "200 OK"
    assert told_apart(*answers) == []


def test_a_silent_line_tells_nothing_of_what_it_was(common: World, tmp_path: Path) -> None:
    """Two songs that are out with one line silent cannot be told apart by what was said, by whom, or how."""
    answers, out = [], now()
    for number, told in enumerate((SECRET, SEALED)):
        world = common.copy(tmp_path / f"silent{number}").put_in(told, PRESETS["public"])
        with world.backends.database.write() as session:
            world.sing(session, SECRET_SONG, told, state="published")
            song = session.scalars(select(Song).where(Song.slug == SECRET_SONG)).one()
            song.created_at = song.published_at = out
            decisions.suspend(session, told.testimony, GIVEN)
        indexing.reindex(world.backends.database, world.backends.index)
        answers.append(crawled(world, "public", tmp_path / f"crawled{number}", asked(whole=False)))
        world.close()
    page = next(answer for ask, answer in answers[0] if ask.path == f"/song/{SECRET_SONG}")
    assert page[0] == "200 OK"
    assert "យើងច្រៀង" in page[2].decode()
    heard = [answer for ask, answer in answers[0] if ask.path == f"/media/{sung_recording(SECRET_SONG)}"]
    assert heard
    assert all(status == "404 NOT FOUND" for status, _, _ in heard)
    assert told_apart(*answers) == []


@pytest.mark.parametrize("role", ["public", "band"])
def test_an_index_made_anew_tells_no_more(
    role: str, common: World, hidden: Callable[[str, bool], World], tmp_path: Path
) -> None:
    world = hidden("nothing granted", True).copy(tmp_path / "anew")
    indexing.reindex(world.backends.database, world.backends.index)
    without, answers = (Visitor(one, role).crawl(TABLE["search.find"]) for one in (common, world))
    world.close()
    assert told_apart(without, answers) == []


@pytest.mark.parametrize("role", ["public", "researcher", "band"])
def test_the_hidden_answers_as_what_never_was(role: str, hidden: Callable[[str, bool], World], tmp_path: Path) -> None:
    """Its ids and the ids of what hangs on it are answered as an id that nobody ever had."""
    world = hidden("suspended", True).copy(tmp_path / "world")
    sung = map(sung_recording, (SECRET_SONG, SECRET_DRAFT))
    ours = [SECRET.testimony, SECRET.recording, SECRET_SONG, SECRET_DRAFT, *sung]
    visitor = Visitor(world, role)
    visitor.ask(get("/?lang=en"))  # what is set once for a browser is set now
    for ask in _naming(ours):
        nobody = Ask(ask.method, _for_nobody(ask.path, ours), ask.headers, ask.form, ask.upload, ask.document)
        got, never = visitor.ask(ask), visitor.ask(nobody)
        assert _without(got, ask.path) == _without(never, nobody.path), str(ask)
    world.close()


def _naming(ids: Iterable[str]) -> list[Ask]:
    looking = [ask for asks in TABLE.values() for ask in asks if ask.method != "POST"]
    return [ask for ask in looking if any(f"/{one}" in ask.path.partition("?")[0] for one in ids)]


def _for_nobody(path: str, ids: Iterable[str]) -> str:
    for one in ids:
        path = path.replace(one, NOBODY)
    return path


def _without(answer: Answer, path: str) -> Answer:
    """Apart from the address itself, in case it is said again; the page for what is not there does not."""
    status, headers, body = answer
    return status, headers, body.replace(path.encode(), b"")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"withdrawn", "destroyed"}])
def test_whoever_may_know_does_find_it(
    kind: str, common: World, hidden: Callable[[str, bool], World], tmp_path: Path
) -> None:
    """The worlds do differ: a steward is shown the testimony in one and not in the other."""
    asks = [
        get(f"/testimony/{SECRET.testimony}"),
        get("/steward"),
        get("/search?q=Vesperlight"),
        get("/search?year=2017"),
    ]
    worlds = [common.copy(tmp_path / "without"), hidden(kind, False).copy(tmp_path / "with")]
    without, found = (Visitor(world, "steward").crawl(asks) for world in worlds)
    for world in worlds:
        world.close()
    assert len(told_apart(without, found)) == len(asks)
    assert all(SECRET.title[1].encode() in answer[2] or SECRET.title[0].encode() in answer[2] for _, answer in found)
