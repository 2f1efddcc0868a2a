"""Khmer words that stay whole where a line ends.

A browser breaks Khmer by a dictionary of its own, which takes many a word for two, and half of a word reads as
something else. In what is set large, each word is one piece that is not broken, with a place to break after it.
"""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from archive.language.words import words

_WORD = Markup('<span class="word">{}</span>')
_BREAK = Markup("<wbr>")


@lru_cache(maxsize=2048)
def whole(text: str) -> Markup:
    """A text with each of its Khmer words in one piece; what is markup already stays as it is."""
    if isinstance(text, Markup):
        return text
    found = Markup()
    after_word = False
    for piece in words(text):
        khmer = piece.is_word and any("\u1780" <= letter <= "\u17ff" for letter in piece.text)
        if khmer:
            found += (_BREAK if after_word else Markup()) + _WORD.format(piece.text)
        else:
            found += Markup("{}").format(piece.text)
        after_word = khmer
    return found
