"""From text to the words an index holds: the same cut for documents, for queries and for highlighting.

Khmer is cut into words without regard to zero-width spaces, so that a text is found the same with and without them;
words of the Latin script lose the plural s. Every token keeps where it stands in the original, in whole clusters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from archive.language.clusters import clusters
from archive.language.lexicon import shipped
from archive.language.words import search_tokens

BREAK = "\f"  # stands between texts that must not be read as one phrase
BREAK_POSITIONS = 64
LONGEST = 120  # characters of a token; longer ones are no words and would only swell the lexicon

_LATIN = re.compile(r"[a-z]")
_SEPARATORS = re.compile(r"(?<=\d)[.,](?=\d)")


class IndexToken(NamedTuple):
    """A word in its search form, its place among the words, and its code point offsets in the original."""

    text: str
    position: int
    start: int
    end: int


def stem(word: str) -> str:
    """A word of the Latin script without its plural ending. Source: Harman, How effective is suffixing? (1991)."""
    if len(word) < 4 or not _LATIN.match(word):
        return word
    if word.endswith("'s"):
        return word[:-2]
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] in "xz":
        return word[:-2]
    if word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word


@lru_cache(maxsize=1 << 15)
def search_form(folded: str) -> str:
    """What a folded word is indexed as."""
    return stem(_SEPARATORS.sub("", folded))[:LONGEST]


def tokens(text: str) -> Iterator[IndexToken]:
    """The words of a text, in order."""
    position = offset = 0
    for part in text.split(BREAK):
        for token in search_tokens(part):
            yield IndexToken(search_form(token.text), position, offset + token.start, offset + token.end)
            position += 1
        position += BREAK_POSITIONS
        offset += len(part) + len(BREAK)


def terms(text: str) -> tuple[str, ...]:
    """The search forms of a text's words."""
    return tuple(token.text for token in tokens(text))


def is_khmer(term: str) -> bool:
    return "\u1780" <= term[0] <= "\u17dd"


def long_enough(prefix: str) -> bool:
    """Whether a prefix is long enough to look up: two clusters, or two letters."""
    return len(clusters(prefix)) >= 2


def version() -> str:
    """Changes whenever a text would be cut or folded otherwise."""
    return f"1-{shipped().version}"
