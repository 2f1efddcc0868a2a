"""How a Khmer word is read: its syllables, each with onset, vowel and coda, by the rules of the script.

Every consonant without a vowel sign is either the end of the syllable before it or carries the vowel it was born with;
the script does not say which. The rules here decide by what stands on both sides, and `data/readings.tsv` holds the
words where they cannot. Romanising, counting and rhyming all read from here, so that they never disagree.
Source for the series of letters and vowels: F. E. Huffman, Cambodian System of Writing and Beginning Reader (1970).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.language.clusters import COENG, KHMER_CLUSTER

_NASALS = frozenset("ងញណនម")
_SONORANTS = _NASALS | frozenset("យរលវឡ")
FIRST_SERIES = frozenset("កខចឆដឋណតថបផសហឡអ")
_UNDER_THESE_DA = frozenset("ណមបផសកខ")
_NEVER_FINAL = frozenset("ហអឡ")
INDEPENDENT = frozenset(map(chr, range(0x17A5, 0x17B4)))
_VOWELS = frozenset(map(chr, range(0x17B6, 0x17C6))) | frozenset("\u17c6\u17c7\u17c8\u17d0\u17cf")
_BANTOC, _ROBAT, _SILENCER = "\u17cb", "\u17cc", "\u17cd"
_MUUSIKATOAN, _TRIISAP = "\u17c9", "\u17ca"
_CLOSING = frozenset("\u17c6\u17c7\u17c8")
# Letters that close a syllable alike, so that one above another is read as an end and a beginning.
_SAME_PLACE = {
    letter: group
    for group, letters in enumerate(("កខគឃ", "ចឆជឈ", "ដឋឌឍតថទធ", "បផពភ", "ស", "ល", "យ", "រ"))
    for letter in letters
}
_CLUSTER = re.compile(KHMER_CLUSTER)
_PART = re.compile(f"{COENG}(.)|(.)")


@dataclass(slots=True)
class Syllable:
    """One syllable as letters.

    Attributes:
        onset: the consonant letters before the vowel, the base letter first; an independent vowel stands alone.
        vowel: the vowel signs in order, empty for the inherent vowel.
        coda: the letter that closes it, or nothing.
        first_series: whether the vowel is read as after a letter of the first (a) series, or of the second (o).
        short: whether the mark that shortens stands on its coda.
        light: whether it is only the run-up to the next: no letter of its own closes it.
    """

    onset: list[str]
    vowel: str = ""
    coda: str = ""
    first_series: bool = True
    short: bool = False
    light: bool = True

    @property
    def closed(self) -> bool:
        return bool(self.coda) or any(sign in _CLOSING for sign in self.vowel)


@dataclass(slots=True)
class _Letter:
    """One cluster taken apart."""

    consonants: list[str] = field(default_factory=list)
    vowel: str = ""
    marks: str = ""

    @property
    def bare(self) -> bool:
        return not self.vowel and self.consonants[0] not in INDEPENDENT

    @property
    def only_closes(self) -> bool:
        return self.bare and (_BANTOC in self.marks or _ROBAT in self.marks)


def _letters(word: str) -> list[_Letter]:
    found = []
    for cluster in _CLUSTER.findall(word):
        letter = _Letter()
        for below, sign in _PART.findall(cluster):
            if below or "\u1780" <= sign <= "\u17b3":
                letter.consonants.append(below or sign)
            elif sign in _VOWELS:
                letter.vowel += sign
            else:
                letter.marks += sign
        if _SILENCER not in letter.marks:
            found.append(letter)
    return found


def read(word: str) -> list[Syllable]:
    """The syllables of one folded Khmer word by rule alone, without the list of readings."""
    letters = _letters(word)
    syllables: list[Syllable] = []
    for at, letter in enumerate(letters):
        following = letters[at + 1] if at + 1 < len(letters) else None
        last = syllables[-1] if syllables else None
        if last is None or not _closes(letter, last, following, after=letters[at + 2 :]):
            _open(letter, syllables)
        else:
            last.coda = last.coda or letter.consonants[0]
            last.short = last.short or _BANTOC in letter.marks
            last.light = False
    _carry_from_light(syllables)
    return syllables


def _closes(letter: _Letter, last: Syllable, following: _Letter | None, after: list[_Letter]) -> bool:
    """Whether a letter ends the syllable before it rather than beginning one of its own."""
    if letter.only_closes:
        return True
    if not letter.bare:
        return following is None and not last.closed and _silent_end(letter, last)
    if letter.consonants == ["ង"] and last.vowel == "\u17b6\u17c6" and not last.coda:
        return True
    if last.closed:
        return False
    if following is None:
        return letter.consonants[0] not in _NEVER_FINAL
    if len(letter.consonants) > 1 or letter.consonants[0] in _NEVER_FINAL or following.only_closes:
        return False
    ends_the_word = following.bare and not after
    if len(following.consonants) > 1 and (ends_the_word or _one_place(following.consonants)):
        return False  # the letter that follows closes this one's own syllable
    return not ends_the_word


def _silent_end(letter: _Letter, last: Syllable) -> bool:
    """A short i or u at the end of a borrowed word that is written and not said, as at the end of ជាតិ and ហេតុ."""
    base = letter.consonants[0]
    if letter.vowel == "\u17b7":
        if len(letter.consonants) > 1:
            return base == "ត" or (base == "ទ" and bool(last.vowel))
        return base in "តម" and len(last.vowel) == 1 and last.vowel not in "\u17b7\u17bb"
    return letter.vowel == "\u17bb" and base == "ត" and len(letter.consonants) == 1 and bool(last.vowel)


def _open(letter: _Letter, syllables: list[Syllable]) -> None:
    consonants = letter.consonants
    consonants = _subscript_da(consonants)
    if syllables and not syllables[-1].closed and _parts_ways(consonants, syllables[-1]):
        syllables[-1].coda, consonants = consonants[0], consonants[1:]
    series = _series(consonants)
    if _MUUSIKATOAN in letter.marks:
        series = True
    elif _TRIISAP in letter.marks:
        series = False
    onset = ["ប៉", *consonants[1:]] if consonants[0] == "ប" and _MUUSIKATOAN in letter.marks else list(consonants)
    syllables.append(Syllable(onset, letter.vowel, first_series=series))


def _subscript_da(consonants: list[str]) -> list[str]:
    """Subscript da and ta are one shape; under these letters it is da that is said, unless ro follows."""
    if len(consonants) == 2 and consonants[1] == "ត" and consonants[0] in _UNDER_THESE_DA:
        return [consonants[0], "ដ"]
    return consonants


def _parts_ways(consonants: list[str], last: Syllable) -> bool:
    """Whether a letter with one below it is read across two syllables: a nasal, two sounds of one place, or two stops
    after a syllable without a vowel sign."""
    if len(consonants) < 2:
        return False
    first, second = consonants[:2]
    if _one_place(consonants):
        return True
    return not last.vowel and not {first, second} & (_SONORANTS | _NEVER_FINAL | {"ស"})


def _one_place(consonants: list[str]) -> bool:
    """Whether the first letter is a nasal or sounds where the second does, as at the seam of two syllables."""
    first, second = consonants[:2]
    return first in _NASALS or _SAME_PLACE.get(first, first) == _SAME_PLACE.get(second, second)


def _series(consonants: list[str]) -> bool:
    """The series of a cluster: that of its last stop or spirant; of its first letter where all are sonorants."""
    for letter in reversed(consonants):
        if letter not in _SONORANTS:
            return letter in FIRST_SERIES
    return consonants[0] in FIRST_SERIES


def _carry_from_light(syllables: list[Syllable]) -> None:
    """What a light first syllable does: a sonorant after it is read in its series, its own ta as da."""
    if len(syllables) < 2:
        return
    light, here = syllables[:2]
    if light.vowel not in ("", "\u17c6") or not light.light:
        return
    if light.onset == ["ត"] and light.coda:
        light.onset = ["ដ"]
    if light.first_series and set(here.onset) <= _SONORANTS:
        here.first_series = True
