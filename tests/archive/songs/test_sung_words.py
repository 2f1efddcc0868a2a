"""Words of a lyric take their times from an arrangement whose words may be cut otherwise."""

from __future__ import annotations

from archive.songs.sung_words import SungWord, cut, with_times
from archive.timing import Word


def test_stored_words_keep_their_spaces_and_give_the_line_back() -> None:
    words = cut(["អំបោះ", "មួយ", " ", "ខ្សែ"], "អំបោះមួយ ខ្សែ")
    assert [(w.text, w.space) for w in words] == [("អំបោះ", False), ("មួយ", True), ("ខ្សែ", False)]
    assert "".join(w.text + " " * w.space for w in words) == "អំបោះមួយ ខ្សែ"


def test_a_line_without_stored_words_is_cut_at_its_spaces() -> None:
    assert [w.text for w in cut([], "maong pram preuk")] == ["maong", "pram", "preuk"]


def test_a_zero_width_space_is_no_word_and_is_not_shown() -> None:
    assert [w.text for w in cut(["ដេរ\u200b", "អាវ"], "")] == ["ដេរ", "អាវ"]


def test_times_follow_the_words_where_both_are_cut_alike() -> None:
    words = cut(["ដេរ", "អាវ"], "")
    timed = with_times(words, [Word("ដេរ", 0, 400), Word("អាវ", 500, 900)], 0, 1000)
    assert [(w.start_ms, w.end_ms) for w in timed] == [(0, 400), (500, 900)]


def test_a_corrected_cut_keeps_the_time_of_its_letters() -> None:
    merged = with_times(cut(["ដេរអាវ"], ""), [Word("ដេរ", 0, 300), Word("អាវ", 600, 900)], 0, 1000)
    assert [(w.start_ms, w.end_ms) for w in merged] == [(0, 900)]
    split = with_times(cut(["ដេរ", "អាវ"], ""), [Word("ដេរអាវ", 0, 600)], 0, 1000)
    assert [(w.start_ms, w.end_ms) for w in split] == [(0, 300), (300, 600)]


def test_other_letters_share_the_line_s_time_by_length() -> None:
    shared = with_times(cut(["កខ", "គឃងច"], ""), [Word("ដទៃ", 0, 10)], 1000, 1600)
    assert [(w.start_ms, w.end_ms) for w in shared] == [(1000, 1200), (1200, 1600)]


def test_a_line_that_could_not_be_placed_has_no_times() -> None:
    assert with_times(cut(["ដី"], ""), [], None, None) == (SungWord("ដី"),)
