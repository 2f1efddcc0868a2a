"""How lines are counted, read and rhymed, against what a person hears."""

import pytest
from hypothesis import example, given

from archive.language import syllables
from archive.language.romanise import rhyme_key, romanise, romanise_words, spoken
from archive.language.syllables import by_word, count, numeral
from tests.archive.language.khmer_lines import hand_counted
from tests.archive.language.test_normalise import ANY


def test_of_the_hand_counted_lines_ninety_five_in_a_hundred_are_right() -> None:
    lines = hand_counted()
    wrong = [(line, len(said), count(line)) for line, said in lines if count(line) != len(said)]
    assert len(lines) >= 100
    assert len(wrong) <= len(lines) * 0.05, wrong


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("កម្មករ", "kâm-ma-kâr"),
        ("មនុស្ស", "mô-nus"),
        ("សម្ដែង", "sâm-daeng"),
        ("ខ្ញុំ", "khnhom"),  # one cluster, one syllable
        ("ចាប់", "chap"),  # bantoc closes
        ("គាត់", "koat"),  # and shortens
        ("របស់", "rô-bâs"),  # the letter before a bantoc begins its syllable
        ("សប្ដាហ៍", "sâp-da"),  # silenced letter
        ("ប្រយោជន៍", "prâ-yaoch"),
        ("ធម៌", "thôr"),  # robat
        ("ជាតិ", "cheat"),  # written i, not said
        ("ភូមិ", "phum"),
        ("ហេតុ", "het"),
        ("អាយុ", "a-yu"),  # written u, said
        ("កម្លាំង", "kâm-lang"),  # am before ng is one vowel
        ("បណ្ដេញ", "bân-denh"),
        ("ដណ្ដើម", "dân-daeum"),
        ("តម្លៃ", "dâm-lai"),
        ("សហជីព", "sâ-ha-chip"),  # ha never closes
        ("សង្គម", "sâng-kôm"),
        ("រោងចក្រ", "rong-châk"),
        ("ក្ដីសង្ឃឹម", "kdei-sâng-kheum"),
        ("សុខភាព", "sok-kha-pheap"),  # linking vowel
        ("ឪពុក", "ov-puk"),  # independent vowel
        ("ផ្លូវ", "phlov"),
        ("ភ័យ", "phey"),
        ("ម្ដាយ", "mdai"),
    ],
)
def test_words_are_read_as_they_are_said(word: str, said: str) -> None:
    assert "-".join(spoken(word)) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("វែងៗ", 2),
        ("មនុស្សៗ", 4),
        ("៧", 2),
        ("១៥០០", 4),  # muoy poan pram roy
        ("៦០ ដុល្លារ", 4),
        ("១.៥០០ រៀល", 5),  # a full stop between thousands
        ("០១២", 3),  # sun muoy pi, digit by digit
        ("", 0),
        ("។ !", 0),
        ("My mother worked in the factory", 9),
        ("She owes two hundred dollars", 7),
        ("117 days", 7),
        ("HIV", 3),
        ("people wanted houses", 6),
        ("កម្មករ union", 5),
    ],
)
def test_lines_are_counted_as_they_are_sung(text: str, expected: int) -> None:
    assert count(text) == expected


def test_each_word_has_its_own_count() -> None:
    assert [(span.text, n) for span, n in by_word("ម៉ោងវែងៗ")] == [("ម៉ោង", 1), ("វែង", 1), ("ៗ", 1)]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "សូន្យ"),
        (17, "ដប់ ប្រាំពីរ"),
        (20, "ម្ភៃ"),
        (2013, "ពីរ ពាន់ ដប់ បី"),
        (500_000, "ប្រាំ សែន"),
        (61_000_000, "ហុកសិប មួយ លាន"),
    ],
)
def test_numbers_are_said_in_khmer(number: int, words: str) -> None:
    assert numeral(number) == words.split()


def test_a_line_in_latin_letters() -> None:
    assert romanise("ខ្ញុំជាកម្មករ។ ឆ្នាំ 2013 ML") == "khnhom chea kâmmakâr chhnam 2013 ML"
    assert romanise("យូរៗ") == "yur yur"
    assert [span.text for span, _ in romanise_words("ខ្ញុំជាកម្មករ")] == ["ខ្ញុំ", "ជា", "កម្មករ"]


def test_the_reading_does_not_depend_on_how_it_was_typed() -> None:
    assert spoken("កុ្រម") == spoken("ក្រុម") == ("krom",)
    assert spoken("ក្\u200bរុម") == ("krom",)


@pytest.mark.parametrize(("one", "other"), [("មាន", "ប្រាក់"), ("ដី", "ដៃ"), ("លុយ", "លក់"), ("debt", "land")])
def test_words_that_do_not_rhyme(one: str, other: str) -> None:
    assert rhyme_key(one) != rhyme_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("មាន", "គ្មាន"),
        ("ដី", "ស្រី"),
        ("គ្រួសារ", "ពិចារណា"),
        ("ករ", "ល្អ"),
        ("អស់", "របស់"),
        ("គាត់", "បាត់ដំបងគាត់"),
        ("late", "fate"),
    ],
)
def test_words_that_rhyme(one: str, other: str) -> None:
    assert rhyme_key(one) == rhyme_key(other) is not None


def test_nothing_to_hear_has_no_rhyme() -> None:
    assert rhyme_key("។") is None
    assert rhyme_key("") is None
    assert rhyme_key("២០") is None


@given(ANY)
@example("²¼")
@example("²A")
@example("\u0968\u0966")
def test_any_text_can_be_counted_read_and_rhymed(text: str) -> None:
    assert syllables.count(text) >= 0
    assert isinstance(romanise(text), str)
    rhyme_key(text)
