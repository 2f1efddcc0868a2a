"""How well themes are suggested for sentences as people say them, on the half that the cues were not written by.

    python -m tests.bench.tags [--half looked|kept] [--misses]

`said.tsv` holds sentences invented for this, in Khmer and English, each with the themes a person would give it; those
marked `~` may be suggested and need not be. Half of them, told by a hash of the sentence, were looked at while cues
were written; the figures that count are those of the other half.

Then the other half is cut in two, by another byte of the hash. A person answers on one quarter, fifty times in all: yes
to a right suggestion or to a theme that was missed, no to a wrong one, each sentence in a testimony of its own. What
that teaches is tried on the other quarter, and then the other way round: the figures before and after are of the same
sentences.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from archive.catalogue import theme_lessons
from archive.catalogue.theme_cues import shipped_themes
from archive.catalogue.theme_finder import ThemeFinder, Themes
from archive.catalogue.theme_lessons import Lesson

SAID = Path(__file__).with_name("said.tsv")
CONFIRMATIONS = 50


@dataclass(frozen=True)
class Said:
    """A sentence with the themes it is about, and those that it may be said to be about."""

    language: str
    themes: frozenset[str]
    also: frozenset[str]
    text: str

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def looked_at(self) -> bool:
        return self.digest[0] % 2 == 0

    @property
    def first_quarter(self) -> bool:
        return self.digest[1] % 2 == 0


def sentences() -> list[Said]:
    found = []
    for line in SAID.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            language, names, text = line.split("\t")
            every = [name for name in names.split() if name != "-"]
            also = frozenset(name[1:] for name in every if name.startswith("~"))
            found.append(Said(language, frozenset(name for name in every if name[0] != "~"), also, text))
    return found


@dataclass
class Score:
    """Suggestions that were right, wrong, and missing."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


Scores = dict[str, Score]


def measured(
    finder: ThemeFinder, said: Iterable[Said], scores: Scores | None = None, *, misses: bool = False
) -> Scores:
    """Scores by theme; of all together under `all`, and of each language under its name."""
    scores = {} if scores is None else scores
    for one in said:
        suggested = {found.term_id: found for found in finder.find(one.text)}
        for theme in suggested.keys() | one.themes:
            for name in ("all", one.language, theme):
                score = scores.setdefault(name, Score())
                score.right += theme in suggested and theme in one.themes | one.also
                score.wrong += theme in suggested and theme not in one.themes | one.also
                score.missed += theme in one.themes and theme not in suggested
                score.found += theme in one.themes and theme in suggested
        if misses:
            _told(one, suggested.keys(), {name: found.matched for name, found in suggested.items()})
    return scores


def _told(one: Said, suggested: Iterable[str], matched: dict[str, str]) -> None:
    missed = one.themes - set(suggested)
    wrong = set(suggested) - one.themes - one.also
    if missed or wrong:
        print(f"{one.text}\n    missed {sorted(missed)}; wrong {[(name, matched[name]) for name in sorted(wrong)]}")


def taught(themes: Themes, said: Iterable[Said]) -> tuple[Themes, int]:
    """The themes after a person has answered on these sentences, each of them in another testimony."""
    finder = ThemeFinder(themes)
    answers: list[Lesson] = []
    count = 0
    for number, one in enumerate(sorted(said, key=lambda one: one.digest)):
        suggested = {found.term_id for found in finder.find(one.text)}
        for theme in sorted(suggested | one.themes):
            if theme in one.also or count == CONFIRMATIONS:
                continue
            count += 1
            answers += theme_lessons.lessons_of(finder, f"{number}", theme, [one.text], confirmed=theme in one.themes)
    trust, words = theme_lessons.learnt(finder, answers)
    return replace(themes, trust=trust, words=words), count


def _print(title: str, scores: Scores, *, each: bool) -> None:
    print(title)
    for name in ("all", "km", "en"):
        score = scores[name]
        print(f"  {name:<6} precision {score.precision:.3f}  recall {score.recall:.3f}")
    for name in sorted(scores.keys() - {"all", "km", "en"}) if each else ():
        score = scores[name]
        asked = score.found + score.missed
        print(f"    {name:<28} precision {score.precision:.2f}  recall {score.recall:.2f}  of {asked}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--half", choices=("looked", "kept"), default="kept")
    parser.add_argument("--misses", action="store_true", help="print each sentence with what was wrong or missed")
    options = parser.parse_args()
    every = sentences()
    asked = [one for one in every if one.looked_at == (options.half == "looked")]
    counts = Counter(one.language for one in asked)
    print(f"{len(every)} sentences, {len(asked)} asked: {dict(counts)}")
    themes = shipped_themes()
    _print("before", measured(ThemeFinder(themes), asked, misses=options.misses), each=True)
    scores: Scores = {}
    for quarter in (True, False):
        after, count = taught(themes, [one for one in asked if one.first_quarter != quarter])
        measured(ThemeFinder(after), [one for one in asked if one.first_quarter == quarter], scores)
    _print(f"after {count} answers", scores, each=False)


if __name__ == "__main__":
    main()
