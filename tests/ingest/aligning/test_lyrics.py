"""Lyric sheets become the lines and words that are sung."""

from __future__ import annotations

import pytest

from ingest.aligning.lyrics import PHRASE_TOKENS, is_heading, phrases, read_lyrics, words_of


def letters(text: str) -> list[int]:
    """A stand-in for a tokenizer: one token per code point."""
    return [ord(letter) for letter in text]


def test_empty_lines_and_headings_are_not_sung() -> None:
    sheet = "\ufeff[Verse 1]\nwe sew the sleeves\r\n\n  by  night \n\n[Chorus]\nthe wage is small\n(បន្ទរ)\nIntro\n"
    assert read_lyrics(sheet) == ["we sew the sleeves", "by night", "the wage is small"]


@pytest.mark.parametrize("line", ["[Chorus]", "[anything at all]", "Verse 2:", "(Bridge)", "refrain", "បន្ទរ៖"])
def test_headings(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize("line", ["(oh oh oh)", "verse by verse we sing", "hook me up", "la la [la]", "ចម្រៀង"])
def test_sung_lines_are_no_headings(line: str) -> None:
    assert not is_heading(line)


def test_spaces_part_words() -> None:
    assert words_of("don't stop, no") == ["don't", "stop,", "no"]


def test_khmer_is_cut_into_words_and_keeps_every_sign() -> None:
    line = "កម្មករកាត់ដេរទៅធ្វើការ។ night ផ្សេងៗ"
    found = words_of(line)
    assert "".join(found) == line.replace(" ", "")
    assert len(found) >= 5
    assert "night" in found
    assert not {"។", "ៗ"} & set(found)


def test_only_a_word_after_a_space_is_read_with_one() -> None:
    line = "ទៅធ្វើការ now"
    (phrase,) = phrases([line], letters)
    assert "".join(chr(token) for token in phrase.tokens) == f" {line}"


def test_every_line_is_a_phrase_and_knows_its_line() -> None:
    made = phrases(["one two", "three"], letters)
    assert [(phrase.line, [word.text for word in phrase.words]) for phrase in made] == [
        (0, ["one", "two"]),
        (1, ["three"]),
    ]


def test_long_line_is_heard_in_even_parts() -> None:
    text = " ".join(f"word{n:03d}" for n in range(100))
    made = phrases([text], letters)
    sizes = [len(phrase.tokens) for phrase in made]
    assert max(sizes) <= PHRASE_TOKENS + 8
    assert min(sizes) > PHRASE_TOKENS / 2
    assert [word.text for phrase in made for word in phrase.words] == text.split()
