"""Who speaks, where a format has no place for it and people write `NAME: words`: which of these are names.

What stands before a colon once may be a name or the beginning of a sentence ("One thing: we stayed."). It is a name
where it stands there again, in brackets, or where every passage begins so; and where others are names already and it
looks like one, which is then told to whoever brought the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

_KHMER_COLON = "\u17d6"
_COLONS = f":：{_KHMER_COLON}"
_BEFORE = re.compile(
    rf"\s{{0,8}}(?:(?:>{{1,3}}|[-–—])\s{{0,4}})?(?:\[(?P<bracket>[^\[\]\n]{{1,40}})\]|"
    rf"(?P<bare>[^\s{_COLONS}\[\]<>][^{_COLONS}\n]{{0,39}}?))\s{{0,4}}(?:[:：](?=\s|\Z)|{_KHMER_COLON})\s*+"
)
_NO_NAME = re.compile(r"[,;!?\"“”()…]|\d{3}|\.\s*\S+\s+\S+\s")
_MOST_WORDS, _LONGEST_ALONE = 3, 24


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a transcript, and those among them that stand only once and might be none."""

    known: frozenset[str] = frozenset()
    once: tuple[str, ...] = field(default=())

    def parted(self, text: str) -> tuple[str | None, str]:
        """Speaker and words of a passage; the whole passage where it begins with no name."""
        match = _BEFORE.match(text)
        if match is None:
            return None, text
        name = _name(match)
        if match["bracket"] is None and name not in self.known:
            return None, text
        return name, text[match.end() :]


def found_in(passages: Sequence[str]) -> Names:
    """The names that passages begin with."""
    matches = [match for text in passages if (match := _BEFORE.match(text))]
    often = Counter(map(_name, matches))
    known = {name for name, times in often.items() if times > 1}
    known |= {_name(match) for match in matches if match["bracket"] is not None}
    alone = [name for name in often if name not in known and like_a_name(name)]
    if not known and not (len(passages) > 1 and len(matches) == len(passages) == len(alone)):
        return Names()
    return Names(frozenset(known.union(alone)), tuple(alone))


def typed_in(passages: Sequence[str]) -> Names:
    """The names of a typed transcript, where a name that stands once is usual: one that looks like a name is one."""
    matches = [match for text in passages if (match := _BEFORE.match(text))]
    often = Counter(_name(match) for match in matches if _KHMER_COLON not in match[0])
    quoting = Counter(_name(match) for match in matches if _KHMER_COLON in match[0])
    known = {name for name, times in often.items() if times > 1 or like_a_name(name)}
    return Names(frozenset(known.union(name for name, times in quoting.items() if times > 1)))


def begins_with_one(text: str) -> bool:
    """Whether a row begins with what may be a name and a colon."""
    match = _BEFORE.match(text)
    return match is not None and like_a_name(_name(match))


def _name(match: re.Match[str]) -> str:
    return " ".join((match["bracket"] or match["bare"]).split())


def like_a_name(name: str) -> bool:
    """Whether this can be what somebody is called: one word, or a few that begin with a capital or have none."""
    words = name.split()
    if _NO_NAME.search(name) or not 0 < len(words) <= _MOST_WORDS or len(name) > _LONGEST_ALONE:
        return False
    return len(words) == 1 or all(not word[0].islower() for word in words)
