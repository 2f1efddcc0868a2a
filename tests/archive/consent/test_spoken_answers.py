"""What a narrator answers aloud: each answer that opens something, and no other, is an event with its evidence."""

from __future__ import annotations

import itertools

import pytest

from archive.access.rule import Grant
from archive.consent.decisions import PRESETS
from archive.consent.spoken_answers import QUESTIONS, SCRIPT, NothingAnswered, SpokenAnswer, consents
from archive.timing import Span


def said(**answers: str) -> list[SpokenAnswer]:
    return [
        SpokenAnswer(question, answer, Span(number * 5000, number * 5000 + 4000))
        for number, (question, answer) in enumerate(answers.items())
    ]


def opened(*answers: SpokenAnswer) -> set[Grant]:
    return {grant for one in consents(answers, None) for grant in one.grants}


def test_each_answer_is_the_evidence_of_what_it_opens() -> None:
    events = consents(said(hear="everyone", radio="yes", name="chosen"), "theary", language="en")
    assert {grant for one in events for grant in one.grants} == set(PRESETS["public-on-air"])
    assert [(one.given.evidence["question"], one.given.evidence["start_ms"]) for one in events] == [
        ("hear", 0),
        ("radio", 5000),
        ("name", 10_000),
    ]
    assert {(one.given.method, one.given.script_version, one.given.script_language) for one in events} == {
        ("recorded-verbal", SCRIPT, "en")
    }


def test_what_opens_nothing_stands_beside_the_first() -> None:
    (event,) = consents(said(hear="songs", radio="no", name="none"), None)
    assert set(event.grants) == set(PRESETS["band-songs"])
    assert event.given.evidence["beside"] == [
        {"start_ms": 5000, "end_ms": 9000, "question": "radio", "answer": "no"},
        {"start_ms": 10_000, "end_ms": 14_000, "question": "name", "answer": "none"},
    ]


def test_not_sure_is_the_band_alone_whatever_else_is_said() -> None:
    band = set(PRESETS["band-only"])
    for radio, name in itertools.product(QUESTIONS["radio"], ("none", "chosen", "unsure")):
        for hear in ("band", "unsure"):
            assert opened(*said(hear=hear, radio=radio, name=name)) == band
    assert opened(*said(hear="unsure", name="own")) == band | {Grant("name", "band")}


def test_asked_again_the_last_answer_holds() -> None:
    answers = [*said(hear="everyone"), SpokenAnswer("hear", "band", Span(9000, 9500))]
    (event,) = consents(answers, None)
    assert (set(event.grants), event.given.evidence["start_ms"]) == (set(PRESETS["band-only"]), 9000)


@pytest.mark.parametrize("answers", [{}, {"radio": "yes"}, {"hear": "all"}, {"hear": "band", "where": "here"}])
def test_without_an_answer_nothing_may_be_kept(answers: dict[str, str]) -> None:
    with pytest.raises(NothingAnswered):
        consents(said(**answers), None)
