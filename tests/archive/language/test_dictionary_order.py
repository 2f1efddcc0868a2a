"""Khmer lists stand as a dictionary has them: consonant, then vowel, then what is joined below."""

from __future__ import annotations

import random

import pytest

from archive.language.dictionary_order import kept_key, sort_key

ORDERED = [  # as the dictionary of Chuon Nath has its entries
    "ក កក កាត់ កិន កី កុក កូន កួច កើត កៀន កេរ កែង កៃ កោង កុំ កំ កាំ កះ ក្រ",
    "ក ខ គ ឃ ង ច ឆ ជ ឈ ញ ដ ឋ ឌ ឍ ណ ត ថ ទ ធ ន ប ផ ព ភ",
    "ព ភ ម យ រ ឫស ល ឮ វ ស ហ ឡ អ ឥត ឧទាន ឯង ឱប",
    "សម សាលា សិន ស៊ី សុខ សួន សំ ស្ករ ស្រី ស្រុក",
    "កណ្ដាល កំពង់ចាម កំពង់ឆ្នាំង កំពង់ធំ កំពត",
    "10 2 apple Zebra កក",
]


@pytest.mark.parametrize("words", ORDERED)
def test_words_stand_as_in_a_dictionary(words: str) -> None:
    mixed = words.split()
    random.Random(7).shuffle(mixed)
    assert sorted(mixed, key=sort_key) == words.split()


def test_a_colouring_sign_decides_only_between_equals() -> None:
    assert sort_key("ប៉ាន")[0] == sort_key("បាន")[0]
    assert sort_key("ប៉ាន") != sort_key("បាន")
    assert sorted(["ប៉ាយ", "បាន"], key=sort_key) == ["បាន", "ប៉ាយ"]


@pytest.mark.parametrize("words", ORDERED)
def test_what_a_database_sorts_by_gives_the_same_order(words: str) -> None:
    every = [*words.split(), *(f"{one} {other}" for one in words.split()[:6] for other in words.split()[:6]), ""]
    assert sorted(every, key=lambda one: kept_key(one).encode()) == sorted(every, key=sort_key)
