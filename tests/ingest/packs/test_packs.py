"""Packs: what may be carried, in every form, whole or not at all, written down, and gone after a withdrawal."""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from libzim.reader import Archive
from sqlalchemy import select

from archive.access import gate
from archive.models import Permission, Release, Song
from archive.settings import Settings, read_settings
from archive.songs import packing
from archive.songs.packing import PackPlan
from archive.withdrawal import purge, withdraw
from ingest.exports.packs import pack_jobs
from ingest.exports.packs import packing as writing
from ingest.exports.packs.packing import NotPacked, PackOvertaken, make_pack
from ingest.exports.packs.scripts import plain_script
from ingest.samples.collection import Collection
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling
from tests.web.test_player_scripts import node

BAND = gate.Viewer(role="band")
TODAY = date(2026, 11, 28)
SONGS = ["do-not-condemn-me", "one-length-of-thread", "the-land-beneath-our-feet"]
ONE = "songs:one-length-of-thread"


@pytest.fixture(scope="module")
def with_sound(filled_once: Path, sample_collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled archive that has made all its songs' MP3 once."""
    home = tmp_path_factory.mktemp("with-sound")
    shutil.copytree(filled_once, home / "filled")
    settings = read_settings({"MESSENGER_DATA": str(home / "var"), "HOME": str(home)})
    opened = Filling.copy(home / "filled", settings, sample_collection)
    make_pack(opened.backends, plan_of(opened, "all"), "zip", home / "songs.zip", lambda _share: None)
    opened.backends.database.compact()
    opened.backends.database.engine.dispose()
    shutil.rmtree(home / "filled" / "var")
    (home / "var").rename(home / "filled" / "var")
    return home / "filled"


@pytest.fixture
def filled(with_sound: Path, sample_collection: Collection, settings: Settings) -> Iterator[Filling]:
    copy = Filling.copy(with_sound, settings, sample_collection)
    yield copy
    copy.backends.database.engine.dispose()


def plan_of(filled: Filling, of: str = ONE, today: date = TODAY) -> PackPlan:
    with filled.backends.database.read() as session:
        return packing.plan(session, BAND, of, today)


def made(filled: Filling, of: str, kind: str, target: Path) -> Path:
    make_pack(filled.backends, plan_of(filled, of), kind, target, lambda _share: None)
    return target


def take_back_a_source(filled: Filling, slug: str) -> None:
    """Withdraw the first testimony that a song draws on."""
    song = next(one for one in filled.collection.songs if one.id == slug)
    told = next(source.testimony for line in song.lines for source in line.sources)
    withdraw.withdraw(filled.backends, filled.testimonies[told], "restrict", GIVEN)
    purge.purge(filled.backends, filled.testimonies[told])


def test_a_pack_holds_what_is_open_to_everybody_until_its_last_day(filled: Filling) -> None:
    plan = plan_of(filled, "all")
    assert sorted(one.slug for one in plan.songs) == SONGS
    assert plan.until == date(2027, 5, 31)
    assert {packing.last_day(date(2026, 11, day)) for day in (1, 15, 30)} == {plan.until}
    assert packing.last_day(date(2026, 12, 1)) == date(2027, 6, 30)
    song = next(one for one in filled.collection.songs if one.id == SONGS[1])
    told = {filled.testimonies[source.testimony] for line in song.lines for source in line.sources}
    with filled.backends.database.write() as session:
        for one in session.scalars(select(Permission).where(Permission.testimony_id.in_(told))):
            one.end = datetime(2027, 5, 1, tzinfo=UTC)
    narrowed = plan_of(filled, "all")
    assert SONGS[1] not in [one.slug for one in narrowed.songs]
    assert (SONGS[1], "not-public") in [(one.slug, one.why) for one in narrowed.left_out]
    with filled.backends.database.write() as session:
        session.get_one(Song, filled.songs[SONGS[0]]).state = "draft"
    assert [one.why for one in plan_of(filled, f"songs:{SONGS[0]}").left_out] == ["not-public"]
    with pytest.raises(gate.Unknown):
        plan_of(filled, "songs:no-such-song")


def test_a_folder_has_everything_inside_and_asks_for_nothing_else(filled: Filling, tmp_path: Path) -> None:
    folder = made(filled, "all", "folder", tmp_path / "songs")
    assert sorted(one.stem for one in (folder / "songs").iterdir()) == SONGS
    for path in folder.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "http" not in text
        assert 'type="module"' not in text
        for name in re.findall(r'(?:src|href)="([^"#]+)', text):
            assert (path.parent / name).exists(), (path, name)
    assert "url(" not in re.sub(r'url\("data:', "", (folder / "parts/fonts.css").read_text())
    home = (folder / "index.html").read_text("utf-8")
    assert "Use this pack until May 31, 2027" in home
    assert "brought back to the band and exchanged" in home
    sheet = plan_of(filled).songs[0]
    words = re.findall(
        r'data-s="(\d+)" data-e="(\d+)">([^<]*)<', (folder / "songs" / f"{sheet.slug}.html").read_text("utf-8")
    )
    assert [(int(s), int(e), text) for s, e, text in words] == [
        (word.start_ms, word.end_ms, word.text) for line in sheet.lines for word in line.words
    ]


def test_its_scripts_are_the_site_s_own_for_old_browsers(tmp_path: Path) -> None:
    for name in ("song", "home"):
        script = plain_script(f"pack/{name}.js")
        assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
        assert not re.search(r"\?\.|\?\?|findLast|replaceChildren|\.at\(|structuredClone", script)
        assert len(re.findall(r"^export const LEAD", script, re.MULTILINE)) == 0
        path = tmp_path / f"{name}.js"
        path.write_text(script, encoding="utf-8")
        subprocess.run([*node(), "--check", str(path)], check=True)
    assert plain_script("pack/song.js").count("class AudioClock") == 1


def test_a_zip_is_the_folder_under_its_name(filled: Filling, tmp_path: Path) -> None:
    packed = made(filled, ONE, "zip", tmp_path / "songs.zip")
    with zipfile.ZipFile(packed) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
    assert {name.split("/")[0] for name in names} == {"messenger-songs"}
    assert "messenger-songs/sound/one-length-of-thread-instrumental.mp3" in names


@pytest.mark.zimcheck
def test_kiwix_reads_the_songs_and_zimcheck_finds_nothing(filled: Filling, tmp_path: Path) -> None:
    zim = made(filled, "all", "zim", tmp_path / "songs.zim")
    opened = Archive(zim)
    assert opened.main_entry.get_item().path == "index.html"
    page = bytes(opened.get_entry_by_path("songs/one-length-of-thread.html").get_item().content).decode()
    assert plan_of(filled).songs[0].lines[0].words[0].text in page
    assert bytes(opened.get_entry_by_path("sound/one-length-of-thread.mp3").get_item().content)[:3] == b"ID3"
    assert bytes(opened.get_metadata("Language")) == b"khm,eng"
    assert opened.has_fulltext_index
    checked = subprocess.run(["zimcheck", "--all", str(zim)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_nothing_half_written_stays_when_the_disk_is_full(
    filled: Filling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: object, _path: str, _file: Path) -> None:
        raise OSError(errno.ENOSPC, "full")

    target = tmp_path / "stick" / "songs"
    before = made(filled, ONE, "folder", target)
    for name, kind in (("_Folder", "folder"), ("_Zipped", "zip")):
        with monkeypatch.context() as patched:
            patched.setattr(getattr(writing, name), "sound", full)
            with pytest.raises(OSError, match="full"):
                made(filled, ONE, kind, target if kind == "folder" else target.with_suffix(".zip"))
        assert [one.name for one in target.parent.iterdir()] == ["songs"]
    assert (before / "songs" / "one-length-of-thread.html").exists()


def test_what_a_killed_program_left_is_cleared_and_a_foreign_folder_is_left_alone(
    filled: Filling, tmp_path: Path
) -> None:
    (tmp_path / ".making-songs" / "sound").mkdir(parents=True)
    made(filled, ONE, "folder", tmp_path / "songs")
    assert [one.name for one in tmp_path.iterdir() if "songs" in one.name] == ["songs"]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    with pytest.raises(NotPacked, match="is no pack"):
        made(filled, ONE, "folder", mine)
    assert (mine / "letter.txt").exists()


def test_packing_again_after_a_withdrawal_lacks_the_song(filled: Filling, tmp_path: Path) -> None:
    folder = made(filled, "all", "folder", tmp_path / "songs")
    assert (folder / "songs" / f"{SONGS[1]}.html").exists()
    take_back_a_source(filled, SONGS[1])
    made(filled, "all", "folder", folder)
    assert not (folder / "songs" / f"{SONGS[1]}.html").exists()
    assert SONGS[1] not in "".join(path.read_text("utf-8") for path in folder.rglob("*.*s") if path.suffix == ".js")


def test_a_withdrawal_while_it_is_made_keeps_nothing(filled: Filling, tmp_path: Path) -> None:
    told: list[float] = []

    def meanwhile(share: float) -> None:
        if not told:
            take_back_a_source(filled, SONGS[1])
        told.append(share)

    noted: list[str] = []
    with pytest.raises(PackOvertaken):
        make_pack(filled.backends, plan_of(filled), "zip", tmp_path / "a.zip", meanwhile, lambda: noted.append("left"))
    assert not list(tmp_path.glob("*.zip"))
    assert noted == []


def test_a_worker_makes_what_is_asked_for_and_a_withdrawal_removes_it(filled: Filling) -> None:
    backends = filled.backends
    plan = plan_of(filled, "all", pack_jobs.local_day())
    assert pack_jobs.ask(backends, plan, "zip").state == "waiting"
    assert pack_jobs.ask(backends, plan, "zip").state == "waiting"
    assert backends.queue.depth() == 1
    pack_jobs.run(backends, f"pack:{plan.id}:zip")
    assert pack_jobs.pack_state(backends, plan, "zip").state == "ready"
    assert list(backends.settings.data.glob("work/pack-*")) == []
    take_back_a_source(filled, SONGS[1])
    assert list(backends.store.keys("packs/")) == []
    now = plan_of(filled, "all", pack_jobs.local_day())
    assert now.fingerprint != plan.fingerprint
    assert pack_jobs.pack_state(backends, now, "zip").state != "ready"


def test_what_was_carried_is_in_the_ledger_song_by_song(filled: Filling) -> None:
    plan = plan_of(filled, "all")
    with filled.backends.database.write() as session:
        packing.note(session, BAND, plan, "zip", "the centre in Takeo")
    with filled.backends.database.read() as session:
        rows = session.scalars(select(Release).where(Release.kind == "carried")).all()
    assert len(rows) == len(plan.songs)
    assert {row.note for row in rows} == {"zip 2027-05-31, the centre in Takeo"}
    assert all(row.testimonies for row in rows)
