"""Khmer typed for the fonts that came before Unicode (Limon, ABC): recognised, and converted into what was meant.

Such a text is Latin letters that only its font draws as Khmer, in the order in which they stand on the page: the vowel
before its consonant, subscript ro before both. What each code draws is in `data/legacy_fonts.tsv`; here it is put into
the order in which Khmer is written. Without the font's name a text is only taken for one where its words prove it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from archive.language.clusters import COENG, KHMER_BASE, KHMER_MARK
from archive.language.normalise import normalise, tidy

FontFamily: TypeAlias = Literal["limon", "abc"]

FAMILIES: Final[tuple[FontFamily, ...]] = ("limon", "abc")
_TABLE = Path(__file__).parent / "data" / "legacy_fonts.tsv"
_E, _AA, _II, _U, _NIKAHIT, _NYO, _PO = "\u17c1", "\u17b6", "\u17b8", "\u17bb", "\u17c6", "\u1789", "\u1796"
_BEFORE = frozenset("\u17c1\u17c2\u17c3")
_RO = COENG + "\u179a"
_JOINED = {_AA: "\u17c4", _II: "\u17be", "\u17c0": "\u17c0", "\u17bf": "\u17bf", "\u17c5": "\u17c5"}
_ABOVE = frozenset("\u17b7\u17b8\u17b9\u17ba\u17be")
_HIGH_BASES = frozenset("\u179f\u17a0\u1794\u17a2")
_SHIFTERS = frozenset("\u17c9\u17ca")
_BASE, _SIGN = re.compile(f"[{KHMER_BASE}]"), re.compile(f"[{KHMER_MARK}{COENG}]")
_LOST = re.compile(f"(?<![{KHMER_BASE}{KHMER_MARK}{COENG}])[{KHMER_MARK}{COENG}]|{COENG}(?![{KHMER_BASE}])")
_TWO_VOWELS = re.compile("[\u17b6-\u17c5]{2}")
_NO_LETTERS, _INSIDE = re.compile(r"[\d\s]+"), re.compile(r"(?<=\S)[^\W\d_a-z]")
_I = "\u1781\u17d2\u1789\u17bb\u17c6"
"""A word that each family draws with one code, which in the other is a frequent sign: it proves nothing."""
_LEAST_INSIDE = 0.08
"""Of a text's letters, capitals and accented ones that stand inside words: a Khmer text has a quarter, others few."""
_LEAST_LETTERS, _SAMPLE = 30, 3000
_MOST_BROKEN, _LEAST_KNOWN, _LEAST_SUSPECT = 0.05, 0.6, 0.4


@lru_cache(maxsize=1)
def _tables() -> dict[FontFamily, dict[str, str]]:
    found: dict[FontFamily, dict[str, str]] = {family: {} for family in FAMILIES}
    for row in _TABLE.read_text(encoding="utf-8").splitlines():
        if row.startswith("#"):
            continue
        codes, *drawn = row.split("\t")
        code = "".join(chr(int(one, 16)) for one in codes.split())
        for family, text in zip(FAMILIES, drawn, strict=True):
            if text:
                found[family][code] = text
    return found


def family_of(font: str) -> FontFamily | None:
    """The family that a font's name tells, such as `Limon S1` or `ABC-TEXT-05`; None for any other."""
    name = font.strip().lower()
    if name.startswith("limon"):
        return "limon"
    return "abc" if re.match(r"abc(?![a-z])", name) else None


def converted(text: str, family: FontFamily) -> str:
    """What a text shows in a font of this family, as Unicode in canonical order."""
    table = _tables()[family]
    written, at = _Page(), 0
    while at < len(text):
        code = text[at : at + 2] if text[at : at + 2] in table else text[at]
        written.add(table.get(code, code))
        at += len(code)
    return tidy(written.text())


def recognised(text: str) -> FontFamily | None:
    """The family a text was typed for, where its words leave no doubt; None for everything else."""
    best = max(((_known(text, family), family) for family in FAMILIES), key=lambda one: one[0])
    return best[1] if best[0] >= _LEAST_KNOWN else None


def suspected(text: str) -> bool:
    """Whether a text may well be Khmer of an old font, though not so surely that it could be converted unasked."""
    return max(_known(text, family) for family in FAMILIES) >= _LEAST_SUSPECT


class _Page:
    """Characters in the order of the page, put into the order of writing, cluster by cluster."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._before = ""  # a vowel that stands before its consonant
        self._ro = ""
        self._base = ""
        self._signs: list[str] = []

    def add(self, drawn: str) -> None:
        if drawn in _BEFORE:
            self._finish_if(self._base or self._before)
            self._before = drawn
        elif drawn == _RO:
            self._finish_if(self._base or self._ro)
            self._ro = drawn
        elif _BASE.match(drawn):
            self._finish_if(self._base)
            self._base, self._signs = drawn[0], re.findall(f"{COENG}[{KHMER_BASE}]|.", drawn[1:])
        elif _SIGN.match(drawn) and self._base:
            self._signs += re.findall(f"{COENG}[{KHMER_BASE}]|.", drawn)
        else:
            self._finish()
            self._done.append(drawn)

    def text(self) -> str:
        self._finish()
        return "".join(self._done)

    def _finish_if(self, begun: str) -> None:
        if begun:
            self._finish()

    def _finish(self) -> None:
        base, signs = self._base, self._signs
        if base == _PO and signs[:1] == [_AA] and len(signs) > 1 and signs[1].startswith(COENG):
            base, signs = _NYO, signs[1:]  # nyo loses its foot over a subscript, and then looks like po with aa
        below = [one for one in signs if one.startswith(COENG)]
        above = [one for one in signs if not one.startswith(COENG)]
        vowel = self._before
        if vowel == _E and (second := next((one for one in above if one in _JOINED), "")):
            above[above.index(second)], vowel = _JOINED[second], ""
        raised = _ABOVE.intersection(above) or {_AA, _NIKAHIT} <= set(above)
        if _U in above and raised and not _SHIFTERS.intersection(above):
            above[above.index(_U)] = "\u17ca" if base in _HIGH_BASES else "\u17c9"
        self._done.append("".join((base, *below, self._ro, vowel, *above)))
        self._before, self._ro, self._base, self._signs = "", "", "", []


@lru_cache(maxsize=64)
def _known(text: str, family: FontFamily) -> float:
    """The share of a text, read in a font of this family, that is Khmer words longer than one cluster; 0 for nonsense.

    Nearly every word of a European language ends in a vowel that has no consonant there, so that nothing is looked up.
    """
    sample = _NO_LETTERS.sub(" ", text[:_SAMPLE])
    letters = len(sample.replace(" ", ""))
    if any("\u1780" <= letter <= "\u17ff" for letter in sample):
        return 0.0
    if letters < _LEAST_LETTERS or len(_INSIDE.findall(sample)) < _LEAST_INSIDE * letters:
        return 0.0
    khmer = converted(sample, family)
    broken = len(_LOST.findall(khmer)) + len(_TWO_VOWELS.findall(khmer))
    if broken > _MOST_BROKEN * len(_BASE.findall(khmer)):
        return 0.0
    from archive.language.lexicon import shipped  # a quarter of a second to load, and a European text never gets here
    from archive.language.words import words

    spoken = [normalise(one.text).text for one in words(khmer) if one.is_word]
    lexicon = shipped()
    sure = sum(len(one) for one in spoken if one != _I and len(_BASE.findall(one)) > 1 and one in lexicon)
    return sure / max(1, sum(map(len, spoken)))
