"""What people call things: labels of themes, places, communities and languages, looked up from what they type.

From this come the meaning of `theme:debt` or `place:Takeo`, and the expansion of "debt" to its narrower terms and to
their labels in Khmer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.language.clusters import KHMER_LETTER
from archive.language.normalise import normalise
from archive.models import Term, TermLabel
from archive.search.analysis import terms
from archive.search.query import And, Node, Not, Or, Words

COMMUNITIES = {
    "farmer": ("farmers", "peasants", "កសិករ"),
    "sex-worker": ("sex workers", "អ្នករកស៊ីផ្លូវភេទ", "ស្ត្រីបម្រើសេវាផ្លូវភេទ"),
    "garment-worker": ("garment workers", "factory workers", "កម្មករកាត់ដេរ", "កម្មកររោងចក្រ"),
    "landless": ("landless people", "អ្នកគ្មានដីធ្លី", "គ្មានដី"),
}
LANGUAGES = {"km": ("khmer", "cambodian", "ខ្មែរ"), "en": ("english", "អង់គ្លេស")}
EXPANDED_WEIGHT = 0.4
MOST_EXPANDED = 24
_KHMER = re.compile(f"[{KHMER_LETTER}]")
_YEARS = re.compile(r"(\d{4})(?:\s*(?:-|\.\.+)\s*(\d{4}))?")


class Label(NamedTuple):
    """One name of a term."""

    language: str
    text: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Expansion:
    """That a word was also searched for under other names.

    Attributes:
        typed: what was typed.
        term_id: the term of the thesaurus it names.
        words: what was searched for besides.
    """

    typed: str
    term_id: str
    words: tuple[str, ...]


@lru_cache(maxsize=1 << 13)
def _forms(text: str) -> tuple[str, ...]:
    return terms(text)


@lru_cache(maxsize=1 << 13)
def _folded(text: str) -> str:
    return normalise(text).text


def may_begin_with(text: str, forms: tuple[str, ...]) -> bool:
    """Whether the first word of a label can be one of these; surer, and dearer, is to cut the label into its words."""
    folded = _folded(text)
    return not _KHMER.match(folded) or folded.startswith(forms)


class Thesaurus:
    """Themes and provinces with their labels, read once for one search."""

    def __init__(self, session: Session) -> None:
        self.kinds: dict[str, str] = {}
        self.labels: dict[str, list[Label]] = {}
        self.known_to_all: set[str] = set()
        self._narrower: dict[str, list[str]] = {}
        rows = session.execute(
            select(
                Term.id, Term.kind, Term.broader_id, Term.known_to_all,
                TermLabel.language, TermLabel.text, TermLabel.preferred,
            )
            .join(TermLabel, TermLabel.term_id == Term.id)
            .where(Term.kind != "district")
            .order_by(Term.id, TermLabel.preferred.desc(), TermLabel.id)
        )  # fmt: skip
        for one, kind, broader, everybody, language, text, preferred in rows:
            if one not in self.kinds and broader:
                self._narrower.setdefault(broader, []).append(one)
            self.kinds[one] = kind
            if everybody and kind == "theme":
                self.known_to_all.add(one)
            self.labels.setdefault(one, []).append(Label(language, text, preferred))
        self._into = dict(
            session.execute(select(Term.id, Term.merged_into_id).where(Term.merged_into_id.is_not(None))).all()
        )

    def now(self, term: str) -> str:
        """The term, or the one it was merged into: an address or an index may still say the old one."""
        seen = {term}
        while (into := self._into.get(term)) is not None and into not in seen:
            seen.add(into)
            term = into
        return term

    def as_indexed(self, found: Iterable[str]) -> tuple[str, ...]:
        """These terms, and the ones merged into them, under which something may still stand in the index."""
        wanted = [self.now(term) for term in found]
        return tuple(dict.fromkeys([*wanted, *(old for old in self._into if self.now(old) in wanted)]))

    def name(self, term: str, language: str) -> str:
        """The preferred label, or the term's id when it has none in this language."""
        return next((one.text for one in self.labels.get(term, ()) if one.language == language and one.preferred), term)

    def with_narrower(self, found: Iterable[str]) -> list[str]:
        """These terms and everything below them."""
        waiting, seen = list(found), dict[str, None]()
        while waiting:
            term = waiting.pop(0)
            if term not in seen:
                seen[term] = None
                waiting.extend(self._narrower.get(term, ()))
        return list(seen)

    def named(self, typed: str, kinds: Collection[str]) -> list[str]:
        """Terms called so: exactly, or else those with a label that holds the words."""
        wanted = _forms(typed)
        if not wanted:
            return []
        of_kind = [term for term, kind in self.kinds.items() if kind in kinds]
        exact = [t for t in of_kind if t == typed or any(_forms(one.text) == wanted for one in self.labels[t])]
        return exact or [t for t in of_kind if any(_within(wanted, _forms(one.text)) for one in self.labels[t])]

    def expand(self, node: Node, known: Collection[str]) -> tuple[Node, tuple[Expansion, ...]]:
        """Search also for the narrower terms and the other labels of what was typed.

        Args:
            known: the terms this viewer may know of.
        """
        if not isinstance(node, And):
            return node, ()
        asked = tuple({form for part in node.parts if isinstance(part, Words) for form in part.terms})
        by_label: dict[tuple[str, ...], str] = {}
        for theme in (theme for theme, kind in self.kinds.items() if kind == "theme" and theme in known):
            for one in self.labels[theme]:
                if may_begin_with(one.text, asked):
                    by_label.setdefault(_forms(one.text), theme)
        parts: list[Node] = []
        used: list[Expansion] = []
        at = 0
        while at < len(node.parts):
            run, term = self._longest(node.parts[at:], by_label)
            if term is None:
                parts.append(node.parts[at])
                at += 1
                continue
            found = self._others(term, run, known)
            typed = " ".join(words.typed for words in run)
            others = tuple(Words(_forms(text), text, weight=EXPANDED_WEIGHT) for text in found)
            parts.append(Or((And(tuple(run)), *others)))
            if found:
                used.append(Expansion(typed, term, tuple(found)))
            at += len(run)
        return And(tuple(parts)), tuple(used)

    @staticmethod
    def _longest(parts: Sequence[Node], by_label: dict[tuple[str, ...], str]) -> tuple[list[Words], str | None]:
        run: list[Words] = []
        for part in parts:
            if not isinstance(part, Words) or part.prefix:
                break
            run.append(part)
        for n in range(len(run), 0, -1):
            term = by_label.get(tuple(form for words in run[:n] for form in words.terms))
            if term is not None:
                return run[:n], term
        return [], None

    def _others(self, term: str, run: Sequence[Words], known: Collection[str]) -> list[str]:
        """Labels of the term and of what is below it, without those that another one already finds."""
        labels = [one for t in self.with_narrower([term]) if t in known for one in self.labels[t]]
        kept: list[tuple[str, ...]] = [tuple(form for words in run for form in words.terms)]
        found: list[str] = []
        for one in sorted(labels, key=lambda label: not label.preferred):
            forms = _forms(one.text)
            if forms and not any(_within(shorter, forms) for shorter in kept):
                kept.append(forms)
                found.append(one.text)
        return found[:MOST_EXPANDED]


def _within(wanted: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    n = len(wanted)
    return any(forms[i : i + n] == wanted for i in range(len(forms) - n + 1))


def communities_named(typed: str) -> tuple[str, ...]:
    return _from_table(typed, COMMUNITIES)


def languages_named(typed: str) -> tuple[str, ...]:
    return _from_table(typed, LANGUAGES)


def _from_table(typed: str, table: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    wanted = _forms(typed)
    return tuple(
        value
        for value, names in table.items()
        if wanted and any(_within(wanted, _forms(name)) for name in (value, *names))
    )


def years_named(typed: str) -> tuple[str, ...]:
    """`2012`, `2012-2014` or `2012..2014`, in Khmer digits too, as single years."""
    digits = typed.translate({0x17E0 + n: str(n) for n in range(10)})
    match = _YEARS.fullmatch(digits)
    if match is None:
        return ()
    first, last = sorted((int(match[1]), int(match[2] or match[1])))
    return tuple(str(year) for year in range(first, min(last, first + 200) + 1))


def leaves(node: Node) -> Iterator[Words]:
    """All words of a tree, those it excludes among them."""
    if isinstance(node, Words):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
