"""A recording that nobody has listened to until its end: whatever its narrator allowed, no byte of its sound, no
picture of it and no length of it is given to anybody outside the band.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.access import sound
from archive.consent import decisions
from archive.models import Testimony
from tests.leaks.asking import Ask, get, post
from tests.leaks.crawl import Visitor
from tests.leaks.routes import NOBODY, TABLE
from tests.leaks.told import SECRET
from tests.leaks.worlds import World

OUTSIDE = ("public", "researcher", "alliance")


@pytest.fixture(scope="module")
def unheard(common: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The testimony open to everybody in every form, its words approved, its marks heard; nobody heard the whole."""
    world = common.copy(tmp_path_factory.mktemp("unheard") / "world")
    world.put_in(SECRET, decisions.PRESETS["public"])
    with world.backends.database.write() as session:
        session.get_one(Testimony, SECRET.testimony).heard_through_at = None
    yield world
    world.close()


def _asks(folder: str, endpoint: str, own: str) -> list[Ask]:
    return [ask for ask in TABLE[endpoint] if ask.path.startswith(f"{folder}{own}")]


@pytest.mark.parametrize("role", OUTSIDE)
def test_sound_and_its_picture_answer_as_what_never_was(role: str, unheard: World) -> None:
    visitor = Visitor(unheard, role)
    visitor.ask(get("/?lang=en"))
    asked = [*_asks("/media/", "media.listen", SECRET.recording), get(f"/testimony/{SECRET.testimony}/peaks")]
    assert len(asked) > 8
    for ask in asked:
        nobody = ask.path.replace(SECRET.recording, NOBODY).replace(SECRET.testimony, NOBODY)
        got, never = visitor.ask(ask), visitor.ask(Ask(ask.method, nobody, ask.headers))
        assert got == never, str(ask)
        assert got[0].startswith("404"), str(ask)


@pytest.mark.parametrize("role", OUTSIDE)
def test_its_page_is_there_without_sound_or_length_and_says_why(role: str, unheard: World) -> None:
    visitor = Visitor(unheard, role)
    for language, said in (("en", "first listens to the end"), ("km", "ស្ដាប់ឱ្យចប់សិន")):
        status, _, body = visitor.ask(get(f"/testimony/{SECRET.testimony}?lang={language}"))
        text = body.decode()
        assert status == "200 OK"
        assert said in text
        assert SECRET.en[0] in text  # the approved words are open by themselves
        assert SECRET.recording not in text
        assert str(SECRET.duration_ms) not in text
    found = visitor.ask(get("/search?lang=en&q=Vesperlight"))[2].decode() + visitor.ask(get("/?lang=en"))[2].decode()
    assert SECRET.testimony in found
    assert SECRET.recording not in found


def test_the_redacted_file_exists_and_is_not_served_under_any_address(unheard: World) -> None:
    spans = [SECRET.mark]
    for keys in (sound.whole_keys(SECRET.recording), sound.redacted_keys(SECRET.recording, spans)):
        assert unheard.backends.store.exists(keys.listening)
        status, _, _ = Visitor(unheard, "public").ask(get(f"/media/{keys.listening}"))
        assert status.startswith("404")


def test_somebody_of_the_band_listens_and_the_next_request_is_served(unheard: World, tmp_path: Path) -> None:
    world = unheard.copy(tmp_path / "world")
    listening, stranger = Visitor(world, "band"), Visitor(world, "public")
    address = get(f"/media/{SECRET.recording}")
    assert listening.ask(address)[0] == "200 OK"
    assert stranger.ask(address)[0].startswith("404")
    assert listening.ask(post(f"/review/{SECRET.testimony}/heard", deed="heard"))[0].startswith("303")
    assert stranger.ask(address)[0] == "200 OK"
    assert listening.ask(post(f"/review/{SECRET.testimony}/heard", deed="undo"))[0].startswith("303")
    assert stranger.ask(address)[0].startswith("404")
    world.close()
