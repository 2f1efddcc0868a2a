"""The karaoke video: on the frame, in unbroken Khmer, with its cards and its sound in step."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from archive.timing import TimedLine, Word
from media import ffmpeg
from media.decode import probe, read_mono
from media.refused import NotSound
from media.timed import ass
from media.timed.lines import Credits
from media.typeface import Typeface, broken
from media.video import CREDITS_MS, TALL, TITLE_MS, WIDE, Cards, Picture, make_video
from media.video.extents import FILTER, measured
from media.video.layout import Layout, TextRow
from media.video.making import carry_typeface
from media.video.script import planned, written
from tests.media.conftest import RATE, chirps, write_wav

SMALL = Picture(640, 360, 25)
PLAIN = Picture(640, 360, 25, ground="000000", sung="FFFFFF", unsung="FFFFFF")
CARDS = Cards("ចម្រៀង", "Messenger Band", ("Words: ស្រី",))


def sung(words: list[str], start: int, step: int = 400) -> TimedLine:
    timed = tuple(Word(text, start + n * step, start + (n + 1) * step) for n, text in enumerate(words))
    return TimedLine("".join(words), start, timed[-1].end_ms, timed)


def frames(*source: str, folder: Path, picture: Picture = SMALL) -> np.ndarray:
    """Decoded frames of shape (n, height, width, 3)."""
    command = [ffmpeg.binary(), "-v", "error", *source, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
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
    golden[: (made.lead_ms + 500) * 25 // 1000] = 0  # the thread on the title card
    first = int(np.argmax(golden > 3))
    meant = (made.lead_ms + 1030) * 25 / 1000
    assert abs(first - meant) <= 1
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
    assert max(abs(one - other) for one, other in zip(onsets, meant, strict=True)) <= 1


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


WORDS = ["ស្រ្តី", "កម្មករ", "ខ្ញុំ", "ស្ត្រី", "ព្រឹក"]
LONG = [*WORDS, "រោងចក្រ", "ប្រាក់ខែ", "កាត់ដេរ", "ណាស់"]
GOLD = Picture(640, 360, 25, ground="000000", sung="FFC145", unsung="FFFFFF")


def drawn(script: str, face: Typeface, folder: Path, until_ms: int, pixels: str = "rgb24") -> np.ndarray:
    """What libass makes of a script on `pixels`, before any codec; shape (n, height, width, 3)."""
    folder.mkdir()
    carry_typeface(face, folder)
    (folder / "drawn.ass").write_text(script, encoding="utf-8")
    ground = f"color=c=black:s=640x360:r=25:d={until_ms / 1000},format={pixels}"
    return frames("-f", "lavfi", "-i", ground, "-vf", FILTER.format(script="drawn.ass"), folder=folder)


def swept(line: TimedLine, face: Typeface, folder: Path, picture: Picture) -> tuple[np.ndarray, list[TextRow]]:
    """Every frame while a line of a video stands there, before any codec, and the line's rows."""
    layout = Layout(picture, face)
    plan = planned([line], CARDS, layout, 6000)
    folder.mkdir()
    carry_typeface(face, folder)
    script = written(plan, measured(plan.rows, layout, folder), layout)
    [shown] = plan.shown
    found = drawn(script, face, folder / "swept", shown.end_ms)
    return found[-(-shown.start_ms * 25 // 1000) :], plan.rows


def plain(rows: list[TextRow], face: Typeface, folder: Path, colour: str, pixels: str = "rgb24") -> np.ndarray:
    """The same rows as text that nothing is done to."""
    style = Layout(GOLD, face).style()
    events = [
        ass.dialogue(0, 40, rf"{{\an5\q2\pos(320,{row.y})\fs{row.size}\1c{ass.colour(colour)}}}{''.join(row.texts)}")
        for row in rows
    ]
    script = ass.document(events, Credits(), [ass.style_row("Default", style)], style)
    return drawn(script, face, folder, 40, pixels)[0]


@pytest.mark.parametrize("words", [WORDS, LONG], ids=["one row", "wrapped"])
@pytest.mark.parametrize("family", FAMILIES)
def test_ink_is_that_of_plain_text_whatever_part_is_sung(tmp_path: Path, family: str, words: list[str]) -> None:
    """Pixel for pixel, in every frame from before the first word to after the last."""
    face = typeface(family, tmp_path)
    line = sung(words, 1000, 200)
    found, rows = swept(line, face, tmp_path / "white", PLAIN)
    assert len(rows) == (1 if words is WORDS else 2)
    white = plain(rows, face, tmp_path / "plain", PLAIN.unsung)
    assert (white.max(axis=2) > 127).sum() > 500
    assert len(found) > 50
    for frame in found:
        assert np.array_equal(frame, white)
    marked = swept(line, typeface(family, tmp_path, marked=True), tmp_path / "marked", PLAIN)[0]
    assert np.array_equal(marked, found), "a dotted circle was drawn"


@pytest.mark.parametrize("family", FAMILIES)
def test_each_column_of_a_row_has_one_of_the_two_colours(tmp_path: Path, family: str) -> None:
    """Gold on the left, white on the right, each as plain text of that colour; the border only moves on."""
    face = typeface(family, tmp_path)
    found, rows = swept(sung(LONG, 1000, 200), face, tmp_path / "two", GOLD)
    assert len(rows) == 2
    for n, row in enumerate(rows):
        gold, white = (plain([row], face, tmp_path / f"{n}{colour}", colour) for colour in (GOLD.sung, GOLD.unsung))
        elsewhere = (gold == white).all(axis=2)
        told = np.flatnonzero(~elsewhere.all(axis=0))
        reached = []
        for frame in found:
            one = ((frame == gold).all(axis=2) | elsewhere).all(axis=0)[told]
            other = ((frame == white).all(axis=2) | elsewhere).all(axis=0)[told]
            assert (one != other).all()
            assert not one[int(one.sum()) :].any()
            reached.append(int(one.sum()))
        assert reached == sorted(reached)
        assert (reached[0], reached[-1]) == (0, len(told))
        assert len(set(reached)) > 15


@pytest.mark.parametrize("family", FAMILIES)
def test_frames_of_the_mp4_show_the_ink_of_plain_text(tmp_path: Path, family: str) -> None:
    """Before, within a word, between words and after; what differs is what the codec does to any edge."""
    face = typeface(family, tmp_path)
    line = sung(WORDS, 1000)
    target = tmp_path / "ink.mp4"
    silence = write_wav(tmp_path / "in.wav", np.zeros(RATE * 4, np.float32))
    made = make_video(silence, [line], target, CARDS, picture=PLAIN, face=face)
    rows = planned([line], CARDS, Layout(PLAIN, face), 4000).rows
    white = plain(rows, face, tmp_path / "plain", PLAIN.unsung, "yuv420p").astype(int)
    found = frames("-i", str(target), folder=tmp_path, picture=PLAIN)
    for moment in (500, 1100, 1400, 1900, 2990, 3200):
        noise = np.abs(found[(made.lead_ms + moment) * 25 // 1000] - white)
        assert noise.max() <= 40, moment
        assert np.sqrt(np.mean(noise**2)) <= 1, moment


def test_the_sweep_rests_where_a_word_ends(tmp_path: Path) -> None:
    """The last column of gold is where libass puts the last ink of those words, drawn as words of their own."""
    face = Typeface()
    words = tuple(Word(text, 1000 + 300 * n, 1150 + 300 * n) for n, text in enumerate(WORDS))
    line = TimedLine("".join(WORDS), 1000, words[-1].end_ms, words)
    found, [row] = swept(line, face, tmp_path / "rests", GOLD)
    first = planned([line], CARDS, Layout(GOLD, face), 6000)
    begins = -(-first.shown[0].start_ms * 25 // 1000)
    style = Layout(GOLD, face).style()
    for n, word in enumerate(words[:-1]):
        resting = found[(first.lead_ms + word.end_ms + 80) * 25 // 1000 - begins].astype(int)
        text = "".join(WORDS[: n + 1]) + rf"{{\1c{ass.colour(GOLD.unsung)}}}" + "".join(WORDS[n + 1 :])
        place = rf"{{\an5\pos(320,{row.y})\fs{row.size}\1c{ass.colour(GOLD.sung)}}}"
        script = ass.document([ass.dialogue(0, 40, place + text)], Credits(), [ass.style_row("Default", style)], style)
        apart = drawn(script, face, tmp_path / str(n), 40)[0].astype(int)
        edges = [np.flatnonzero((shot[..., 0] - shot[..., 2] > 40).any(axis=0))[-1] for shot in (resting, apart)]
        assert abs(int(edges[0]) - int(edges[1])) <= 1


def test_long_khmer_lines_are_broken_between_words() -> None:
    face = Typeface()
    words = ["កម្មករ", "កាត់ដេរ", "ទៅ", "រោងចក្រ", "ព្រឹក", "ប្រាក់ខែ", "តិច", "ណាស់"]
    total = sum(face.width(word) for word in words)
    assert broken(words, total + 1, face) == []
    [cut] = broken(words, total * 0.6, face)
    halves = face.width("".join(words[:cut])), face.width("".join(words[cut:]))
    assert max(halves) <= total * 0.6
    rows = Layout(SMALL, face).block(sung(words * 3, 5000), "", lower=False).rows
    assert 2 <= len(rows) <= 4
    assert [text for row in rows for text in row.texts] == words * 3


def test_a_subscript_takes_no_room() -> None:
    face = Typeface()
    assert face.width("ស្ត") == pytest.approx(face.width("ស"))
    assert face.width("កុ") == pytest.approx(face.width("ក"))


def test_no_line_covers_another_and_the_next_one_waits() -> None:
    lines = [sung(["ទៅ", "ណាស់"], start) for start in (5000, 5900, 6900, 30_000)]
    shown = planned(lines, CARDS, Layout(SMALL, Typeface()), 40_000, ["a", "b", "c", "d"]).shown
    for half in (0, 1):
        assert len({place.block.rows[0].y for place in shown[half::2]}) == 1
        for one, other in pairwise(shown[half::2]):
            assert one.end_ms <= other.start_ms
    assert shown[1].start_ms < shown[0].end_ms


@pytest.mark.parametrize("picture", [WIDE, TALL], ids=["wide", "tall"])
def test_two_long_lines_with_translations_share_the_picture(picture: Picture) -> None:
    layout = Layout(picture, Typeface())
    upper, lower = (layout.block(sung(LONG * 3, 5000), "Long words " * 9, lower=half) for half in (False, True))
    places = [
        (row.y - row.size / 2, row.y + row.size / 2) for block in (upper, lower) for row in (*block.rows, *block.asides)
    ]
    assert places == sorted(places)
    assert all(end <= start + 2 for (_, end), (start, _) in pairwise(places))
    assert places[0][0] >= 0
    assert places[-1][1] <= picture.height


def test_what_is_no_sound_makes_no_video(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_text("words")
    with pytest.raises(NotSound):
        make_video(tmp_path / "x.mp3", [], tmp_path / "out.mp4", CARDS)
    assert not (tmp_path / "out.mp4").exists()
