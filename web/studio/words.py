"""What the studio says: kinds, states and edits, and whether an offered recording keeps in step."""

from __future__ import annotations

from typing import Any, Final

from archive.songs import arrangements
from archive.songs.arrangements import Offer
from media.offset import TOLERANCE_MS
from web.site import recording_words as arriving
from web.site.language import _, _l, clock, language, lazy_pgettext, number

KINDS: Final = {
    "studio": lazy_pgettext("a recording", "Studio"),
    "live": _l("Live"),
    "instrumental": _l("Instrumental"),
    "guide": _l("Guide voice"),
}
STATES: Final = {
    "draft": _l("Draft"),
    "published": _l("Published"),
    "held": _l("Held"),
    "retired": _l("Retired"),
}
EDITS: Final = {
    "tap": _l("Tapped"),
    "hold": _l("Held for length"),
    "nudge": _l("Nudged"),
    "shift": _l("Shifted all from here"),
    "drag": _l("Dragged"),
    "pattern": _l("Took the chorus pattern"),
    "unlink": _l("Unlinked"),
    "clear": _l("Cleared"),
    "words": _l("Cut words"),
    "romanised": _l("Romanised"),
    "import": _l("Brought in from a file"),
    "take-back": lazy_pgettext("an edit", "Taken back"),
    "undo": _l("Undone"),
    "machine": _l("The machine placed lines"),
    "added": _l("Added a recording"),
    "renamed": _l("Changed a recording"),
    "removed": _l("Took a recording away"),
}


def kind(name: str) -> str:
    return str(KINDS.get(name, name))


def state(name: str) -> str:
    return str(STATES.get(name, name))


def edit(name: str) -> str:
    return str(EDITS.get(name, name))


def step(offer: Offer) -> str:
    """Whether an offered recording keeps in step, and where it does not."""
    told, found = offer.offered.step, offer.offered.found
    if offer.recording.state == "failed":
        return arriving.reason(offer.recording.reason)
    if told == "coming":
        stage = arriving.stage(offer.stage) if offer.stage else _("Waiting its turn")
        return f"{stage} · {arriving.share(offer.progress)}" if offer.stage else stage
    if told == "own-time":
        return _("It is the song's first recording.")
    if told == "nothing-common":
        return _(
            "It shares no accompaniment with the song's first recording. "
            "It may be another song, another take, or run more than one percent faster or slower.",
        )
    if told == "in-step":
        return _in_step(offer.offered.offset_ms, found)
    return _another_speed(found) if found.get("another_speed") else _apart(found, offer.offered.offset_ms)


def _in_step(offset_ms: int, found: dict[str, Any]) -> str:
    spread = max(1, round(found.get("spread_ms", 0)))
    return _(
        "In step from beginning to end, to {spread} ms. It begins {late} ms {way}.",
        spread=spread,
        late=abs(offset_ms),
        way=_("later") if offset_ms < 0 else _("earlier"),
    )


def _another_speed(found: dict[str, Any]) -> str:
    drift, windows = float(found["drift_ppm"]), found["windows"]
    return _(
        "It is the same song, {share} % {way} than the first recording. From beginning to end it drifts by {ms} ms, "
        "so the two cannot stand side by side. Bring it at the first recording's speed.",
        share=_share(abs(drift) / 10_000),
        way=_("slower") if drift > 0 else _("faster"),
        ms=round(abs(windows[-1][1] - windows[0][1])),
    )


def _apart(found: dict[str, Any], offset_ms: int) -> str:
    places = arrangements.drift_places(found, offset_ms, TOLERANCE_MS)
    told = _(" and ").join(_("{ms} ms at {at}", ms=abs(by), at=clock(at)) for at, by in places)
    if not told:
        return _(
            "The same accompaniment is heard in a part of it only, so nobody can say that it keeps in step to the end.",
        )
    return _("Not in step: it is out by {told}.", told=told)


def _share(value: float) -> str:
    """A share with two places after the point, in the page's digits."""
    text = f"{value:.2f}"
    return text if language() == "en" else "".join(number(int(one)) if one.isdigit() else "," for one in text)
