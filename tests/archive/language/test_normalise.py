"""Text that looks the same is the same, and the way back leads to what was written."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.language.clusters import clusters
from archive.language.normalise import normalise, tidy

KHMER = st.text(
    st.sampled_from(
        [*map(chr, range(0x1780, 0x17DE)), *map(chr, range(0x17E0, 0x17EA)), *"\u200b\u200c\u200d\ufeff ។aÉ'’"]
        + ["\u17d2"] * 20
        + ["\u17b6", "\u17c1", "\u17b8", "\u17bb", "\u17c6"] * 4
    ),
    max_size=30,
)
ANY = st.one_of(KHMER, st.text(max_size=30))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("កុ្រម", "ក្រុម"),  # vowel before the subscript
        ("ស្រ្តី", "ស្ត្រី"),  # subscript ro before another
        ("ស្ដ្រី", "ស្ត្រី"),  # subscript da for ta
        ("បេីក", "បើក"),  # split vowel oe
        ("កេាះ", "កោះ"),  # split vowel oo
        ("ខ្ញុំុ", "ខ្ញុំ"),  # a mark pressed twice
        ("ភ្នំ\u200bពេញ", "ភ្នំពេញ"),
        ("ក\u200cម្ម\u200dករ\ufeff", "កម្មករ"),
        ("ក្\u200bរុម", "ក្រុម"),  # an invisible between coeng and its consonant
        ("សុី", "ស៊ី"),  # u where the register shifter only looks like one
        ("ញុាំ", "ញ៉ាំ"),
        ("ស៊ើុប", "ស៊ើប"),
        ("វុ័", "វ៉័"),
        ("វុ័ន", "វ៉័ន"),
        ("ឣា", "អា"),
        ("ឤ", "អា"),
        ("ឲ្យ", "ឱ្យ"),
        ("ឆ្នាំ២០១៣", "ឆ្នាំ2013"),
        ("២០០\u17f5", "2005"),
        ("DON’T", "don't"),
        ("Cafe\u0301", "café"),
        ("ＡＢＣ", "abc"),
        ("a\u00a0b\tc", "a b c"),
    ],
)
def test_one_form(typed: str, meant: str) -> None:
    assert normalise(typed).text == normalise(meant).text


def test_words_that_differ_by_a_sign_stay_different() -> None:
    signs = ["", "ា", "ិ", "ី", "ឹ", "ឺ", "ុ", "ូ", "ួ", "ើ", "ឿ", "ៀ", "េ", "ែ", "ៃ", "ោ", "ៅ", "ុំ", "ំ", "ាំ", "ះ", "់"]
    spellings = ["ក" + sign for sign in signs]
    assert len({normalise(word).text for word in spellings}) == len(spellings)
    assert normalise("ដី").text != normalise("តី").text


@pytest.mark.parametrize("word", ["ខ្ញុំ", "ស្ត្រី", "ម៉្លេះ", "ធម៌", "សង្គ្រាម", "ភាព័ន្ធ", "ឧត្តម", "ប៊្រុយណេ", "កាំភ្លើង", "វិទ្យាល័យ"])
def test_tidy_keeps_what_is_right(word: str) -> None:
    assert normalise(tidy(word)).text == normalise(word).text
    assert sorted(tidy(word)) == sorted(word)


def test_tidy_orders_and_keeps_the_writer_s_own() -> None:
    assert tidy("កុ្រម") == "ក្រុម"
    assert tidy("ស្រ្តី") == "ស្ត្រី"
    assert tidy("Don’t ២០១៣ ស្ដី ឲ្យ") == "Don’t ២០១៣ ស្ដី ឲ្យ"
    assert tidy("កម្មករ\u200bរោងចក្រ") == "កម្មករ\u200bរោងចក្រ"
    assert tidy("ណាាា") == "ណាាា"
    assert tidy("e\u0301") == "é"


def test_the_way_back_takes_whole_clusters_and_what_hides_inside() -> None:
    text = "ដី\u200bធ្\u200bលី ២០១៣"
    folded = normalise(text)
    start = folded.text.index("ធ្លី")
    a, b = folded.original_span(start, start + 4)
    assert text[a:b] == "ធ្\u200bលី"
    start = folded.text.index("2013")
    assert text[slice(*folded.original_span(start, start + 4))] == "២០១៣"
    assert folded.normalised_span(a, b) == (2, 6)


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="not a stretch"):
        normalise("ដី").original_span(0, 9)
    assert normalise("").original_span(0, 0) == (0, 0)


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(ANY)
@example("ឤើេ")
def test_tidying_twice_is_tidying_once_and_hides_nothing(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert normalise(once).text == normalise(text).text


@given(ANY)
def test_every_folded_character_has_its_place(text: str) -> None:
    folded = normalise(text)
    before = 0
    for i in range(len(folded.text)):
        start, end = folded.original_span(i, i + 1)
        assert 0 <= before <= start < end <= len(text)
        before = start
    assert folded.original_span(0, len(folded.text))[1] <= len(text)


@given(KHMER)
def test_a_cluster_folds_the_same_alone_as_in_its_text(text: str) -> None:
    assert "".join(normalise(cluster.text).text for cluster in clusters(text)) == normalise(text).text


@given(st.text())
def test_clusters_give_the_text_back(text: str) -> None:
    found = clusters(text)
    assert "".join(cluster.text for cluster in found) == text
    assert all(text[a:b] == piece and a < b for piece, a, b in found)


def test_clusters_are_what_a_reader_sees_as_one() -> None:
    assert [cluster.text for cluster in clusters("ស្ត្រីខ្ញុំé។")] == ["ស្ត្រី", "ខ្ញុំ", "é", "។"]
