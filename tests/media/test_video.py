"""The karaoke video: on the frame, in unbroken Khmer, with its cards and its sound in step."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from scipy.ndimage import binary_dilation

from archive.timing import TimedLine, Word
from media.decode import probe, read_mono
from media.refused import NotSound
from media.typeface import Typeface, broken
from media.video import CREDITS_MS, TITLE_MS, Cards, Picture, karaoke_script, make_video
from tests.media.conftest import RATE, chirps, write_wav

SMALL = Picture(640, 360, 25)
PLAIN = Picture(640, 360, 25, ground="000000", sung="FFFFFF", unsung="FFFFFF")
CARDS = Cards("ចម្រៀង", "Messenger Band", ("Words: ស្រី",))


def sung(words: list[str], start: int, step: int = 400) -> TimedLine:
    timed = tuple(Word(text, start + n * step, start + (n + 1) * step) for n, text in enumerate(words))
    return TimedLine("".join(words), start, timed[-1].end_ms, timed)


def frames(*source: str, folder: Path, picture: Picture = SMALL) -> np.ndarray:
    """Decoded frames of shape (n, height, width, 3)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=120).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, picture.height, picture.width, 3)


def test_words_light_up_on_their_frame_and_the_sound_keeps_step(tmp_path: Path, each_ffmpeg: str) -> None:
    sound = chirps(4)
    lines = [sung(["ខ្ញុំ", "ទៅ", "រោងចក្រ"], 1030, 100), TimedLine("not placed")]
    told: list[float] = []
    target = tmp_path / "odd name; [x]'.mp4"
    made = make_video(write_wav(tmp_path / "in.wav", sound), lines, target, CARDS, picture=SMALL, progress=told.append)
    assert made.lead_ms == TITLE_MS - 1030
    assert made.duration_ms == made.lead_ms + 4000 + CREDITS_MS
    assert abs(probe(target).duration_ms - made.duration_ms) <= 50
    assert told == sorted(told)
    assert told[-1] > 0.95
    picture = frames("-i", str(target), folder=tmp_path).astype(int)
    golden = ((picture[..., 0] > 150) & (picture[..., 2] < 110)).sum(axis=(1, 2))
    first = int(np.argmax(golden > 3))
    meant = (made.lead_ms + 1030) * 25 / 1000
    assert 0 <= first - meant <= 1.01
    done = int(np.argmax(golden > 0.97 * golden.max()))
    assert abs(done - (made.lead_ms + 1030 + 300) * 25 / 1000) <= 2
    heard = read_mono(target, made.lead_ms, made.lead_ms + 3500, rate=RATE)
    correlation = np.correlate(heard[20_000:60_000], sound[20_000 + 200 : 60_000 - 200], "valid")
    assert abs(int(np.argmax(correlation)) - 200) <= RATE // 200


def test_every_word_begins_on_its_frame(tmp_path: Path) -> None:
    """The sweep rests where a word ends and goes on in the frame in which the next one begins."""
    starts = [1000, 1730, 2410, 3170, 3900]
    words = tuple(
        Word(text, at, at + 160)
        for text, at in zip(["កម្មករ", "រោងចក្រ", "ប្រាក់ខែ", "កាត់ដេរ", "ណាស់"], starts, strict=True)
    )
    line = TimedLine("".join(word.text for word in words), 1000, 4060, words)
    target = tmp_path / "out.mp4"
    made = make_video(write_wav(tmp_path / "in.wav", chirps(5)), [line], target, CARDS, picture=SMALL)
    picture = frames("-i", str(target), folder=tmp_path).astype(int)
    golden = (picture[..., 0] > 150) & (picture[..., 2] < 110)
    reached = golden.sum(axis=(1, 2)).astype(float)
    begins = int((made.lead_ms + 900) * 25 / 1000)
    ends = int((made.lead_ms + 4400) * 25 / 1000)
    moving = np.concatenate([[False] * 5, np.diff(reached[begins:ends]) > 6])
    onsets = [begins + 1 + n - 5 for n in range(5, len(moving)) if moving[n] and not moving[n - 5 : n].any()]
    meant = [(made.lead_ms + at) * 25 / 1000 for at in starts]
    assert len(onsets) == len(starts)
    assert max(abs(one - other) for one, other in zip(onsets, meant, strict=True)) <= 1.01


