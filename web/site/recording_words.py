"""Recordings on their way, in words: stages, states and refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from archive.language.messages import FilledMessage
from web.site.language import _, _l, language, ngettext, number

STAGES: Final = {
    "receive": _l("Keeping the original"),
    "probe": _l("Listening through"),
    "derive": _l("Making the listening file"),
    "step": _l("Hearing whether it keeps in step"),
    "align": _l("Placing the lines"),
    "transcribe": _l("Writing down the words"),
    "tag": _l("Finding themes"),
    "link": _l("Looking for songs"),
    "index": _l("Making it findable"),
    "remake": _l("Making the listening file again"),
    "redact": _l("Taking out what is marked"),
}
STATES: Final = {
    "waiting": _l("Waiting its turn"),
    "working": _l("Under way"),
    "ready": _l("Ready"),
    "needs-a-person": _l("Needs a person"),
    "failed": _l("Failed"),
    "cancelled": _l("Stopped"),
}
CONSENTS: Final = {
    "band-only": _l("Only the band may hear this"),
    "band-songs": _l("The band may hear it, and its words may go into songs"),
    "listed-sealed": _l("People may know it is here; only the band may hear it"),
    "heard-not-quoted": _l("Everyone may listen, but its words stay out of songs"),
    "public": _l("Everyone may hear, read and sing it, under the name I chose"),
    "public-on-air": _l("Everyone may hear, read and sing it, under the name I chose, on radio and television too"),
}
METHODS: Final = {
    "recorded-verbal": _l("Said so in the recording"),
    "thumbprint": _l("Thumbprint"),
    "signed": _l("Signed"),
    "witnessed": _l("Said so before a witness"),
}
ASKED_ALOUD: Final = {
    "hear": (
        _l("Who may hear what you tell?"),
        {
            "band": _l("Only the band"),
            "songs": _l("The band; and its words may go into songs"),
            "everyone": _l("Everyone may hear it, read it and sing it"),
            "unsure": _l("Not sure: only the band"),
        },
    ),
    "radio": (
        _l("May its words be on radio and television?"),
        {"yes": _l("Yes"), "no": _l("No"), "unsure": _l("Not sure: no")},
    ),
    "name": (
        _l("Under which name?"),
        {
            "chosen": _l("A name that I choose"),
            "none": _l("No name"),
            "own": _l("My own name"),
            "unsure": _l("Not sure: no name"),
        },
    ),
}
"""The recorder's questions, each with its answers, as `archive.consent.spoken_answers` knows them."""

FINDINGS: Final = {
    "inverted": _l("The right channel is the mirror image of the left. The listening file has one good one of both."),
    "dead-left": _l("There is nothing on the left channel. The listening file has the right one."),
    "dead-right": _l("There is nothing on the right channel. The listening file has the left one."),
    "one-each": _l("One person on each channel: speaker S1 is the left one, S2 the right one."),
    "clipped": _l("Recorded too loud: loud words are torn. That stays so; next time, further from the microphone."),
    "quiet": _l("Very quiet. The listening file is made louder."),
    "hum": _l("It hums, as beside a power line. That stays so."),
    "telephone": _l("It sounds like a telephone line. The machine may write many words wrongly."),
    "late": _l("A long silence stands in front of the first words."),
}


def findings(codes: Iterable[str]) -> list[str]:
    """What ails a sound, a sentence for each."""
    return [str(FINDINGS[code]) for code in codes if code in FINDINGS]


def stage(name: str) -> str:
    return str(STAGES.get(name, name))


def state(name: str) -> str:
    return str(STATES.get(name, name))


def reason(stored: str) -> str:
    """A reason from a recording's row, with its stage in the words of the page."""
    name, colon, why = stored.partition(": ")
    return f"{stage(name)}{colon}{kept(why)}" if name in STAGES else kept(stored)


def kept(sentence: str) -> str:
    """A sentence as `FilledMessage.kept` wrote it into a row, in the language of the page."""
    return _(FilledMessage.from_kept(sentence))


def left(seconds: int | None) -> str:
    """About how long it will still take; empty where nobody knows."""
    if seconds is None:
        return ""
    if seconds < 50:
        return _("less than a minute left")
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return ngettext("about {n} minute left", "about {n} minutes left", minutes)
    return _("about {n} hours left", n=round(minutes / 60))


def share(fraction: float) -> str:
    """How much is done, as a percentage in the digits of the page."""
    text = number(int(fraction * 100))
    return f"{text} %" if language() == "en" else f"{text}%"


def later() -> str:
    """Of a recording that was kept while the queue could not be reached."""
    return _(
        "It has come in and is kept. The queue does not answer, so work on it begins a little later.",
    )
