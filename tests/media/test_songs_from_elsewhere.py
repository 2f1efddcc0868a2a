"""A table of timed lyrics as other programs write them: each file, and the lines that come out of it."""

from __future__ import annotations

import pytest

from media.timed import lrc, song_files
from tests.archive.language.old_fonts import typed_for

ASS = (
    "[Script Info]\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)  # fmt: skip
TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:m="http://www.w3.org/ns/ttml#metadata" '
    'xmlns:p="http://www.w3.org/ns/ttml#parameter" p:frameRate="25" p:tickRate="1000"><body><div>%s</div></body></tt>'
)
OLD = "ខ្ញុំមកពីវាល យើងធ្វើការនៅរោងចក្រ ប្រាក់ខែតិចណាស់ ហើយយើងត្រូវធ្វើការថែមម៉ោងរាល់ថ្ងៃ"

Line = tuple[str, int | None, int | None, list[tuple[str, int]]]

TABLE: dict[str, tuple[str, str | bytes, list[Line]]] = {
    "lrc: a stamp before each word, in square brackets": (
        "a.lrc",
        "[00:01.00]We [00:01.50]left[00:02.00]\n[00:03.00]Why\n[00:04.00]\n",
        [("We left", 1000, 2000, [("We", 1000), ("left", 1500)]), ("Why", 3000, 4000, [])],
    ),
    "lrc: a stamp before each letter": (
        "a.lrc",
        "[00:01.00]ខ្ញុំ[00:01.50]ទៅ[00:02.00]\n",
        [("ខ្ញុំទៅ", 1000, 2000, [("ខ្ញុំ", 1000), ("ទៅ", 1500)])],
    ),
    "lrc: a line that comes back brings its words along": (
        "a.lrc",
        "[00:10.00][01:10.00]<00:10.00>We <00:10.50>left<00:11.00>\n[02:00.00]\n",
        [
            ("We left", 10_000, 11_000, [("We", 10_000), ("left", 10_500)]),
            ("We left", 70_000, 71_000, [("We", 70_000), ("left", 70_500)]),
        ],
    ),
    "lrc: a backing voice": (
        "a.lrc",
        "[00:01.00]v1: <00:01.00>We <00:01.50>left<00:02.00>\n[bg: <00:01.60>oh<00:01.90>]\n[00:03.00]\n",
        [("We left", 1000, 2000, [("We", 1000), ("left", 1500)]), ("oh", 1600, 1900, [("oh", 1600)])],
    ),
    "lrc: a length is no line": ("a.lrc", "[length: 03:21]\n[00:01.00]We\n[00:02.00]\n", [("We", 1000, 2000, [])]),
    "lrc: an offset": ("a.lrc", "[offset:-500]\n[00:01.00]We\n[00:02.00]\n", [("We", 1500, 2500, [])]),
    "lrc: UTF-16": ("a.lrc", "[00:01.00]យើង\n[00:02.00]\n".encode("utf-16"), [("យើង", 1000, 2000, [])]),
    "lrc: Windows-1252": ("a.lrc", "[00:01.00]Là\n[00:02.00]\n".encode("cp1252"), [("Là", 1000, 2000, [])]),
    "lrc: Limon": (
        "a.lrc",
        b"[00:01.00]" + typed_for("limon", OLD).encode("cp1252") + b"\n[00:09.00]\n",
        [(OLD, 1000, 9000, [])],
    ),
    "ass: karaoke with templates and effect rows is one line": (
        "a.ass",
        ASS
        + "Comment: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,template syl,{\\pos(0,0)}\n"
        + "Comment: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,karaoke,{\\k50}We {\\k50}left\n"
        + "Dialogue: 0,0:00:00.80,0:00:01.50,Default,,0,0,0,fx,{\\fad(1,1)}We\n"
        + "Dialogue: 0,0:00:00.80,0:00:02.00,Default,,0,0,0,fx,{\\fad(1,1)}left\n",
        [("We left", 1000, 3000, [("We", 1000), ("left", 1500)])],
    ),
    "ass: a translation in a style of its own": (
        "a.ass",
        ASS
        + "Dialogue: 0,0:00:01.00,0:00:03.00,English,,0,0,0,,We left\n"
        + "Dialogue: 0,0:00:01.00,0:00:03.00,Khmer,,0,0,0,,{\\k100}យើងចេញ\n",
        [("យើងចេញ", 1000, 3000, [("យើងចេញ", 1000)])],
    ),
    "ttml: spans, backing voice, translation": (
        "a.ttml",
        TTML % '<p begin="1s" end="3s"><span begin="1s" end="1.5s">We </span><span begin="1.5s" end="2s">left</span>'
        '<span m:role="x-bg"><span begin="2.000" end="2.500">oh</span></span>'
        '<span m:role="x-translation" xml:lang="fr">Partis</span></p>',
        [("We left", 1000, 3000, [("We", 1000), ("left", 1500)]), ("oh", 2000, 2500, [("oh", 2000)])],
    ),
    "ttml: frames, ticks and lengths": (
        "song.xml",
        TTML % '<p begin="00:00:01:05" dur="50f">We</p><p begin="4000t" end="5000t">left</p>',
        [("We", 1200, 3200, []), ("left", 4000, 5000, [])],
    ),
    "lrc: commas": ("a.lrc", "[00:01,50]We\n[00:02,5]\n", [("We", 1500, 2500, [])]),
    "ssa: columns of its own, a drawing inside a line, times of one and three digits": (
        "a.ssa",
        "[Script Info]\n[Events]\nFormat: Marked, Start, End, Style, Text\n"
        "Dialogue: Marked=0,0:00:01.5,0:00:03.250,Default,"
        "{\\K50}We {\\ko50}left,\\N{\\p1}m 0 0 l 9 9{\\p0}{a remark}why\n"
        "Dialogue: Marked=0,0:00:01.5,0:00:03.251,Default,{\\p1}m 0 0 l 9 9\n",
        [("We left, why", 1500, 3250, [("We", 1500), ("left,", 2000), ("why", 2000)])],
    ),
    "ttml: of 2006, seconds without a letter": (
        "a.dfxp",
        '<tt xmlns="http://www.w3.org/2006/10/ttaf1"><body><div><p begin="1" end="2.5">We</p></div></body></tt>',
        [("We", 1000, 2500, [])],
    ),
    "UltraStar: both singers of a duet": (
        "a.txt",
        "#TITLE:x\n#BPM:300\n#GAP:0\nP1\n: 0 20 1 We\n- 30\n: 60 20 1 both\n"
        "P2\n: 30 20 1 Oh\n- 50\n: 60 20 1 both\nE\n",
        [("We", 0, 1500, [("We", 0)]), ("Oh", 1500, 2500, [("Oh", 1500)]), ("both", 3000, 4000, [("both", 3000)])],
    ),
    "UltraStar: Windows-1252": (
        "a.txt",
        "#TITLE:Là\n#BPM:300\n#GAP:0\n: 0 20 1 Là\nE\n".encode("cp1252"),
        [("Là", 0, 1000, [("Là", 0)])],
    ),
    "UltraStar: the encoding it names": (
        "a.txt",
        "#ENCODING:CP1250\n#TITLE:x\n#BPM:300\n#GAP:0\n: 0 20 1 Dvořák\nE\n".encode("cp1250"),
        [("Dvořák", 0, 1000, [("Dvořák", 0)])],
    ),
    "srt: an end before its start lasts until the next": (
        "a.srt",
        "1\n00:00:03,000 --> 00:00:01,000\nWe\n\n2\n00:00:03,500 --> 00:00:04,000\nleft\n",
        [("We", 3000, 3500, []), ("left", 3500, 4000, [])],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_each_song_gives_its_lines(name: str) -> None:
    file, data, lines = TABLE[name]
    found = song_files.plainly(data if isinstance(data, bytes) else data.encode(), file)
    assert "wrong" not in found, found
    got = [(text, start, end, [(word, at) for word, at, _ in words]) for text, start, end, words in found["lines"]]
    assert got == lines


def test_an_offset_is_taken_either_way() -> None:
    text = "[offset:+500]\n[00:01.00]We\n"
    assert [lrc.read(text)[0].start_ms, lrc.read(text, sooner=False)[0].start_ms] == [500, 1500]
    assert song_files.plainly(text.encode(), "a.lrc")["offset"] == 500
