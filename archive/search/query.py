"""The query language, typed as people type, and the tree it becomes.

Words, "phrases", prefix*, -not, OR between two things, and fields such as `theme:debt` or `year:2012-2014`. Nothing
that is typed is an error: a quotation mark without its partner is passed over, an unknown field is read as words, an
OR with nothing beside it joins nothing. The tree knows no engine; every engine evaluates it with the same meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.language.clusters import INVISIBLE
from archive.search.analysis import terms

FIELDS = {
    "theme": "theme",
    "community": "community",
    "place": "place",
    "year": "year",
    "lang": "language",
    "language": "language",
    "song": "song",
    "speaker": "speaker",
    "ប្រធានបទ": "theme",
    "សហគមន៍": "community",
    "ទីកន្លែង": "place",
    "ឆ្នាំ": "year",
    "ភាសា": "language",
    "ចម្រៀង": "song",
    "អ្នកនិយាយ": "speaker",
}
LONGEST_QUERY = 400  # characters; what is beyond is not read
MOST_PARTS = 32


@dataclass(frozen=True, slots=True)
class Words:
    """One or more words that must stand next to each other.

    Attributes:
        terms: their search forms.
        typed: as typed, for messages and suggestions.
        prefix: the last word is only a beginning.
        weight: how much a match counts; below 1 for what was not typed.
    """

    terms: tuple[str, ...]
    typed: str = ""
    prefix: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Field:
    """A field as typed, `theme:debt`, before its value is looked up."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Documents whose facet has one of these values."""

    facet: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts; without parts, everything."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts; without parts, nothing."""

    parts: tuple[Node, ...]


Node = Words | Field | Filter | Not | And | Or
EVERYTHING = And(())
NOTHING = Or(())

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_DASHES = "-\u2010\u2011\u2012\u2013\u2212"
_NAME = "|".join(sorted(map(re.escape, FIELDS), key=len, reverse=True))
_PART = re.compile(
    rf"(?P<minus>(?<!\S)[{_DASHES}](?=\S))?"
    rf"(?:(?P<field>(?:{_NAME})):\s?(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\"]+))"
    r"|\"(?P<phrase>[^\"]*)\"(?P<phrase_star>\*?)"
    r"|(?P<or>(?<!\S)(?:OR|\|)(?!\S))"
    r"|(?P<and>(?<!\S)(?:AND|&)(?!\S))"
    r"|(?P<word>[^\s\"]+))",
    re.IGNORECASE,
)
_INVISIBLES = re.compile(f"[{INVISIBLE}]")


def parse(text: str) -> Node:
    """Read a query. Never fails. An empty query is everything; one without a single word in it is nothing."""
    text = text[:LONGEST_QUERY].translate(_QUOTES)
    groups: list[list[Node]] = []
    joined = False
    for count, match in enumerate(_PART.finditer(text)):
        if count >= MOST_PARTS:
            break
        if match["or"] in {"OR", "|"}:
            joined = bool(groups)
            continue
        if match["and"] in {"AND", "&"}:
            continue
        node = _part(match)
        if node is None:
            continue
        if joined and not isinstance(node, Not):
            groups[-1].append(node)
        else:
            groups.append([node])
        joined = False
    if not groups and text.strip():
        return NOTHING
    return And(tuple(group[0] if len(group) == 1 else Or(tuple(group)) for group in groups))


def _part(match: re.Match[str]) -> Node | None:
    node: Node | None
    if match["field"]:
        value = (match["quoted"] if match["quoted"] is not None else match["bare"]).strip()
        node = Field(FIELDS[match["field"].casefold()], value) if value else None
    elif match["phrase"] is not None:
        node = _words(match["phrase"], prefix=bool(match["phrase_star"]))
    else:
        typed = match["word"] or match["or"] or match["and"]
        bare = typed.rstrip("*")
        node = _words(bare, prefix=bare != typed)
    if node is not None and match["minus"]:
        return Not(node)
    return node


def _words(text: str, *, prefix: bool) -> Words | None:
    found = terms(text)
    return Words(found, _INVISIBLES.sub("", text.strip()), prefix) if found else None


def transform(node: Node, change: Callable[[Node], Node]) -> Node:
    """A tree with every leaf changed; what a change returns is not changed again."""
    if isinstance(node, And):
        return And(tuple(transform(part, change) for part in node.parts))
    if isinstance(node, Or):
        return Or(tuple(transform(part, change) for part in node.parts))
    if isinstance(node, Not):
        return Not(transform(node.part, change))
    return change(node)


def wanted(node: Node) -> Iterator[Words]:
    """The words a document is looked up by, without those it must not have."""
    if isinstance(node, Words):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from wanted(part)
