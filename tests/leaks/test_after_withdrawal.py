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
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.checks import residue
from archive.consent import decisions, releases, vault
from archive.lyrics import shared_draft
from archive.models import (
    Account,
    Clipping,
    KeptSearch,
    LineComment,
    LyricVersion,
    RivalText,
    SegmentLock,
    Song,
    TranscriptEdit,
    TypedTranscript,
    now,
)
from archive.models.source import quote_hash
from tests.leaks import canaries
from tests.leaks.asking import Ask, get, post
from tests.leaks.conftest import taken_back
from tests.leaks.crawl import Visitor
from tests.leaks.told import SECRET, SECRET_SONG, chirp, sung_recording
from tests.leaks.worlds import GIVEN, World

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
    _opened(world)
    world.sing_hers()
    _left_lying_about(world)
    yield world
    world.close()


def _opened(world: World) -> None:
    """Her consent, as it was before she took it back: everybody may have it from today.

    A search that somebody keeps is what they typed themselves, and was not taken from her; here it would only be found.
    """
    with world.backends.database.write() as session:
        session.execute(delete(KeptSearch))
        decisions.grant(session, SECRET.testimony, decisions.PRESETS["public"], GIVEN)


def _left_lying_about(world: World) -> None:
    opened = world.backends
    data, store = opened.settings.data, opened.store
    vault.make_key(opened.settings)
    steward = Viewer("s", "steward")
    with opened.database.write() as session:
        vault.open_vault(opened.settings).put(session, f"{SECRET.key}woman0", "legal-name", canaries.NAME_KM, steward)
        releases.record(session, "broadcast", f"testimony:{SECRET.testimony}", [SECRET.testimony], note="Radio")
    store.put_bytes(f"exports/{SECRET.testimony}/transcript.docx", canaries.WORD_KM.encode())
    store.put_bytes(f"recordings/{SECRET.recording}/clip-1000-2000.m4a", canaries.WORD_EN.encode())
    with opened.database.write() as session:
        _worked_on(session)
    work = data / "work" / SECRET.recording
    work.mkdir(parents=True)
    (work / "window-3.json").write_text(json.dumps({"text": canaries.LINE_KM}))
    (work / "half.wav").write_bytes(chirp(SECRET.pitch))


def _worked_on(session: Session) -> None:
    """What lies on the tables of those who transcribe and write: edits, rival texts, clippings, a draft, a comment."""
    version, segment = f"{SECRET.key}words0", f"{SECRET.key}part01"
    song = session.scalars(select(Song).where(Song.slug == SECRET_SONG)).one()
    hers = {"testimony_id": SECRET.testimony, "version_id": version}
    said = {"quote": canaries.LINE_KM, "quote_hash": quote_hash(canaries.LINE_KM)}
    account = session.scalars(select(Account.id)).first()
    session.add_all(
        [
            TranscriptEdit(
                id="edit0",
                **hers,
                seq=1,
                kind="text",
                asked={"text": canaries.WORD_EN},
                answer={"was": canaries.LINE_EN},
            ),
            RivalText(version_id=version, segment_id=segment, text=canaries.WORD_KM),
            TypedTranscript(testimony_id=SECRET.testimony, language="km", paragraphs=[["", canaries.LINE_KM]]),
            SegmentLock(segment_id=segment, version_id=version, account_id=account, window="w", until=now()),
            Clipping(id="clip0", **hers, segment_id=segment, start_ms=1000, end_ms=2000, song_id=song.id, **said),
            LineComment(song_id=song.id, line="l", text=f"“{canaries.LINE_KM}” is too long to sing"),
        ]
    )
    session.flush()
    lyric = session.scalars(select(LyricVersion).where(LyricVersion.song_id == song.id)).one()
    lines = [
        shared_draft.DraftLine(one.id, km=one.km, en=one.en, sources={"clip0": "verbatim"} if n == 0 else {})
        for n, one in enumerate(lyric.lines)
    ]
    shared_draft.begin(session, song, lines, account)


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