def test_cards_stand_before_and_after(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    make_video(write_wav(tmp_path / "in.wav", chirps(1)), [sung(["ទៅ"], 100)], target, CARDS, picture=SMALL)
    bright = (frames("-i", str(target), folder=tmp_path).max(axis=3) > 150).sum(axis=(1, 2))
    assert bright[25] > 200
    assert bright[-50] > 200


WOFF = Path(__file__).resolve().parents[2] / "node_modules" / "@fontsource"
FAMILIES = {
    "Noto Sans Khmer": None,
    "Moul": WOFF / "moul" / "files" / "moul-khmer-400-normal.woff2",
    "Battambang": WOFF / "battambang" / "files" / "battambang-khmer-400-normal.woff2",
}
DOTTED_CIRCLE = 0x25CC


def typeface(family: str, folder: Path, *, marked: bool = False) -> Typeface:
    """A typeface as a TrueType file; `marked` makes its dotted circle a black field that nobody can overlook."""
    source = FAMILIES[family] or Typeface().file
    font = TTFont(source)
    font.flavor = None
    if marked:
        name = font.getBestCmap().get(DOTTED_CIRCLE)
        assert name, f"{family} has no dotted circle to be marked"
        pen = TTGlyphPen(None)
        units = font["head"].unitsPerEm
        pen.moveTo((0, -units))
        for corner in ((0, 2 * units), (2 * units, 2 * units), (2 * units, -units)):
            pen.lineTo(corner)
        pen.closePath()
        font["glyf"][name] = pen.glyph()
        font["hmtx"][name] = (2 * units, 0)
    path = folder / f"{family.replace(' ', '')}{marked}.ttf"
    font.save(path)
    return Typeface(family, path)


def inked(line: TimedLine, face: Typeface, folder: Path, at_ms: int) -> np.ndarray:
    """What of a frame of the finished video is letters, when both of its colours are white."""
    target = folder / "ink.mp4"
    silence = write_wav(folder / "in.wav", np.zeros(RATE * 4, np.float32))
    made = make_video(silence, [line], target, CARDS, picture=PLAIN, face=face)
    seconds = (made.lead_ms + at_ms) / 1000
    [picture] = frames("-ss", f"{seconds:.3f}", "-i", str(target), "-frames:v", "1", folder=folder, picture=PLAIN)
    return picture.max(axis=2) > 127


@pytest.mark.parametrize("family", FAMILIES)
def test_khmer_ink_in_a_frame_is_that_of_plain_text(tmp_path: Path, family: str) -> None:
    """Swept word by word, half sung: each pixel of ink lies on or beside one of plain text, and as many of them."""
    words = ["ស្រ្តី", "កម្មករ", "ខ្ញុំ", "ស្ត្រី", "ព្រឹក"]
    face = typeface(family, tmp_path)
    swept, plain = sung(words, 1000), TimedLine("".join(words), 1000, 3000)
    one, other = inked(swept, face, tmp_path, 1900), inked(plain, face, tmp_path, 1900)
    assert other.sum() > 500
    assert not (one & ~binary_dilation(other, iterations=1)).any()
    assert not (other & ~binary_dilation(one, iterations=1)).any()
    assert abs(int(one.sum()) - int(other.sum())) <= 0.02 * other.sum()
    marked = inked(swept, typeface(family, tmp_path, marked=True), tmp_path, 1900)
    assert np.array_equal(one, marked), "a dotted circle was drawn"


def test_long_khmer_lines_are_broken_between_words() -> None:
    face = Typeface()
    words = ["កម្មករ", "កាត់ដេរ", "ទៅ", "រោងចក្រ", "ព្រឹក", "ប្រាក់ខែ", "តិច", "ណាស់"]
    total = sum(face.width(word) for word in words)
    assert broken(words, total + 1, face) == []
    [cut] = broken(words, total * 0.6, face)
    halves = face.width("".join(words[:cut])), face.width("".join(words[cut:]))
    assert max(halves) <= total * 0.6
    script = karaoke_script([sung(words * 3, 5000)], CARDS, SMALL, face, 20_000)
    event = next(row for row in script.splitlines() if r"\kf" in row)
    assert 1 <= event.count(r"\N") <= 3
    assert r"\N" not in event.replace(r"}\N", "}")


def test_a_subscript_takes_no_room() -> None:
    face = Typeface()
    assert face.width("ស្ត") == pytest.approx(face.width("ស"))
    assert face.width("កុ") == pytest.approx(face.width("ក"))


def test_no_line_covers_another_and_the_next_one_waits() -> None:
    lines = [sung(["ទៅ", "ណាស់"], start) for start in (5000, 5900, 6900, 30_000)]
    script = karaoke_script(lines, CARDS, SMALL, Typeface(), 40_000, ["a", "b", "c", "d"])
    places: dict[str, list[tuple[str, str]]] = {}
    for row in script.splitlines():
        if row.startswith("Dialogue") and r"\pos" in row:
            cells = row.split(",")
            places.setdefault(row.split(r"\pos")[1].split(")")[0] + cells[3], []).append((cells[1], cells[2]))
    for shown in places.values():
        for (_, end), (start, _) in pairwise(sorted(shown)):
            assert end <= start
    first, second = [row.split(",")[1:3] for row in script.splitlines() if r"\kf" in row][:2]
    assert second[0] < first[1]


def test_what_is_no_sound_makes_no_video(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_text("words")
    with pytest.raises(NotSound):
        make_video(tmp_path / "x.mp3", [], tmp_path / "out.mp4", CARDS)
    assert not (tmp_path / "out.mp4").exists()
