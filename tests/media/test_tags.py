"""Tags: hostile ones harm nothing, ours come back from an independent reader."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from mutagen.flac import FLAC
from mutagen.id3 import COMM, ID3, TDRC, TIT2, TPE1
from mutagen.mp4 import MP4

from archive.timing import TimedLine, Word
from media.decode import probe
from media.derive import make_listening
from media.tags import Cover, SongTags, Tags, read_tags, tag_song
from media.timed import sylt

LINES = [TimedLine("ខ្ញុំទៅ", 500, 1500, (Word("ខ្ញុំ", 500, 900), Word("ទៅ", 900, 1500))), TimedLine("unplaced")]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def test_tags_of_common_kinds_are_read(sounds: dict[str, Path], tmp_path: Path) -> None:
    mp3, m4a, flac = (Path(shutil.copy(sounds[suffix], tmp_path / f"x.{suffix}")) for suffix in ("mp3", "m4a", "flac"))
    frames = ID3()
    frames.add(TIT2(encoding=1, text="សម្ភាសន៍\nពីរ"))
    frames.add(TPE1(encoding=1, text="Sokha"))
    frames.add(TDRC(encoding=1, text="2013-05-01"))
    frames.add(COMM(encoding=1, lang="khm", desc="x", text="at the centre"))
    frames.save(mp3)
    assert read_tags(mp3) == Tags("សម្ភាសន៍ ពីរ", "Sokha", "", "2013-05-01", "at the centre")
    film = MP4(m4a)
    film["\xa9nam"] = ["Voice 1"]
    film.save()
    assert read_tags(m4a).title == "Voice 1"
    lossless = FLAC(flac)
    lossless["title"] = "Lossless"
    lossless.save()
    assert read_tags(flac).title == "Lossless"
    assert read_tags(sounds["amr"]) == Tags()


def test_malformed_files_give_no_tags_and_no_error(sounds: dict[str, Path], tmp_path: Path) -> None:
    dice = random.Random(5)
    broken = tmp_path / "broken"
    for suffix in ("mp3", "m4a", "ogg", "opus", "flac", "wav", "3gp", "aac"):
        whole = sounds[suffix].read_bytes()
        for _ in range(25):
            data = bytearray(whole[: dice.choice([10, 60, 300, 2000, len(whole)])])
            for _ in range(12):
                data[dice.randrange(min(len(data), 400))] = dice.choice([0, 255, dice.randrange(256)])
            broken.write_bytes(data)
            assert isinstance(read_tags(broken), Tags)
    assert read_tags(tmp_path / "missing") == Tags()


@pytest.mark.parametrize("suffix", ["mp3", "m4a"])
def test_a_song_carries_its_words_and_names(sounds: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"song.{suffix}"
    make_listening(sounds["flac"], target)
    before = probe(target)
    about = SongTags(
        "ចម្រៀងកម្មករ",
        "Messenger Band",
        "Wages",
        "2013",
        "Archive",
        "CC BY-NC",
        credits={"Words": "ស្រី, Vun"},
        cover=Cover(PNG),
    )
    tag_song(target, about, LINES)
    tag_song(target, about, LINES)
    after = probe(target)
    assert after.duration_ms == before.duration_ms
    assert read_tags(target).title == "ចម្រៀងកម្មករ"
    assert read_tags(target).artist == "Messenger Band"
    if suffix == "mp3":
        tags = ID3(target)
        assert tags["USLT::khm"].text == "ខ្ញុំទៅ\nunplaced"
        assert sylt.read(tags.getall("SYLT")[0]) == LINES[:1]
        assert tags["TXXX:Words"].text == ["ស្រី, Vun"]
        assert tags["APIC:"].data == PNG
    else:
        assert MP4(target)["\xa9lyr"] == ["ខ្ញុំទៅ\nunplaced"]
        assert bytes(MP4(target)["covr"][0]) == PNG
        assert target.read_bytes().index(b"moov") < target.read_bytes().index(b"mdat")


def test_only_pictures_and_our_two_kinds_are_tagged(tmp_path: Path, sounds: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match="PNG or a JPEG"):
        _ = Cover(b"<svg/>").mime
    with pytest.raises(ValueError, match=r"\.wav"):
        tag_song(tmp_path / "x.wav", SongTags("x"))
