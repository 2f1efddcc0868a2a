"""Two texts compared word by word: what is the same, what went and what came, in one row to be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from archive.language.words import words


@dataclass(frozen=True, slots=True)
class ComparedWords:
    """A run of words: `same` in both texts, `gone` (only in the earlier one) or `new`."""

    kind: str
    text: str


def word_diff(before: str, after: str) -> Iterator[ComparedWords]:
    """The words of two texts in one row, in reading order; of a change what went stands first."""
    old, new = ([piece.text for piece in words(text)] for text in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield ComparedWords("same", "".join(old[a:b]))
            continue
        if a < b:
            yield ComparedWords("gone", "".join(old[a:b]))
        if c < d:
            yield ComparedWords("new", "".join(new[c:d]))
