"""After a testimony was destroyed, no byte of it is left: not in the database, its log, the index, the blobs or a log.

The testimony was public, was heard, read, searched for, exported, sung and worked on before. Everything that its
narrator gave away is then looked for in each form in which text is commonly written down.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import tempfile
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from archive.checks import residue
from tests.leaks import canaries
from tests.leaks import lived as lived_in
from tests.leaks.asking import Ask, get, post
from tests.leaks.conftest import taken_back
from tests.leaks.crawl import Visitor
from tests.leaks.told import SECRET, SECRET_SONG, chirp, sung_recording
from tests.leaks.worlds import World

LOOKED = (
    get("/"),
    get("/search?q=quillfeather"),
    get("/search?q=quilfeather"),
    get("/search?sort=date&community=sex-worker"),
    get(f"/testimony/{SECRET.testimony}?lang=en"),
    get(f"/testimony/{SECRET.testimony}/peaks"),
    get(f"/song/{SECRET_SONG}"),
    get(f"/media/{SECRET.recording}"),
    get(f"/media/{SECRET.recording}", ("Range", "bytes=10-99")),
    get(f"/media/{sung_recording(SECRET_SONG)}"),
    post("/search/csv", q="quillfeather"),
    post(f"/testimony/{SECRET.testimony}/ask", purpose=canaries.PURPOSE),
    get("/steward"),
    get(f"/steward/testimony/{SECRET.testimony}"),
    get("/steward/log?check=1"),
)
"""What somebody asks of a testimony that is public."""


def _nested(content: bytes) -> bytes:
    return b"left over: " + gzip.compress(b"line\n" + content) + b" and more"


@pytest.mark.parametrize(
    "write",
    [
        lambda word: word.encode(),
        lambda word: word.encode("utf-16"),
        lambda word: word.encode("utf-16-be"),
        lambda word: quote(word).encode(),
        lambda word: quote(word).lower().encode(),
        lambda word: "".join(f"&#{ord(char)};" for char in word).encode(),
        lambda word: "".join(f"&#x{ord(char):X};" for char in word).encode(),
        lambda word: json.dumps(word).encode(),
        lambda word: base64.b64encode(word.encode()),
        lambda word: base64.b64encode(b"x" + word.encode() + b"yz"),
        lambda word: base64.urlsafe_b64encode(b"xx" + word.encode() + b"y"),
        lambda word: _nested(word.encode()),
        lambda word: zlib.compress(word.encode()),
        lambda word: unicodedata.normalize("NFD", word).encode(),
        lambda word: quote(unicodedata.normalize("NFD", word)).encode(),
    ],
    ids=[
        "utf-8", "utf-16-le", "utf-16-be", "percent", "percent-small", "entity", "entity-hex", "escape", "base64",
        "base64-second", "base64-third", "gzip", "zlib", "nfd", "nfd-percent",
    ],
)  # fmt: skip
@pytest.mark.parametrize("word", [canaries.NAME_EN, canaries.NAME_KM])
def test_the_search_finds_a_word_however_it_is_written(write: Callable[[str], bytes], word: str) -> None:
    wanted = canaries.needles([word])
    assert canaries.contained(b"\0before " + write(word) + b" after", wanted) == {word}
    assert canaries.contained(b"\0before " + write("nobody") + b" after", wanted) == set()


@pytest.fixture
def lived(common: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the testimony was public, and was used in every way there is."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    world = common.copy(tmp_path / "world").hide("embargoed")
    lived_in.opened(world)
    world.sing_hers()
    lived_in.left_lying_about(world)
    yield world
    world.close()


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """Everything that any room says while the test lasts, as a file."""
    folder = tmp_path / "logs"
    folder.mkdir()
    handler = logging.FileHandler(folder / "all.log")
    rooms = [logging.getLogger(name) for name in ("archive", "media", "ingest", "web", "werkzeug", "uvicorn", "flask")]
    levels = [room.level for room in rooms]
    logging.getLogger().addHandler(handler)
    for room in rooms:
        room.setLevel(logging.DEBUG)
    yield folder
    for room, level in zip(rooms, levels, strict=True):
        room.setLevel(level)
    logging.getLogger().removeHandler(handler)
    handler.close()


def _looked_at(world: World, asks: tuple[Ask, ...]) -> None:
    for role in ("public", "researcher", "steward"):
        Visitor(world, role).crawl(asks)


def test_nothing_is_left_of_what_was_destroyed(lived: World, logs: Path, tmp_path: Path) -> None:
    wanted = canaries.needles(sounds=[chirp(SECRET.pitch), lived.sounds[SECRET.pitch]])
    theirs = {canaries.THEME_KM, canaries.THEME_EN}  # a theme is the thesaurus's, whoever it was first put on
    data = lived.backends.settings.data
    _looked_at(lived, LOOKED)
    before = canaries.scan([data], wanted)
    _was_everywhere(lived, before, wanted)
    taken_back(lived, "destroy")
    _looked_at(lived, LOOKED)
    places = [data, logs, tmp_path / "temporary"]
    after = canaries.scan(places, wanted)
    assert {name: left for name, found in after.items() if (left := found - theirs)} == {}
    assert canaries.scan([one for one in places if one.name != "var"], wanted) == {}
    assert residue.deep_check(lived.backends, [one for one in canaries.WORDS if one not in theirs]) == []


def _was_everywhere(world: World, found: dict[str, set[str]], wanted: dict[str, frozenset[bytes]]) -> None:
    """The scan does see: before she took it back, each thing was where it is to be missed later."""
    seen = set().union(*found.values())
    assert seen == set(wanted), "each canary is somewhere to begin with"
    for place in ("archive.db", "index/", "blobs/", "work/"):
        assert any(name.startswith(place) for name in found), place
    with world.backends.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM access_request")) == 1
        assert session.scalar(text("SELECT count(*) FROM release")) >= 2
