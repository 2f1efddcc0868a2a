"""Doubt is raised where it must be, and not where people merely talk the way people talk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from archive.timing import Span, Utterance
from ingest.engines.flags import Evidence, Verdict, compared, compression, flags_for, loops, script_fits, verdict
from ingest.engines.window import SAMPLE_RATE, Audio, Window


def hearing(sound: Audio, voice: float) -> Window:
    return Window(sound, 0, 3000, speech=(Span(0, 3000),), voices=(voice,))


HISS = np.random.default_rng(3).normal(0, 0.1, 3 * SAMPLE_RATE).astype(np.float32)
CHORD = sum(np.sin(2 * np.pi * hertz * np.arange(len(HISS)) / SAMPLE_RATE) for hertz in (220, 277, 330)).astype("f4")
SURE = Evidence(-0.2, 0.05, "en", 0.95, False, hearing(HISS, 0.9))
SAID = Utterance(0, 3000, "We had no rice that year, so I went to the city.", language="en")
KHMER = "ខ្ញុំជាកសិករ ធ្វើស្រែបីហិកតានៅខេត្តកំពង់ធំ។ យើងខ្ចីលុយគេពីរពាន់ដុល្លារ ដើម្បីយកទៅព្យាបាលម្តាយខ្ញុំ។"


def test_plain_speech_is_not_doubted() -> None:
    assert flags_for(SAID, SURE) == ()
    khmer = replace(SAID, text=KHMER, language="km")
    assert flags_for(khmer, replace(SURE, heard_language="km")) == ()


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"no_speech": 0.8}, "silence"),
        ({"window": hearing(HISS, 0.4)}, "silence"),
        ({"window": hearing(CHORD, 0.6)}, "music"),
        ({"looping": True}, "repetition"),
        ({"log_probability": -1.3}, "low-confidence"),
        ({"heard_language": "km"}, "language-switch"),
    ],
)
def test_each_kind_of_evidence_raises_its_flag(change: dict[str, object], flag: str) -> None:
    assert flags_for(SAID, replace(SURE, **change)) == (flag,)  # type: ignore[arg-type]


def test_a_clear_voice_over_a_radio_is_still_speech() -> None:
    assert flags_for(SAID, replace(SURE, window=hearing(CHORD, 0.9))) == ()


def test_khmer_written_in_latin_letters_is_a_failed_transcription() -> None:
    gibberish = replace(SAID, text="Pau'ntro'ra bach niom bantalain na utikrong manin.", language="km")
    assert flags_for(gibberish, replace(SURE, heard_language="km")) == ("script",)


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [
        (KHMER, "km", True),
        ("ខ្ញុំធ្វើការនៅ factory មួយ", "km", True),
        ("I come from ខេត្តកំពង់ធំ province, far away", "en", True),
        (KHMER, "en", False),
        ("こんにちは、みなさん", "ja", True),
        ("谢谢大家收看", "en", False),
        ("Привет", "ru", True),
        ("Ja sam iz sela. Ја сам", "sr", True),
        ("1975 ... 1979", "km", True),
        ("", "km", True),
    ],
)
def test_a_text_fits_its_language_when_most_letters_are_in_its_script(text: str, language: str, fits: bool) -> None:
    assert script_fits(text, language) is fits


def test_squeezing_tells_loops_from_prose_in_both_scripts() -> None:
    assert compression(KHMER) < 2
    assert compression(SAID.text) < 2
    assert compression("and then we went home " * 12) > 2.4
    assert compression("យើងទៅផ្ទះ " * 20) > 2.4


def test_loops_are_found_with_their_extent() -> None:
    words = [
        "so",
        "we",
        "said",
        "no",
        "more",
        "of",
        "it",
        "no",
        "more",
        "of",
        "it",
        "no",
        "more",
        "of",
        "it",
        "and",
        "left",
    ]
    assert [word for word, caught in zip(words, loops(words), strict=True) if caught] == ["no", "more", "of", "it"] * 3
    assert sum(loops(["thank", "you", "thank", "you", "thank", "you", "thank", "you"])) == 8


def test_people_may_repeat_themselves() -> None:
    assert not any(loops(["no", "no", "no", "I", "never", "signed,", "I", "never", "signed", "it"]))
    assert not any(loops(["very", "very", "far"]))
    assert loops([]) == []


def test_the_same_words_again_and_again_are_a_loop_across_windows() -> None:
    same = [Utterance(at, at + 900, "Thank you.", language="en") for at in range(0, 30_000, 10_000)]
    marked = compared([SAID, *same, SAID], "en")
    assert [utterance.flags for utterance in marked] == [(), *[("repetition",)] * 3, ()]


def test_an_utterance_in_another_language_is_marked_against_the_rest() -> None:
    marked = compared([SAID, replace(SAID, text=KHMER, language="km")], "en")
    assert [utterance.flags for utterance in marked] == [(), ("language-switch",)]


def test_a_transcript_mostly_flagged_needs_a_person_and_says_why() -> None:
    bad = replace(SAID, flags=("script",))
    assert verdict([SAID, SAID, bad]) == Verdict(False)
    judged = verdict([SAID, bad, bad])
    assert judged.needs_person
    assert judged.reason is not None
    assert "script" in judged.reason.text


def test_a_recording_without_words_needs_a_person() -> None:
    assert verdict([]).needs_person
    silent = verdict([]).reason
    assert silent is not None
    assert "No speech" in silent.text
