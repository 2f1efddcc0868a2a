"""Themes are found by how people speak of them, and what is denied or only asked counts for less."""

from __future__ import annotations

import pytest

from archive.catalogue import cues, theme_cues, thesaurus
from archive.catalogue.cues import CueError
from archive.catalogue.spoken_units import sentences
from archive.catalogue.theme_finder import SaidCue, SaidName, ThemeFinder, Themes
from tests.bench import tags


@pytest.fixture(scope="module")
def finder() -> ThemeFinder:
    return ThemeFinder(theme_cues.shipped_themes())


def found(finder: ThemeFinder, text: str) -> dict[str, str]:
    return {one.term_id: one.matched for one in finder.find(text)}


@pytest.mark.parametrize(
    ("text", "term", "matched"),
    [
        ("We owed the bank four thousand dollars and could not pay it back", "debt", "owed"),
        ("The company cut down our cashew trees and fenced the rice field", "eviction", "cut down"),
        ("They renew us for three months at a time", "short-term-contract", "renew"),
        ("ខ្ញុំលក់គោលក់ស្រែនៅតែជំពាក់។", "debt", "ជំពាក់"),
        ("គេឈូសស្រែខ្ញុំដាំអំពៅ មុនពេលស្រូវទុំ។", "eviction", "ឈូសស្រែ"),
        ("គេឲ្យកិច្ចសន្យាតែពីរខែម្តងៗ។", "short-term-contract", "កិច្ចសន្យា"),
    ],
)
def test_what_people_say_leads_to_the_theme_and_shows_the_words(
    finder: ThemeFinder, text: str, term: str, matched: str
) -> None:
    assert matched in found(finder, text)[term]


@pytest.mark.parametrize(
    ("said", "not_said"),
    [
        ("We went on strike.", "We never went on strike."),
        ("I borrowed money.", "I have never borrowed money from anyone."),
        ("They arrested him.", "Did they ever arrest you?"),
        ("We told them about the strike.", "Please tell us about the strike."),
        ("ខ្ញុំខ្ចីលុយគេ។", "ខ្ញុំមិនដែលខ្ចីលុយគេទេ។"),
        ("ខ្ញុំខ្ចីលុយគេ។", "តើបងធ្លាប់ខ្ចីលុយគេទេ?"),
    ],
)
def test_what_is_denied_or_asked_is_not_suggested(finder: ThemeFinder, said: str, not_said: str) -> None:
    assert found(finder, said)
    assert not found(finder, not_said)


def test_an_interviewer_is_taken_to_ask(finder: ThemeFinder) -> None:
    assert finder.find("You borrowed money.")
    assert not finder.find("You borrowed money.", interviewer=True)


def test_what_is_missing_is_spoken_of_by_denying_it(finder: ThemeFinder) -> None:
    assert "compensation" in found(finder, "They never gave us any compensation.")
    assert "union" in found(finder, "យើងគ្មានសហជីពទេ។")


def test_a_narrower_theme_takes_the_place_of_the_broader_one(finder: ThemeFinder) -> None:
    assert set(found(finder, "We borrowed for the operation of my mother.")) == {"health-debt"}
    assert "garment-work" not in found(finder, "In the factory we worked overtime.")


@pytest.mark.parametrize(
    ("cue", "text", "holds"),
    [
        ("owe", "She was owing us money", True),
        ("evict*", "After the eviction", True),
        ('"sacked"', "They carried sacks", False),
        ('"sacked"', "She was sacked", True),
        ("cut down tree", "They cut down all our trees", True),
        ("cut down tree", "They cut wood. Down the road stood a tree", False),
        ("borrow … moneylender", "I borrowed two hundred from the moneylender", True),
        ("borrow … moneylender", "The moneylender saw what I borrowed", False),
        ("borrow + moneylender", "The moneylender saw what I borrowed", True),
        ("(cut down|chop) … cow|ox", "They chopped at the ox", True),
        ("MFI", "The mfi", False),
        ("not pay", "We couldn't pay", True),
        ("ដី", "ដីនេះ", True),
        ("ដី", "ស្តី", False),
        ("ចម្ការ", "យើងធ្វើចំការ", True),
        ("ឲ្យលុយ", "គេអោយលុយ", True),
        ("លក់ … គោ", "ខ្ញុំលក់ដីហើយគោផង", True),
    ],
)
def test_a_cue_is_found_where_it_is_said(cue: str, text: str, holds: bool) -> None:
    read = cues.read(cue)
    assert any(cues.places(read, sentence.units) for sentence in sentences(text)) == holds


@pytest.mark.parametrize("cue", ["", "  ", "(", "(a|b", "…", "a | (b", "()", "a|"])
def test_a_cue_that_cannot_be_read_says_so(cue: str) -> None:
    with pytest.raises(CueError):
        cues.read(cue)


def test_a_hint_is_not_enough_alone_and_two_are() -> None:
    themes = Themes({"poverty": None}, [], [SaidCue("poverty", "en", "~rice"), SaidCue("poverty", "en", "~salt")])
    assert not ThemeFinder(themes).find("We ate rice.")
    (one,) = ThemeFinder(themes).find("We ate rice with salt.")
    assert (one.term_id, one.matched) == ("poverty", "rice … salt")


def test_what_is_never_said_of_a_theme_takes_its_words_away() -> None:
    themes = Themes({"strike": None}, [SaidName("strike", "en", "strike")], [SaidCue("strike", "en", "!strike match")])
    assert ThemeFinder(themes).find("We went on strike.")
    assert not ThemeFinder(themes).find("He struck a match.")


def test_every_shipped_cue_can_be_read_and_belongs_to_a_theme() -> None:
    known = {entry.id for entry in thesaurus.themes()}
    given = theme_cues.shipped_cues()
    assert {one.term_id for one in given} == known
    for one in given:
        cues.read(one.text.lstrip("~!"))
    assert theme_cues.missing() <= known


def test_sentences_that_were_not_looked_at_are_tagged_well_enough(finder: ThemeFinder) -> None:
    kept = [one for one in tags.sentences() if not one.looked_at]
    assert len(kept) >= 150
    scores = tags.measured(finder, kept)
    for language in ("all", "km", "en"):
        assert scores[language].recall >= 0.8
        assert scores[language].precision >= 0.75
