"""Cues: how people say what a theme is about, and where a sentence says it so.

A cue is typed as one would note it down:

    owe                        a word in whatever form it is said: owed, owing, she owes
    evict*                     words that begin so
    "sacked"                   this very form
    cut down tree              words near each other in this order: cut down our trees
    borrow … moneylender       the same, with anything between them inside the sentence
    company + fence            both in one sentence, in any order
    cow|ox|buffalo             any of these
    (cut down|chop) … tree     any of these, where they have several words
    ~poor                      a hint: not enough alone
    !interested                never said of the theme: what stands in it counts for nothing

In Khmer there are no spaces inside what is said together; one that is typed allows a short word between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.catalogue.spoken_units import Unit, khmer_forms
from archive.language import english
from archive.language.clusters import KHMER_LETTER

NEAR_WORDS, FAR_WORDS = 1, 14  # between two steps of a cue
NEAR_CLUSTERS, FAR_CLUSTERS = 5, 45
MOST_LITTLE = 3  # little words that a near gap may hold besides
SHORT = 2  # clusters: a cue part so short has to fill whole words
LONGEST_CUE = 400  # characters
BEGINNING = 3  # letters by which the beginning of a word is looked up
MOST_PLACES = 6  # of one cue in one sentence

_LITTLE = frozenset(
    (  # noqa: SIM905
        "a an the my our your his her their its i you he she it we they me us him them this that these those "
        "all of some any very so just even only really more up off out to for at in on by with from have be "
        "do would will can could"
    ).split()
)
_TOKEN = re.compile(
    r"\s*(?:(?P<far>…|\.\.\.)|(?P<both>\+)|(?P<open>\()|(?P<close>\))|(?P<or>\|)|(?P<word>[^\s()|+…]+))"
)


_WORD = re.compile(rf"(?P<khmer>[{KHMER_LETTER}]+)|(?P<other>[^\W_{KHMER_LETTER}]+(?:['’][^\W\d_]+)*)")


class CueError(ValueError):
    """A cue that cannot be read, such as one with a bracket that is not closed."""

    def __init__(self, cue: str) -> None:
        super().__init__(f"The cue “{cue}” cannot be read: it is empty or a bracket is not closed.")


@dataclass(frozen=True, slots=True)
class _Form:
    """One unit that is wanted: a stem, a beginning, a word in capitals or exactly so; in Khmer a cluster."""

    text: str
    kind: str  # stem, begins, capitals, exactly, khmer

    @property
    def key(self) -> str:
        return self.text[:BEGINNING] + "*" if self.kind == "begins" else self.text

    def fits(self, unit: Unit) -> bool:
        if self.kind == "begins":
            return not unit.khmer and unit.word.startswith(self.text)
        if self.kind == "capitals":
            return unit.written == self.text
        if self.kind == "exactly":
            return unit.word == self.text
        return unit.form == self.text


_Run = tuple[_Form, ...]  # forms that stand side by side: a Khmer word's clusters, or one English word
_Phrase = tuple[_Run, ...]  # runs near each other
_Choice = tuple[_Phrase, ...]  # any of these
_Step = tuple[_Choice, ...]  # one of each, near each other
_Chain = tuple[_Step, ...]  # steps with a far gap between them, in order


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue that has been read; `text` is as it was typed, without its mark."""

    text: str
    chains: tuple[_Chain, ...]

    def needed(self) -> list[frozenset[str]]:
        """Of each of these sets a sentence that holds the cue has one: the keys that units are looked up by."""
        return [
            frozenset(phrase[0][0].key for phrase in choice)
            for chain in self.chains
            for step in chain
            for choice in step
        ]


