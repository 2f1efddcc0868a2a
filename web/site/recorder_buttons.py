"""What can be pressed in the recorder, in words: as it stands on its buttons, and as a sound is asked for each."""

from __future__ import annotations

from typing import Final

from web.site.language import _l
from web.site.recording_words import ASKED_ALOUD

BUTTONS: Final = {
    "button-start": _l("Begin"),
    "button-ask": _l("Ask the questions"),
    "button-home": _l("Not now"),
    **{f"answer-{name}-{one}": words for name, (_asked, given) in ASKED_ALOUD.items() for one, words in given.items()},
    "button-nothing": _l("No: keep nothing"),
    "button-pause": _l("Pause"),
    "button-resume": _l("Go on recording"),
    "button-matters": _l("This matters"),
    "button-out": _l("Leave this out"),
    "button-speaker": _l("Somebody else speaks"),
    "button-finish": _l("She has finished"),
    "button-undo": _l("Take this mark away"),
    "button-about": _l("Next"),
    "community-farmer": _l("Farmer"),
    "community-sex-worker": _l("Sex worker"),
    "community-garment-worker": _l("Garment worker"),
    "community-landless": _l("Landless"),
    "button-keep": _l("Finish. It waits here until it is sent."),
    "button-send": _l("Send it now"),
    "button-go-on": _l("Go on with it"),
    "button-close": _l("Close it"),
    "button-bring": _l("Put a file of another recorder here"),
}
"""Name of its sound, as `archive.catalogue.about` knows it -> what stands on it."""
