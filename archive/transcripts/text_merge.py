"""Two people changed the same text: both changes in one text where they do not touch, and an honest *no* where they do.

Compared word by word, since two spellings of one word spliced together would be neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from archive.language.words import words


class TextChange(NamedTuple):
    """The pieces `start` to `end` of the earlier text became others."""

    start: int
    end: int
    pieces: tuple[str, ...]


def merged(before: str, mine: str, theirs: str) -> str | None:
    """Both changes of `before` in one text; None where they touch and a person has to choose."""
    if mine in (before, theirs):
        return theirs
    if theirs == before:
        return mine
    base = _pieces(before)
    own, other = (_changes(base, _pieces(text)) for text in (mine, theirs))
    if any(_touching(one, two) for one in own for two in other if one != two):
        return None
    out, at = list[str](), 0
    for change in sorted({*own, *other}):
        out += [*base[at : change.start], *change.pieces]
        at = change.end
    return "".join([*out, *base[at:]])


def moved(before: str, after: str, at: int) -> int:
    """Where the place `at` of the earlier text lies in the later one."""
    reached = 0
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if at < a2 or (at == a2 and tag == "equal"):
            return b1 + (at - a1) if tag == "equal" else b2
        reached = b2
    return reached


def _pieces(text: str) -> list[str]:
    return [piece.text for piece in words(text)]


def _changes(base: Sequence[str], text: Sequence[str]) -> list[TextChange]:
    matcher = SequenceMatcher(None, base, text, autojunk=False)
    return [TextChange(a1, a2, tuple(text[b1:b2])) for tag, a1, a2, b1, b2 in matcher.get_opcodes() if tag != "equal"]


def _touching(one: TextChange, two: TextChange) -> bool:
    return one.start <= two.end and two.start <= one.end