@lru_cache(maxsize=1 << 13)
def read(text: str) -> Cue:
    """Read a cue.

    Raises:
        CueError: it cannot be read.
    """
    tokens = [(str(match.lastgroup), match.group().strip()) for match in _TOKEN.finditer(text[:LONGEST_CUE])]
    chains: list[_Chain] = []
    for part in _split(tokens, "both"):
        chain: list[_Step] = []
        for far in _split(part, "far"):
            chain.append(_step(far, text))
        chains.append(tuple(chain))
    if not chains or not all(chains):
        raise CueError(text)
    return Cue(text, tuple(chains))


def _split(tokens: Sequence[tuple[str, str]], at: str) -> list[list[tuple[str, str]]]:
    parts: list[list[tuple[str, str]]] = [[]]
    for token in tokens:
        if token[0] == at:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _step(tokens: Sequence[tuple[str, str]], text: str) -> _Step:
    """What is between two far gaps."""
    found: list[_Choice] = []
    at = 0
    while at < len(tokens):
        choice, at = _choices(tokens, at, text)
        found.append(tuple(choice))
    if not found or not all(phrase for choice in found for phrase in choice):
        raise CueError(text)
    return tuple(found)


def _choices(tokens: Sequence[tuple[str, str]], at: int, text: str) -> tuple[list[_Phrase], int]:
    """The alternatives that begin at a token, and the token after them."""
    found: list[_Phrase] = []
    while True:
        if at >= len(tokens) or tokens[at][0] in {"close", "or"}:
            raise CueError(text)
        if tokens[at][0] == "open":
            inside, at = _bracket(tokens, at + 1, text)
            found += inside
        else:
            found.append(tuple(_runs(tokens[at][1])))
            at += 1
        if at >= len(tokens) or tokens[at][0] != "or":
            return found, at
        at += 1


def _bracket(tokens: Sequence[tuple[str, str]], at: int, text: str) -> tuple[list[_Phrase], int]:
    phrases: list[list[_Run]] = [[]]
    while at < len(tokens) and tokens[at][0] != "close":
        kind, word = tokens[at]
        if kind == "or":
            phrases.append([])
        elif kind == "word":
            phrases[-1] += _runs(word)
        else:
            raise CueError(text)
        at += 1
    if at >= len(tokens) or not all(phrases):
        raise CueError(text)
    return [tuple(phrase) for phrase in phrases], at + 1


