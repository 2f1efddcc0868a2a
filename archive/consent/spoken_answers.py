"""What a narrator answers aloud before she tells: the questions of the recorder, and the grants that her answers are.

"Not sure" is always the narrowest answer. Each answer that opens something becomes an event of its own, whose evidence
is the stretch of the recording in which she gave it; the answers that open nothing stand beside the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.access.rule import Grant
from archive.consent.decisions import ANSWERED_ALOUD, NOT_ASKED, PRESETS, PUBLIC_ANSWER, ConsentGiven
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.timing import Span

SCRIPT = "recorder 1"
"""The version of the questions below, kept with every event."""
UNSURE = "unsure"
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "hear": ("band", "songs", "everyone", UNSURE),
    "radio": ("yes", "no", UNSURE),
    "name": ("chosen", "none", "own", UNSURE),
}
_NAMED = Grant("pseudonym", "public")
_HEARD: Mapping[str, tuple[Grant, ...]] = {
    "band": PRESETS["band-only"],
    UNSURE: PRESETS["band-only"],
    "songs": PRESETS["band-songs"],
    "everyone": tuple(one for one in PUBLIC_ANSWER if one != _NAMED),
}
_ON_AIR = tuple(Grant(form, "public", "broadcast") for form in ("quotation", "paraphrase"))


class NothingAnswered(ArchiveError, ValueError):
    """Nobody said who may hear it, or something was answered that was not asked; nothing may be kept."""

    def __init__(self) -> None:
        super().__init__(Message("The narrator has not said who may hear it, so nothing is kept."))


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    """One question, its answer as one of `QUESTIONS`, and where in the recording she gave it."""

    question: str
    answer: str
    span: Span


@dataclass(frozen=True, slots=True)
class SpokenConsent:
    """An event to be written down."""

    grants: tuple[Grant, ...]
    given: ConsentGiven


def consents(
    answers: Sequence[SpokenAnswer], by_id: str | None, *, language: str = "km", note: str = ANSWERED_ALOUD
) -> list[SpokenConsent]:
    """The events that her answers are; of a question that was asked again the last answer holds.

    Raises:
        NothingAnswered: see there.
    """
    if any(one.answer not in QUESTIONS.get(one.question, ()) for one in answers):
        raise NothingAnswered
    last = {one.question: one for one in answers}
    if "hear" not in last:
        raise NothingAnswered
    opening = {name: grants for name, one in last.items() if (grants := _opened(one, last["hear"].answer))}
    beside = [_written(one) for name, one in last.items() if name not in opening]
    found = []
    for name in sorted(opening, key=list(QUESTIONS).index):
        evidence: dict[str, object] = _written(last[name])
        if name == "hear" and beside:
            evidence["beside"] = beside
        given = ConsentGiven("recorded-verbal", by_id, evidence, SCRIPT, language, note)
        found.append(SpokenConsent(opening[name], given))
    return found


def brought_unasked(by_id: str | None) -> list[SpokenConsent]:
    """What holds for a file of another recorder, in which nobody was asked: the narrowest, till more is written."""
    return [SpokenConsent(PRESETS["band-only"], ConsentGiven("witnessed", by_id, note=NOT_ASKED))]


def _opened(one: SpokenAnswer, heard: str) -> tuple[Grant, ...]:
    if one.question == "hear":
        return _HEARD[one.answer]
    if one.question == "radio":
        return _ON_AIR if one.answer == "yes" and heard in {"songs", "everyone"} else ()
    audience = "public" if heard == "everyone" else "band"
    if one.answer == "own":
        return (Grant("name", audience),)
    return (_NAMED,) if one.answer == "chosen" and audience == "public" else ()


def _written(one: SpokenAnswer) -> dict[str, object]:
    return {
        "start_ms": one.span.start_ms,
        "end_ms": one.span.end_ms,
        "question": one.question,
        "answer": one.answer,
    }
