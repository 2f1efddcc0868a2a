"""Songs on paper: a song of twenty lines in three languages on one page, and every line with its translation."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from media import lyric_paper
from media.lyric_paper import PaperLine, PaperSong, lyric_sheet, song_book

LINE = PaperLine(
    "ម៉ែនៅស្រុកស្រែចាំលុយខ្ញុំផ្ញើ",
    "mae nov srok srae cham luy khnhom phnhae",
    "Mother, in the village, waits for the money I send",
)
TWENTY = tuple(replace(LINE, begins="ខ១ · Verse 1" if at % 4 == 0 else "") for at in range(20))
SONG = PaperSong("កុំកាត់ទោសខ្ញុំ", "Do not condemn me", TWENTY, ("Words: Messenger Band",), "https://archive.example/song/a")


def pages(made: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", made))


def test_twenty_lines_in_three_languages_stand_on_one_page() -> None:
    made = lyric_sheet(SONG)
    assert pages(made) == 1
    assert made == lyric_sheet(SONG)
    assert pages(lyric_sheet(SONG, large=True)) > 1


def test_a_line_is_never_parted_from_its_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[tuple[int, str]] = []
    paper = lyric_paper._SongPaper
    real = paper.put
    monkeypatch.setattr(
        lyric_paper._SongPaper,
        "put",
        lambda self, text, *more: put.append((self.page, text)) or real(self, text, *more),
    )
    long = replace(SONG, lines=tuple(replace(LINE, romanised=f"sung {at}", english=f"said {at}") for at in range(90)))
    made = lyric_sheet(long)
    assert pages(made) > 1
    places = {text: page for page, text in put}
    assert [at for at in range(90) if places[f"sung {at}"] != places[f"said {at}"]] == []


def test_a_book_has_its_contents_and_a_page_for_each_song() -> None:
    made = song_book("Evening", ("10 December", ""), [SONG] * 40, "Songs")
    assert pages(made) == 2 + 40