def _runs(word: str) -> Iterator[_Run]:
    if word.endswith("*") and len(word) > 3:
        yield (_Form(word[:-1].lower(), "begins"),)
        return
    if word[0] == word[-1] == '"' and word.strip('"').isascii():
        yield (_Form(word.strip('"').lower(), "exactly"),)
        return
    for match in _WORD.finditer(word):
        piece = match.group()
        if match.lastgroup == "khmer":
            yield tuple(_Form(form, "khmer") for form in khmer_forms(piece))
        elif len(piece) > 1 and piece.isupper():
            yield (_Form(piece, "capitals"),)
        else:
            yield from ((_Form(english.stem(part), "stem"),) for part in english.parts(piece))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cue stands in a sentence: the numbers of the units it was found by."""

    units: frozenset[int]

    @property
    def first(self) -> int:
        return min(self.units)


def places(cue: Cue, units: Sequence[Unit]) -> list[Place]:
    """The places where a sentence holds the cue, from left to right, none sharing a unit with one before it."""
    every = [list(_chain(chain, units)) for chain in cue.chains]
    if not all(every):
        return []
    if len(every) == 1:
        return every[0][:MOST_PLACES]
    return [Place(frozenset().union(*(found[0].units for found in every)))]


def _chain(chain: _Chain, units: Sequence[Unit]) -> Iterator[Place]:
    at = 0
    while at < len(units):
        found = _from(chain, units, at)
        if found is not None:
            yield Place(found)
            at = max(found) + 1
        else:
            at += 1


def _from(chain: _Chain, units: Sequence[Unit], at: int) -> frozenset[int] | None:
    first = _step_at(chain[0], units, at)
    if first is None:
        return None
    if len(chain) == 1:
        return first
    after = max(first) + 1
    reach = FAR_CLUSTERS if units[at].khmer else FAR_WORDS
    for here in range(after, min(len(units), after + reach)):
        rest = _from(chain[1:], units, here)
        if rest is not None:
            return first | rest
    return None


def _step_at(step: _Step, units: Sequence[Unit], at: int) -> frozenset[int] | None:
    """The units of a step that begins exactly here; of alternatives the longest is taken."""
    used = _choice_at(step[0], units, at)
    for choice in step[1:]:
        if used is None:
            return None
        places = (_choice_at(choice, units, here) for here in _near(units, max(used) + 1))
        found = next((one for one in places if one is not None), None)
        used = None if found is None else used | found
    return used


def _choice_at(choice: _Choice, units: Sequence[Unit], at: int) -> frozenset[int] | None:
    best: frozenset[int] | None = None
    for phrase in choice:
        found = _phrase_at(phrase, units, at)
        if found is not None and (best is None or len(found) > len(best)):
            best = found
    return best


def _phrase_at(phrase: _Phrase, units: Sequence[Unit], at: int) -> frozenset[int] | None:
    end = _run_at(phrase[0], units, at)
    if end is None:
        return None
    used = set(range(at, end))
    for run in phrase[1:]:
        places = ((here, _run_at(run, units, here)) for here in _near(units, end))
        here, after = next((one for one in places if one[1] is not None), (0, None))
        if after is None:
            return None
        used.update(range(here, after))
        end = after
    return frozenset(used)


def _near(units: Sequence[Unit], end: int) -> Iterator[int]:
    """Where the next word may stand: a little further on, in the same clause."""
    clause = units[end - 1].clause
    khmer = units[end - 1].khmer
    little = others = 0
    for here in range(end, len(units)):
        unit = units[here]
        if not khmer and unit.clause != clause:
            return
        yield here
        if khmer:
            others += 1
            if others > NEAR_CLUSTERS:
                return
        elif unit.word in _LITTLE:
            little += 1
            if little > MOST_LITTLE:
                return
        else:
            others += 1
            if others > NEAR_WORDS:
                return


def _run_at(run: _Run, units: Sequence[Unit], at: int) -> int | None:
    """The unit after a run that begins here; a short Khmer one has to begin and to end with a word."""
    end = at + len(run)
    if end > len(units) or not run[0].fits(units[at]):
        return None
    if not all(form.fits(unit) for form, unit in zip(run[1:], units[at + 1 : end], strict=True)):
        return None
    if run[0].kind == "khmer" and len(run) <= SHORT and not (units[at].begins and units[end - 1].ends):
        return None
    return end


class CueIndex:
    """Many cues, of which those are looked for of which every step may begin somewhere in the sentence."""

    def __init__(self, cues: Iterable[tuple[int, Cue]]) -> None:
        self._cues: list[tuple[int, Cue, list[frozenset[str]]]] = []
        self._by_key: dict[str, list[int]] = {}
        spread: dict[str, int] = {}
        for number, cue in cues:
            needed = cue.needed()
            self._cues.append((number, cue, needed))
            for key in frozenset().union(*needed):
                spread[key] = spread.get(key, 0) + 1
        for at, (_, _, needed) in enumerate(self._cues):
            rarest = min(needed, key=lambda keys: sum(spread[key] for key in keys))
            for key in rarest:
                self._by_key.setdefault(key, []).append(at)

    def found(self, units: Sequence[Unit]) -> Iterator[tuple[int, Place]]:
        """The number of each cue that the sentence holds, with each of its places."""
        keys = set()
        for unit in units:
            keys.add(unit.form)
            if not unit.khmer:
                keys.update((unit.written, unit.word, unit.word[:BEGINNING] + "*"))
        asked = {at for key in keys for at in self._by_key.get(key, ())}
        for at in sorted(asked):
            number, cue, needed = self._cues[at]
            if all(not keys.isdisjoint(some) for some in needed):
                for place in places(cue, units):
                    yield number, place
