"""What people do here, in the words of the page."""

from __future__ import annotations

from web.site.language import say

ROLE_WORDS = {
    "band": ("សមាជិកក្រុម", "Member of the band"),
    "researcher": ("អ្នកស្រាវជ្រាវ", "Researcher"),
    "steward": ("អ្នកថែរក្សា", "Steward"),
}


def role_words(role: str) -> str:
    return say(*ROLE_WORDS.get(role, (role, role)))
