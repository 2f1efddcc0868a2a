"""Khmer typed for Limon and ABC comes out as what was meant, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from archive.language import legacy_fonts
from archive.language.legacy_fonts import FAMILIES, FontFamily
from archive.language.normalise import normalise
from ingest.samples.loading import load_collection
from tests.archive.language.old_fonts import typed_for

PUBLISHED = {  # as older documents have them
    "éf¶ExqñaMkMeNIt": "ថ្ងៃខែឆ្នាំកំណើត",
    "GñkCMnYy": "អ្នកជំនួយ",
    "eRKÓgbrikçar": "គ្រឿងបរិក្ខារ",
    "RsIexµr": "ស្រីខ្មែរ".replace("ែ", "េ"),
    "bBaØa": "បញ្ញា",
    "sIu": "ស៊ី",
    "´": "ខ្ញុំ",
}
SPOKEN = [segment.text for testimony in load_collection().testimonies for segment in testimony.segments if segment.text]
KHMER = [
    text.replace("\u17b2", "\u17b1")  # two shapes of one letter
    for text in SPOKEN
    if any("\u1780" <= letter <= "\u17ff" for letter in text)
]


@pytest.mark.parametrize("typed", PUBLISHED)
def test_words_of_old_documents_are_read(typed: str) -> None:
    assert legacy_fonts.converted(typed, "limon") == PUBLISHED[typed]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_khmer_sentence_of_the_sample_comes_back(family: FontFamily) -> None:
    assert len(KHMER) > 20
    for text in KHMER:
        plain = "".join(letter for letter in text if letter not in '«»“”‘’"!?()[]-–—%,:;.')
        back = legacy_fonts.converted(typed_for(family, plain), family)
        assert normalise(back).text == normalise(plain).text


@pytest.mark.parametrize("family", FAMILIES)
def test_a_transcript_is_known_for_what_it_is(family: FontFamily) -> None:
    for at in range(0, len(KHMER) - 6, 6):
        assert legacy_fonts.recognised("\n".join(typed_for(family, one) for one in KHMER[at : at + 6])) == family


def test_other_languages_are_not_taken_for_an_old_font() -> None:
    others = [text for text in SPOKEN if text.isascii()]
    others += [
        "Nous sommes partis avant la récolte, et ils ont pris la terre; personne ne nous a demandé.",
        "Chúng tôi rời làng trước mùa gặt, không ai hỏi chúng tôi điều gì cả.",
        "ALL CAPITALS ARE WRITTEN BY SOME TRANSCRIBERS, AND SO ARE NAMES LIKE McDonald",
        *KHMER[:5],
    ]
    for text in others:
        assert legacy_fonts.recognised(text) is None, text
        assert not legacy_fonts.suspected(text), text


def test_fonts_are_known_by_their_names() -> None:
    assert [legacy_fonts.family_of(name) for name in ("Limon S1", "LimonR1", "ABC-TEXT-05", "Khmer OS", "Arial")] == [
        "limon",
        "limon",
        "abc",
        None,
        None,
    ]
