"""Songs in every form: read again by readers that are not ours, kept with the song, and gone when it is."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pysubs2
import pytest
from mutagen.id3 import ID3
from mutagen.mp4 import MP4

from archive.access import gate
from archive.models import LyricLine, Song
from archive.songs import song_export
from archive.songs.song_export import ExportSheet
from archive.timing import TimedLine
from archive.withdrawal import purge, withdraw
from ingest.exports import export_jobs, song_paper
from ingest.exports.song_files import FORMS, cues, make, offered, written
from media.decode import probe
from media.loudness import measure
from media.timed import ass, lrc, srt, sylt, ttml, ultrastar, webvtt
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling

SONGS = ("one-length-of-thread", "the-land-beneath-our-feet", "do-not-condemn-me")
READERS: dict[str, Callable[[str], list[TimedLine]]] = {
    "lrc": lrc.read,
    "lrc-words": lrc.read,
    "srt": srt.read,
    "vtt": webvtt.read,
    "ass": ass.read,
    "ttml": ttml.read,
    "ultrastar": ultrastar.read,
}
BY_WORD = {"lrc-words", "vtt", "ass", "ttml", "ultrastar"}


def sheet_of(filled: Filling, slug: str, viewer: gate.Viewer = gate.PUBLIC) -> ExportSheet:
    with filled.backends.database.read() as session:
        found = song_export.sheet(session, viewer, slug)
    assert found is not None
    return found


@pytest.mark.parametrize("slug", SONGS)
@pytest.mark.parametrize("name", READERS)
def test_every_sample_song_comes_back_as_it_went(filled: Filling, name: str, slug: str) -> None:
    sheet = sheet_of(filled, slug)
    back = READERS[name](written(sheet, FORMS[name]))
    near = ultrastar.BEAT_MS if name == "ultrastar" else 10
    assert [line.text for line in back] == [line.text for line in sheet.lines]
    for got, meant in zip(back, sheet.lines, strict=True):
        assert abs((got.start_ms or 0) - (meant.start_ms or 0)) <= near
        assert abs((got.end_ms or 0) - (meant.end_ms or 0)) <= near
        if name in BY_WORD and len(meant.words) > 1:
            assert [word.text for word in got.words] == [word.text for word in meant.words]
            pairs = zip(got.words, meant.words, strict=True)
            assert max(abs(heard.start_ms - said.start_ms) for heard, said in pairs) <= near


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
def test_another_reader_takes_our_subtitles(filled: Filling, name: str, tmp_path: Path) -> None:
    sheet = sheet_of(filled, SONGS[0])
    path = tmp_path / f"song.{name}"
    path.write_text(written(sheet, FORMS[name]), encoding="utf-8")
    read = pysubs2.load(str(path))
    assert len(read) == len(sheet.lines)
    for event, line in zip(read, sheet.lines, strict=True):
        assert abs(event.start - (line.start_ms or 0)) <= 10
        assert abs(event.end - (line.end_ms or 0)) <= 10


def test_sound_carries_its_words_its_names_and_a_picture(filled: Filling, tmp_path: Path) -> None:
    sheet = sheet_of(filled, SONGS[0])
    told: list[float] = []
    mp3 = make(filled.backends, sheet, FORMS["mp3"], tmp_path, told.append)
    tags = ID3(mp3)
    [timed] = tags.getall("SYLT")
    back = sylt.read(timed)
    assert [line.text for line in back] == [line.text for line in sheet.lines]
    assert max(abs((a.start_ms or 0) - (b.start_ms or 0)) for a, b in zip(back, sheet.lines, strict=True)) <= 10
    assert tags.getall("USLT")[0].text.split("\n") == [line.text for line in sheet.lines]
    assert sheet.title_km in str(tags["TIT2"])
    assert [frame.desc for frame in tags.getall("TXXX")] == ["Words", "Told by"]
    [picture] = tags.getall("APIC")
    assert (picture.mime, picture.data[:4]) == ("image/png", b"\x89PNG")
    assert abs(probe(mp3).duration_ms - (sheet.tracks[0].duration_ms or 0)) < 150
    m4a = make(filled.backends, sheet, FORMS["m4a"], tmp_path, told.append)
    assert MP4(m4a).tags["\xa9lyr"][0].startswith(sheet.lines[0].text)
    assert MP4(m4a).tags["covr"]
    assert told[-1] == 1.0


def test_the_radio_file_is_at_its_loudness_with_its_sheet(filled: Filling, tmp_path: Path) -> None:
    sheet = sheet_of(filled, SONGS[0])
    packed = make(filled.backends, sheet, FORMS["radio"], tmp_path, lambda _: None)
    with zipfile.ZipFile(packed) as opened:
        names = opened.namelist()
        opened.extractall(tmp_path / "out")
    assert [Path(name).suffix for name in names] == [".wav", ".mp3", ".txt", ".pdf"]
    for name in names[:2]:
        assert abs(measure(tmp_path / "out" / name).integrated + 23) <= 0.5
    sheet_text = (tmp_path / "out" / names[2]).read_text(encoding="utf-8")
    assert sheet_text == cues(sheet)
    assert sheet.lines[0].text in sheet_text
    assert len(sheet_text.splitlines()) < 60


def test_a_file_is_made_once_and_again_when_the_song_changes(filled: Filling) -> None:
    backends, form = filled.backends, FORMS["m4a"]
    sheet = sheet_of(filled, SONGS[0])
    assert export_jobs.export_state(backends, sheet, form).state == "none"
    assert export_jobs.ask(backends, sheet, form).state == "waiting"
    assert export_jobs.ask(backends, sheet, form).state == "waiting"
    assert backends.queue.depth() == 1
    message = f"export:{sheet.song_id}:m4a"
    export_jobs.run(backends, message)
    assert export_jobs.export_state(backends, sheet, form).state == "ready"
    with backends.database.write() as session:
        session.get_one(Song, sheet.song_id).title_en = "Another name"
    changed = sheet_of(filled, SONGS[0])
    assert export_jobs.export_state(backends, changed, form).state == "none"
    export_jobs.run(backends, message)
    assert export_jobs.export_state(backends, changed, form).state == "ready"
    assert not backends.store.exists(export_jobs.key_of(sheet, form))
    assert [key for key in backends.store.keys("exports/") if key.endswith(".note")] == []


def test_a_worker_that_died_is_followed_by_another(
    filled: Filling,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backends, form = filled.backends, FORMS["m4a"]
    sheet = sheet_of(filled, SONGS[0])
    export_jobs.ask(backends, sheet, form)
    assert export_jobs.unfinished(backends) == []
    later = export_jobs.time.time() + export_jobs.DEAD_SECONDS + 1
    monkeypatch.setattr(export_jobs.time, "time", lambda: later)
    [message] = export_jobs.unfinished(backends)
    export_jobs.run(backends, message)
    assert export_jobs.export_state(backends, sheet, form).state == "ready"
    assert export_jobs.unfinished(backends) == []


def test_a_failure_is_told_and_may_be_tried_again(filled: Filling) -> None:
    backends, form = filled.backends, FORMS["m4a"]
    sheet = sheet_of(filled, SONGS[0])
    for blob in list(backends.store.keys(f"recordings/{sheet.tracks[0].recording_id}/")):
        backends.store.delete(blob)
    export_jobs.ask(backends, sheet, form)
    export_jobs.run(backends, f"export:{sheet.song_id}:m4a")
    assert export_jobs.export_state(backends, sheet, form).state == "failed"
    assert export_jobs.ask(backends, sheet, form).state == "waiting"


def test_what_was_made_goes_with_a_withdrawal_and_what_comes_late_is_not_kept(filled: Filling, tmp_path: Path) -> None:
    backends, form = filled.backends, FORMS["m4a"]
    sheet = sheet_of(filled, SONGS[0])
    export_jobs.run(backends, f"export:{sheet.song_id}:m4a")
    assert list(backends.store.keys("exports/"))
    late = make(backends, sheet, form, tmp_path, lambda _: None)
    withdraw.withdraw(backends, sheet.testimonies[0], "destroy", GIVEN)
    purge.purge(backends, sheet.testimonies[0])
    assert list(backends.store.keys("exports/")) == []
    with pytest.raises(export_jobs.Changed):
        export_jobs.keep(backends, sheet, form, late)
    assert list(backends.store.keys("exports/")) == []
    with backends.database.read() as session:
        left = song_export.sheet(session, gate.PUBLIC, SONGS[0])
        assert left is not None
        assert (left.tracks[:1], left.held) == ((), True) or left.tracks[0].kind == "instrumental"
        assert song_export.refused(session, gate.PUBLIC, left, "sound") == "held"


def test_a_held_line_leaves_in_no_form_and_keeps_the_sound_here(filled: Filling) -> None:
    band = gate.Viewer("someone", "band", frozenset({"MB"}))
    with filled.backends.database.write() as session:
        line = session.query(LyricLine).filter(LyricLine.km != "").first()
        assert line is not None
        line.held = True
        words, slug = line.km, SONGS[0]
    sheet = sheet_of(filled, slug, band)
    assert sheet.held
    for form in offered(sheet):
        if form.kind == "words":
            assert words not in written(sheet, form)
    printed = song_paper._paper(sheet, "", "").lines
    assert all(words not in line.sung for line in printed)
    with filled.backends.database.read() as session:
        for kind in ("sound", "video", "broadcast"):
            assert song_export.refused(session, band, sheet, kind) == "held"
    export_jobs.run(filled.backends, f"export:{sheet.song_id}:m4a")
    assert list(filled.backends.store.keys("exports/")) == []
