"""Every format gives back what it was given, cuts no Khmer cluster, and is read by readers that are not ours."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as Tree
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3

from archive.language.clusters import clusters
from archive.timing import TimedLine, Utterance, Word
from media.timed import ass, lrc, srt, sylt, ttml, ultrastar, webvtt
from media.timed.lines import Credits, Unreadable, line_from_marks, marks

KHMER = ["កម្មករ", "កាត់ដេរ", "ស្រី", "ខ្ញុំ", "ទៅ", "រោងចក្រ", "ព្រឹក", "ប្រាក់ខែ", "តិច", "ណាស់"]
LATIN = ["Hello", "world,", "don't", "stop!", "señor", "1,000", "a"]


@st.composite
def lyrics(draw: st.DrawFn) -> list[TimedLine]:
    """Songs as our aligner gives them: Khmer without spaces, Latin with, pauses in between, lines apart."""
    lines = []
    now = draw(st.integers(0, 5000))
    for _ in range(draw(st.integers(1, 5))):
        khmer = draw(st.booleans())
        chosen = draw(st.lists(st.sampled_from(KHMER if khmer else LATIN), min_size=1, max_size=7))
        words = []
        for text in chosen:
            now += draw(st.sampled_from([0, 0, 40, 333, 1200]))
            length = draw(st.integers(80, 900))
            words.append(Word(text, now, now + length))
            now += length
        text = ("" if khmer else " ").join(chosen)
        lines.append(TimedLine(text, words[0].start_ms, now, tuple(words)))
        now += draw(st.sampled_from([0, 70, 2500, 3_600_000]))
    return lines


Round = Callable[[list[TimedLine]], list[TimedLine]]

WITH_WORDS: dict[str, Round] = {
    "lrc": lambda lines: lrc.read(lrc.write(lines, enhanced=True)),
    "webvtt": lambda lines: webvtt.read(webvtt.write(lines)),
    "ass": lambda lines: ass.read(ass.write(lines)),
    "ttml": lambda lines: ttml.read(ttml.write(lines)),
    "sylt": lambda lines: sylt.read(sylt.timed_frame(lines)),
}
BY_LINE: dict[str, Round] = {
    "lrc": lambda lines: lrc.read(lrc.write(lines)),
    "srt": lambda lines: srt.read(srt.write(lines)),
    "webvtt": lambda lines: webvtt.read(webvtt.write(lines, word_times=False)),
}


@pytest.mark.parametrize("name", WITH_WORDS)
@settings(max_examples=60, deadline=None)
@given(lines=lyrics())
def test_words_survive_within_ten_milliseconds(name: str, lines: list[TimedLine]) -> None:
    back = WITH_WORDS[name](lines)
    assert [line.text for line in back] == [line.text for line in lines]
    for got, meant in zip(back, lines, strict=True):
        assert abs((got.start_ms or 0) - (meant.start_ms or 0)) <= 10
        assert abs((got.end_ms or 0) - (meant.end_ms or 0)) <= 10
        if name == "webvtt" and len(meant.words) == 1:
            continue  # a cue of one word needs no inline time
        assert [word.text for word in got.words] == [word.text for word in meant.words]
        for heard, said in zip(got.words, meant.words, strict=True):
            assert abs(heard.start_ms - said.start_ms) <= 10
            assert abs(heard.end_ms - said.end_ms) <= 10


@pytest.mark.parametrize("name", BY_LINE)
@settings(max_examples=40, deadline=None)
@given(lines=lyrics())
def test_lines_survive_within_ten_milliseconds(name: str, lines: list[TimedLine]) -> None:
    back = BY_LINE[name](lines)
    assert [line.text for line in back] == [line.text for line in lines]
    assert not [line for line in back if line.words]
    for got, meant in zip(back, lines, strict=True):
        assert abs((got.start_ms or 0) - (meant.start_ms or 0)) <= 10
        assert abs((got.end_ms or 0) - (meant.end_ms or 0)) <= 10


@settings(max_examples=60, deadline=None)
@given(lines=lyrics())
def test_ultrastar_survives_within_one_beat(lines: list[TimedLine]) -> None:
    back = ultrastar.read(ultrastar.write(lines))
    assert [line.text for line in back] == [line.text for line in lines]
    for got, meant in zip(back, lines, strict=True):
        assert abs((got.start_ms or 0) - (meant.start_ms or 0)) <= ultrastar.BEAT_MS
        assert abs((got.end_ms or 0) - (meant.end_ms or 0)) <= ultrastar.BEAT_MS
        for heard, said in zip(got.words, meant.words, strict=True):
            assert heard.text == said.text
            assert abs(heard.start_ms - said.start_ms) <= ultrastar.BEAT_MS


@given(st.lists(st.sampled_from(KHMER), min_size=1, max_size=5), st.lists(st.integers(1, 12), max_size=6))
def test_no_mark_cuts_a_cluster(words: list[str], cuts: list[int]) -> None:
    """Word borders may come wrong from a recogniser; the text in the file is whole all the same."""
    text = "".join(words)
    borders = sorted({0, *(cut for cut in cuts if cut < len(text)), len(text)})
    pieces = [text[start:end] for start, end in pairwise(borders)]
    timed = tuple(Word(piece, number * 100, number * 100 + 100) for number, piece in enumerate(pieces))
    line = TimedLine(text, 0, 100 * len(pieces), timed)
    found = marks(line)
    assert "".join(piece for _, piece in found) == text
    starts = {cluster.start for cluster in clusters(text)}
    reached = 0
    for _, piece in found:
        if piece:
            assert reached in starts
            assert not unicodedata.category(piece[0]).startswith("M")
            reached += len(piece)


def test_words_that_are_not_in_the_text_lose_their_times_not_the_text() -> None:
    line = TimedLine("one two three", 0, 900, (Word("one", 0, 300), Word("zwei", 300, 600), Word("three", 600, 900)))
    assert marks(line) == [(0, "one two "), (600, "three"), (900, "")]
    assert line_from_marks(marks(TimedLine("only text", 5, 50))) == TimedLine(
        "only text", 5, 50, (Word("only text", 5, 50),)
    )


SONG = [
    TimedLine(
        "ខ្ញុំទៅរោងចក្រ",
        1000,
        3000,
        (Word("ខ្ញុំ", 1000, 1400), Word("ទៅ", 1500, 2000), Word("រោងចក្រ", 2000, 3000)),
    ),
    TimedLine("Hello & <goodbye> {x} C:\\new", 3500, 5000),
    TimedLine("never placed"),
]


def test_lrc_is_what_players_know() -> None:
    text = lrc.write(SONG, Credits("ចម្រៀង", "Messenger Band"), enhanced=True, translations=["I go", "", ""])
    assert text.splitlines()[:5] == [
        "[ti:ចម្រៀង]",
        "[ar:Messenger Band]",
        "[la:km]",
        "[offset:0]",
        "[00:01.00]<00:01.00>ខ្ញុំ<00:01.40><00:01.50>ទៅ<00:02.00>រោងចក្រ<00:03.00>",
    ]
    assert text.splitlines()[5] == "[00:01.00]I go"
    assert [line.text for line in lrc.read(text)] == ["ខ្ញុំទៅរោងចក្រ", "Hello & ‹goodbye› {x} C:\\new", "never placed"]


def test_lrc_from_others() -> None:
    text = (
        "[ar:X]\r\n[offset:+500]\r\n[00:10.50][01:10.5]Refrain\r\n[00:12]Line\r\n[00:12]Übersetzung\r\n[00:15.123]\r\n"
    )
    found = lrc.read(text)
    assert [(line.text, line.start_ms, line.end_ms) for line in found] == [
        ("Refrain", 10_000, 11_500),
        ("Line", 11_500, 14_623),
        ("Refrain", 70_000, 70_000),
    ]
    with pytest.raises(Unreadable, match="time stamps"):
        lrc.read("no stamps here\n")


def test_srt_from_others() -> None:
    text = "\ufeff1\n00:00:01,5 --> 00:00:02,000\n<i>First</i>\nrow\n\n2\n00:00:03.000 --> 00:00:04,000\n1984\n"
    assert srt.read(text) == srt.read(text.replace("\n", "\r\n"))
    assert srt.read(text) == [TimedLine("First row", 1500, 2000), TimedLine("1984", 3000, 4000)]
    with pytest.raises(Unreadable):
        srt.read("plain")


def test_webvtt_from_others() -> None:
    text = (
        "WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\nNOTE no cue\n\nintro\n00:01.000 --> 00:03.000 align:start\n"
        "<v Sokha>Hi &amp; <00:02.000><c.x>bye</c>\n\n01:00:00.000 --> 01:00:01.000\nlate\n"
    )
    assert webvtt.read(text) == [
        TimedLine("Hi & bye", 1000, 3000, (Word("Hi &", 1000, 2000), Word("bye", 2000, 3000))),
        TimedLine("late", 3_600_000, 3_601_000),
    ]
    with pytest.raises(Unreadable):
        webvtt.read("WEBVTTX\n")


def test_webvtt_inline_times_lie_strictly_inside_and_ascend() -> None:
    words = (Word("a", 0, 10), Word("b", 0, 10), Word("c", 10, 10), Word("d", 10, 10))
    text = webvtt.write([TimedLine("a b c d", 0, 10, words)])
    assert re.findall(r"<([\d:.]+)>", text) == []
    spoken = webvtt.write_transcript(
        [Utterance(0, 900, "a < b", (Word("a", 0, 300), Word("b", 600, 900)), speaker="S1")]
    )
    assert "<v S1>a &lt; <00:00:00.600>b" in spoken.replace("<00:00:00.300>", "")


def test_ass_from_others() -> None:
    text = (
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
        "MarginV, Effect, Text\nComment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,no\n"
        r"Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{\an8\k50}Ka{\k50}ra{\k30}{\kf50}oke\Nnow, yes"
        "\n"
    )
    [line] = ass.read(text)
    assert line.text == "Karaoke now, yes"
    assert [(word.text, word.start_ms, word.end_ms) for word in line.words] == [
        ("Ka", 1000, 1500),
        ("ra", 1500, 2000),
        ("oke now, yes", 2300, 2800),
    ]
    with pytest.raises(Unreadable):
        ass.read("nothing")


def test_ass_rounding_does_not_add_up() -> None:
    words = tuple(Word("ទៅ", 1004 + number * 333, 1004 + (number + 1) * 333) for number in range(30))
    line = TimedLine("ទៅ" * 30, words[0].start_ms, words[-1].end_ms, words)
    [back] = ass.read(ass.write([line]))
    assert max(abs(got.start_ms - meant.start_ms) for got, meant in zip(back.words, words, strict=True)) <= 5


def test_pysubs2_reads_our_subtitles(tmp_path: Path) -> None:
    for suffix, text in (("srt", srt.write(SONG)), ("vtt", webvtt.write(SONG)), ("ass", ass.write(SONG))):
        path = tmp_path / f"song.{suffix}"
        path.write_text(text, encoding="utf-8")
        read = pysubs2.load(str(path))
        assert [(event.start, event.end) for event in read] == [(1000, 3000), (3500, 5000)], suffix
        assert re.sub(r"<[\d:.]+>", "", read[0].plaintext) == SONG[0].text
    karaoke = pysubs2.load(str(tmp_path / "song.ass"))[0]
    assert karaoke.text == r"{\kf40}ខ្ញុំ{\k10}{\kf50}ទៅ{\kf100}រោងចក្រ"


def test_ultrastar_is_what_players_know() -> None:
    text = ultrastar.write(SONG, Credits("ចម្រៀង", "Messenger Band"), audio="v.mp3", instrumental="i.mp3")
    assert "#GAP:1000\n" in text
    assert "#INSTRUMENTAL:i.mp3\n" in text
    assert "\nF 0 11 0 ខ្ញុំ\nF 13 14 0 ទៅ\nF 27 26 0 រោងចក្រ\n- 53\n" in text
    assert text.endswith("\nE\n")
    other = "#TITLE:x\n#BPM:300,0\n#GAP:500\n: 0 4 60 Hel\n: 4 4 62 lo \n* 10 2 1 world\n- 20\n: 24 2 1 ~yes\nE\n"
    first, second = ultrastar.read(other)
    assert (first.text, first.start_ms, first.end_ms) == ("Hello world", 500, 1500)
    assert (second.text, second.start_ms) == ("yes", 1700)
    for bad in ("#TITLE:x\nE\n", "#BPM:0\n", "#BPM:300\nE\n"):
        with pytest.raises(Unreadable):
            ultrastar.read(bad)


def test_ttml_is_xml_and_takes_no_entities() -> None:
    root = Tree.fromstring(ttml.write(SONG, Credits("T & T")))
    assert root.tag == "{http://www.w3.org/ns/ttml}tt"
    bomb = (
        '<!DOCTYPE tt [<!ENTITY a "x">]><tt xmlns="http://www.w3.org/ns/ttml"><body><p begin="1s">&a;</p></body></tt>'
    )
    for bad in (bomb, "<html/>", "no xml", "<tt>"):
        with pytest.raises(Unreadable):
            ttml.read(bad)
    other = (
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1.5s" end="00:03">Hi <br/>you</p></div></body></tt>'
    )
    assert ttml.read(other.replace("00:03", "00:00:03")) == [TimedLine("Hi you", 1500, 3000)]


@pytest.mark.parametrize("version", [3, 4])
def test_khmer_lyrics_survive_inside_an_mp3(tmp_path: Path, sounds: dict[str, Path], version: int) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(sounds["mp3"].read_bytes())
    tags = ID3()
    tags.add(sylt.timed_frame(SONG, description="lyrics"))
    tags.add(sylt.plain_frame(SONG))
    tags.save(path, v2_version=version)
    back = ID3(path)
    [frame] = back.getall("SYLT")
    assert (frame.lang, frame.format, frame.type) == ("khm", 2, 1)
    assert [line.text for line in sylt.read(frame)] == [SONG[0].text, SONG[1].text]
    assert back.getall("USLT")[0].text.split("\n") == [line.text for line in SONG]
