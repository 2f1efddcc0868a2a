"""Recordings on their way, in words: stages, states and refusals."""

from __future__ import annotations

from typing import Final

from flask_babel.speaklater import LazyString

from ingest.stages.taken_back import TakenBack
from media import refused
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
REFUSALS: Final[dict[type[refused.Refused], LazyString]] = {
    refused.EmptyFile: _l("The file is empty. Look on the telephone and send it again."),
    refused.NotSound: _l("This file is not a sound recording."),
    refused.NoSoundTrack: _l("This film has no sound in it."),
    refused.PlaylistRefused: _l("This is a list of files and not a sound. Send the recording itself."),
    TakenBack: _l("Its narrator took this recording back, and only she reopens it. Ask a steward of the archive."),
    refused.TooLong: _l("This recording is too long. Cut it in two."),
}


def refusal(error: refused.Refused) -> str:
    """Why a file was not taken: our words for its kind, or else the sentence it brings."""
    return late_refusal(type(error).__name__, error.reason)


def late_refusal(kind: str, reason: str) -> str:
    """As `refusal`, of something refused after a closer look, of which only the name of the kind is left."""
    for known, words in REFUSALS.items():
        if known.__name__ == kind:
            return str(words)
    return reason if language() == "en" else _("This file is broken: it cannot be listened to.")


def stage(name: str) -> str:
    return str(STAGES.get(name, name))


def state(name: str) -> str:
    return str(STATES.get(name, name))


def reason(stored: str) -> str:
    """A reason from a recording's row, with its stage in the words of the page."""
    name, colon, rest = stored.partition(": ")
    return f"{stage(name)}{colon}{rest}" if name in STAGES else stored


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
