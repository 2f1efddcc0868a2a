"""What people do here, in the words of the page."""

from __future__ import annotations

from web.site.language import _l

ROLE_WORDS = {
    "band": _l("Member of the band"),
    "researcher": _l("Researcher"),
    "steward": _l("Steward"),
}


def role_words(role: str) -> str:
    return str(ROLE_WORDS.get(role, role))
