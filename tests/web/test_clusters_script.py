"""The browser cuts texts and shares out time as the archive does: the player and the studio show one figure."""

from __future__ import annotations

import json
import subprocess

import pytest

from archive.language.clusters import clusters
from archive.language.spoken_time import shared_out
from archive.language.words import words
from archive.songs.line_words import TimedPiece
from archive.songs.line_words import shared_out as pieces_shared_out
from archive.songs.sung_words import cut, with_times
from ingest.samples.collection import Collection
from tests.web.test_player_scripts import HERE, node

SCRIPT = HERE.parents[1] / "web" / "static" / "js" / "site" / "clusters.js"
DEBT = "ខ្ញុំជំពាក់ប្រាក់"
ODD = [
    DEBT,
    "ដើរ\u200bទៅ ផ្សារ។",
    "ឆ្នាំ១៩៩៨ 300$",
    "ស្ត្រី\u17d2\u17d2ក",
    "\u17b6កខ",
    "ផ្សេងៗ",
    "Cafe\u0301 ក្រហម",
    "។ ៖",
    "e\u0301\u0302 កា\u200cរ",
    "\U0001f3b5 ចម្រៀង",
]


def in_the_browser(lines: list[list[str]], start_ms: int, end_ms: int) -> tuple[list[list[str]], list[list[list[int]]]]:
    """The clusters of each line, and the spans of its pieces, by the browser's code."""
    script = (
        f"import {{ clusters, sharedOut }} from {json.dumps(SCRIPT.as_uri())};"
        "const told = []; for await (const part of process.stdin) told.push(part);"
        "const { lines, start, end } = JSON.parse(Buffer.concat(told).toString());"
        "console.log(JSON.stringify([lines.map((one) => clusters(one.join(''))),"
        "lines.map((one) => sharedOut(one, start, end))]));"
    )
    asked = json.dumps({"lines": lines, "start": start_ms, "end": end_ms})
    ran = subprocess.run(
        [*node(), "--input-type=module", "-e", script], input=asked, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    cut_up, spans = json.loads(ran.stdout)
    return cut_up, spans


def test_both_cut_and_share_alike_on_every_line_of_the_samples(sample_collection: Collection) -> None:
    said = [segment.text for told in sample_collection.testimonies for segment in told.segments]
    sung = [line.km for song in sample_collection.songs for line in song.lines]
    lines = [[piece.text for piece in words(text)] for text in (*ODD, *sung, *said)]
    assert len(lines) > 100
    cut_up, spans = in_the_browser(lines, 1_003, 11_010)
    for line, seen, timed in zip(lines, cut_up, spans, strict=True):
        assert seen == [cluster.text for cluster in clusters("".join(line))]
        assert timed == [list(span) for span in shared_out(line, 1_003, 11_010)], line


def test_the_player_and_the_studio_end_a_word_at_one_moment() -> None:
    line = [piece.text for piece in words(DEBT)]
    browser = in_the_browser([line], 0, 10_000)[1][0]
    player = [[word.start_ms, word.end_ms] for word in with_times(cut(line, DEBT), [], 0, 10_000)]
    studio = pieces_shared_out(DEBT, [len(piece) for piece in line], 0, 10_000)
    assert browser == player == [[0, 1666], [1666, 6666], [6666, 10_000]]
    assert studio == [TimedPiece(len(piece), *span) for piece, span in zip(line, player, strict=True)]


@pytest.mark.parametrize(("line", "spans"), [(["ដី", "។"], [(0, 900), (900, 900)]), (["។", "ដី"], [(0, 0), (0, 900)])])
def test_a_mark_takes_no_time(line: list[str], spans: list[tuple[int, int]]) -> None:
    assert shared_out(line, 0, 900) == spans
