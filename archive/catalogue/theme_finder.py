"""Which themes a sentence is about, as a suggestion that names the words it came from.

Each cue has a trust: how often, of ten times that it is said, it is said of its theme. What a sentence holds is put
together as chances are (two hints that fail one time in two fail together one time in four), so a score is the share
of such sentences that should be right. What is denied ("we never went on strike") and what an interviewer asks count
for less; themes that are spoken of by what is missing (a compensation that was not paid) are not less for being
denied.

A theme gives way to another that the same words and more led to; a broader one to a narrower that takes its words
away, and the topmost themes to any below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.catalogue import cues
from archive.catalogue.cues import CueError, CueIndex
from archive.catalogue.spoken_units import Sentence, Unit, sentences

SAID_OF_IT, HINT = 0.8, 0.35  # the trust of a cue, and of one that is only a hint
ENOUGH = 0.5  # the score from which a theme is suggested
DENIED, ASKED, WONDERED = 0.4, 0.45, 0.85  # how far what is denied, asked of somebody, or asked of nobody is trusted
BEFORE_WORDS, BEFORE_CLUSTERS = 8, 10  # how near a "not" stands before what it denies
NEVER = "!"
HINTED = "~"

Forms = tuple[tuple[str, ...], ...]  # words, each as the units it is compared by


@dataclass(frozen=True, slots=True)
class SpeechWords:
    """Words that say how a sentence is meant, in every language of the archive: no theme is known by them.

    Attributes:
        denying: not, never; `not_after_all` are words behind them that take it back, as in "not only".
        you: whom a question speaks to; `asking` begins a question, `please` a request.
    """

    denying: Forms = ()
    not_after_all: Forms = ()
    you: Forms = ()
    asking: Forms = ()
    please: Forms = ()


class SaidCue(NamedTuple):
    """A cue of a term; `text` may begin with `~` or `!`."""

    term_id: str
    language: str
    text: str


class SaidName(NamedTuple):
    """A label of a term."""

    term_id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Themes:
    """What is known of the themes.

    Attributes:
        broader: term -> the one above it, or None.
        names, cues: how they are called, and how people say them.
        missing: terms that are spoken of by what is missing.
        trust: (term, cue or word) -> trust, where people's answers have moved it.
        words: term -> words that confirmed passages have taught, with their trust.
    """

    broader: Mapping[str, str | None]
    names: Sequence[SaidName]
    cues: Sequence[SaidCue]
    missing: frozenset[str] = frozenset()
    speech: SpeechWords = SpeechWords()
    trust: Mapping[tuple[str, str], float] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """A theme that a text may be about.

    Attributes:
        matched: the words that led to it, as they stand in the text, parts of it apart with an ellipsis.
        score: from 0 to 1.
        by: the cues and learnt words that were enough for it, for learning from the answer.
    """

    term_id: str
    matched: str
    score: float
    start: int
    end: int
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """A cue or a name, ready to be looked for."""

    term_id: str
    text: str
    trust: float


@dataclass(slots=True)
class _Sign:
    """A place in a sentence that speaks for a theme."""

    term_id: str
    by: str
    trust: float
    units: frozenset[int]


class ThemeFinder:
    """Finds themes in texts; made once for a whole transcript.

    Args:
        language: look only for what is said in this language; both where none is given.
    """

    def __init__(self, themes: Themes, language: str | None = None) -> None:
        self.themes = themes
        self._known: list[_Known] = []
        read: list[tuple[int, cues.Cue]] = []
        self._starts: dict[tuple[str, str], float] = {}
        done: set[tuple[str, str]] = set()
        for term_id, given, text in [*themes.cues, *themes.names]:
            mark, bare = (text[0], text[1:]) if text[0] in {NEVER, HINTED} else ("", text)
            if (language and given != language) or (term_id, bare.casefold()) in done:
                continue
            done.add((term_id, bare.casefold()))
            start = {NEVER: 0.0, HINTED: HINT}.get(mark, SAID_OF_IT)
            cue = _readable(bare)
            if cue is None:
                continue
            if start:
                self._starts[term_id, bare] = start
            read.append((len(self._known), cue))
            self._known.append(_Known(term_id, bare, themes.trust.get((term_id, bare), start) if start else 0.0))
        self._index = CueIndex(read)
        self._words = _by_word(themes.words)

    @property
    def shipped(self) -> Mapping[tuple[str, str], float]:
        """The trust that each cue and each name of a theme begins with."""
        return self._starts

    def find(self, text: str, *, interviewer: bool = False) -> list[FoundTheme]:
        """The themes of a text, the surest first; every one that scores `ENOUGH`."""
        return [one for one in self.weigh(text, interviewer=interviewer) if one.score >= ENOUGH]

    def weigh(self, text: str, *, interviewer: bool = False) -> list[FoundTheme]:
        """Every theme that anything in a text speaks for, the surest first."""
        best: dict[str, FoundTheme] = {}
        for sentence in sentences(text):
            for found in self._in_sentence(sentence, text, interviewer=interviewer):
                before = best.get(found.term_id)
                if before is None or before.score < found.score:
                    best[found.term_id] = found
        return sorted(best.values(), key=lambda one: (-one.score, one.term_id))

    def _in_sentence(self, sentence: Sentence, text: str, *, interviewer: bool) -> list[FoundTheme]:
        signs = self._signs(sentence.units)
        speech = self.themes.speech
        said = ASKED if interviewer else _addressed(sentence, speech)
        by_term: dict[str, list[_Sign]] = {}
        for sign in signs:
            if sign.term_id not in self.themes.missing and _denied(sentence.units, sign.units, speech):
                sign.trust *= DENIED
            sign.trust *= said
            by_term.setdefault(sign.term_id, []).append(sign)
        kept = {term: _apart(found) for term, found in by_term.items()}
        scores = {term: _together(found) for term, found in kept.items()}
        return [
            _told(term, kept[term], scores[term], sentence.units, text)
            for term in kept
            if not self._gives_way(term, kept, scores)
        ]

    def _signs(self, units: Sequence[Unit]) -> list[_Sign]:
        signs: list[_Sign] = []
        never: dict[str, list[frozenset[int]]] = {}
        for number, place in self._index.found(units):
            known = self._known[number]
            if known.trust:
                signs.append(_Sign(known.term_id, known.text, known.trust, place.units))
            else:
                never.setdefault(known.term_id, []).append(place.units)
        for word, numbers in spoken_words(units):
            signs += [_Sign(term, word, trust, frozenset(numbers)) for term, trust in self._words.get(word, ())]
        return [one for one in signs if not any(one.units <= units for units in never.get(one.term_id, ()))]

    def _gives_way(self, term: str, kept: Mapping[str, list[_Sign]], scores: Mapping[str, float]) -> bool:
        """Whether another theme says it better: one that the same words and more led to, or a narrower one."""
        mine = _units_of(kept[term])
        for other, found in kept.items():
            if other == term or scores[other] < ENOUGH:
                continue
            theirs = _units_of(found)
            if mine < theirs and scores[other] >= scores[term]:
                return True
            if term in self._above(other):
                own = [sign for sign in kept[term] if not sign.units & theirs]
                if self.themes.broader.get(term) is None or _together(own) < ENOUGH:
                    return True
        return False

    def _above(self, term: str) -> Iterable[str]:
        above = self.themes.broader.get(term)
        while above is not None:
            yield above
            above = self.themes.broader.get(above)


def _readable(text: str) -> cues.Cue | None:
    try:
        return cues.read(text)
    except CueError:
        return None  # a name with a bracket in it


def _by_word(words: Mapping[str, Mapping[str, float]]) -> dict[str, list[tuple[str, float]]]:
    table: dict[str, list[tuple[str, float]]] = {}
    for term, trusted in words.items():
        for word, trust in trusted.items():
            table.setdefault(word, []).append((term, trust))
    return table


def spoken_words(units: Sequence[Unit]) -> list[tuple[str, list[int]]]:
    """The words of a sentence in the form that is compared, with the numbers of their units."""
    found: list[tuple[str, list[int]]] = []
    for number, unit in enumerate(units):
        if not unit.begins and found:
            word, numbers = found[-1]
            found[-1] = (word + unit.form, [*numbers, number])
        else:
            found.append((unit.form, [number]))
    return found


def _units_of(signs: Sequence[_Sign]) -> frozenset[int]:
    return frozenset().union(*(sign.units for sign in signs))


def _apart(signs: Sequence[_Sign]) -> list[_Sign]:
    """Signs that do not stand on the same words, the most trusted kept."""
    kept: list[_Sign] = []
    for sign in sorted(signs, key=lambda one: (-one.trust, -len(one.units), min(one.units))):
        if not any(sign.units & other.units for other in kept):
            kept.append(sign)
    return kept


def _together(signs: Sequence[_Sign]) -> float:
    missed = 1.0
    for sign in signs:
        missed *= 1 - sign.trust
    return round(1 - missed, 4)


def _denied(units: Sequence[Unit], found: frozenset[int], speech: SpeechWords) -> bool:
    first = min(found)
    clause, khmer = units[first].clause, units[first].khmer
    before = range(max(0, first - (BEFORE_CLUSTERS if khmer else BEFORE_WORDS)), first)
    for number in before:
        if units[number].clause != clause or number in found:
            continue
        word = _longest_at(units, number, speech.denying)
        if word and not _longest_at(units, number + word, speech.not_after_all):
            return True
    return False


def _longest_at(units: Sequence[Unit], at: int, known: Forms) -> int:
    """How many units the longest of these words has that stands here, whole; nought where none does."""
    return max((len(forms) for forms in known if _stands(units, at, forms)), default=0)


def _stands(units: Sequence[Unit], at: int, forms: Sequence[str]) -> bool:
    end = at + len(forms)
    if end > len(units) or not (units[at].begins and units[end - 1].ends):
        return False
    return all(unit.form == form for unit, form in zip(units[at:end], forms, strict=True))


def _addressed(sentence: Sentence, speech: SpeechWords) -> float:
    """How far a sentence is trusted to tell of what was lived: less where somebody is asked about it."""
    units = sentence.units
    asks = sentence.asks or bool(units[0].khmer and _longest_at(units, 0, speech.asking))
    you = asks and any(_longest_at(units, at, speech.you) for at in range(len(units)))
    if you or _longest_at(units, 0, speech.please):
        return ASKED
    return WONDERED if asks else 1.0


def _told(term: str, signs: Sequence[_Sign], score: float, units: Sequence[Unit], text: str) -> FoundTheme:
    numbers = sorted(frozenset().union(*(sign.units for sign in signs)))
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number - runs[-1][-1] <= 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [text[units[run[0]].start : units[run[-1]].end] for run in runs]
    start, end = units[numbers[0]].start, units[numbers[-1]].end
    return FoundTheme(term, " … ".join(parts), score, start, end, _enough(signs))


def _enough(signs: Sequence[_Sign]) -> tuple[str, ...]:
    """The cues that would have been enough without the others, the most trusted first."""
    for count in range(1, len(signs)):
        if _together(signs[:count]) >= ENOUGH:
            signs = signs[:count]
            break
    return tuple(dict.fromkeys(sign.by for sign in signs))
