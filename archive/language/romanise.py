"""Khmer in Latin letters, to sing along with, and how words rhyme.

The letters are those of the United Nations' 1972 romanisation of Khmer, made easy: of its accents only two stay, since
a singer needs them, `â` for the open sound of English "law" and `ô` for the closer one. What is written is what is
sung: words of `data/readings.tsv` as said there, all others by rule, silent letters left out. It is a help for the eye
and cannot be turned back into Khmer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from archive.language.clusters import COENG, KHMER_CLUSTER
from archive.language.normalise import normalise
from archive.language.sounds import Syllable, read
from archive.language.words import WordSpan, words

_READINGS = Path(__file__).with_name("data") / "readings.tsv"

_LETTERS = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវឝឞសហឡ"
_BEGINNING = "k kh k kh ng ch chh ch chh nh d th d th n t th t th n b ph p ph m y r l v s s s h l"
_END = "k k k k ng ch ch ch ch nh t t t t n t t t t n p p p p m y r l v s s s h l"
_ONSETS = dict(zip(_LETTERS, _BEGINNING.split(), strict=True)) | {"ប៉": "p"}
_CODAS = dict(zip(_LETTERS, _END.split(), strict=True))
_INDEPENDENT = dict(
    zip(
        "ឥឦឧឨឩឪឫឬឭឮឯឰឱឲឳ",
        ["e", "ei", "u", "uk", "u", "ov", "reu", "reu", "leu", "leu", "ae", "ai", "ao", "ao", "au"],
        strict=True,
    )
)

# Vowel signs to what they say in the first series and in the second.
_VOWELS = {
    "": ("â", "ô"),
    "ា": ("a", "ea"),
    "ិ": ("e", "i"),
    "ី": ("ei", "i"),
    "ឹ": ("eu", "eu"),
    "ឺ": ("eu", "eu"),
    "ុ": ("o", "u"),
    "ូ": ("o", "u"),
    "ួ": ("uo", "uo"),
    "ើ": ("aeu", "eu"),
    "ឿ": ("oea", "oea"),
    "ៀ": ("ie", "ie"),
    "េ": ("e", "e"),
    "ែ": ("ae", "e"),
    "ៃ": ("ai", "ey"),
    "ោ": ("ao", "o"),
    "ៅ": ("au", "ov"),
    "ុំ": ("om", "um"),
    "ំ": ("âm", "um"),
    "ាំ": ("am", "oam"),
    "ះ": ("ah", "eah"),
    "ិះ": ("eh", "ih"),
    "ុះ": ("oh", "uh"),
    "េះ": ("eh", "eh"),
    "ោះ": ("aoh", "oh"),
    "ែះ": ("aeh", "eh"),
    "ៈ": ("ak", "eak"),
    "័": ("a", "oa"),
    "៏": ("â", "ô"),
}
_LONGEST_WORD = 200  # characters; nothing longer is a word to rhyme on or to remember
_SAID = re.compile(r"[^aeiouâô]*([aeiouâô].*)")


@lru_cache(maxsize=1)
def _readings() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for line in _READINGS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            word, said = line.split("\t")
            table[normalise(word).text] = said.split("-")
    return table


@lru_cache(maxsize=1)
def _known() -> re.Pattern[str]:
    """A known reading inside a longer word: whole clusters, and three at least, since short ones are often chance."""
    long = [word for word in _readings() if len(re.findall(KHMER_CLUSTER, word)) > 2]
    longest_first = "|".join(sorted(long, key=len, reverse=True))
    return re.compile(f"(?<!{COENG})({longest_first})(?![\u17b6-\u17d3])")


def _spoken(folded: str) -> tuple[str, ...]:
    return _spoken_short(folded) if len(folded) <= _LONGEST_WORD else _spoken_short.__wrapped__(folded)


@lru_cache(maxsize=1 << 14)
def _spoken_short(folded: str) -> tuple[str, ...]:
    whole = _readings().get(folded)
    if whole is not None:
        return tuple(whole)
    said: list[str] = []
    for part in _known().split(folded):
        known = _readings().get(part)
        said += known if known is not None else [_say(syllable) for syllable in read(part)]
    return tuple(said)


def spoken(word: str) -> tuple[str, ...]:
    """The syllables of one Khmer word in Latin letters; empty when it holds no Khmer letter."""
    return _spoken(normalise(word).text)


def _say(syllable: Syllable) -> str:
    series = 0 if syllable.first_series else 1
    if syllable.onset[0] in _INDEPENDENT:
        return _INDEPENDENT[syllable.onset[0]] + _CODAS.get(syllable.coda, "")
    onset = [_ONSETS.get(letter, "") for letter in syllable.onset]
    if len(onset) > 1 and onset[0] == "b":
        onset[0] = "p"
    vowel = _VOWELS.get(syllable.vowel)
    said = vowel[series] if vowel else "".join(_VOWELS.get(sign, ("", ""))[series] for sign in syllable.vowel)
    if syllable.vowel == "ា" and syllable.short and series:
        said = "oa"
    if syllable.vowel == "ាំ" and syllable.coda:
        said = ("a", "ea")[series]
    if syllable.vowel == "័" and syllable.coda == "យ":
        return "".join(onset) + ("ai", "ey")[series]
    return "".join(onset) + said + _CODAS.get(syllable.coda, "")


def romanise_words(text: str) -> list[tuple[WordSpan, str]]:
    """Each word of a text with how it is read; words in other scripts stay as they are.

    A repetition sign says the word before it once more, and comes with that reading.
    """
    found: list[tuple[WordSpan, str]] = []
    for piece in words(text):
        if piece.is_word:
            found.append((piece, "".join(spoken(piece.text)) or piece.text))
        elif piece.text == "ៗ" and found:
            found.append((piece, found[-1][1]))
    return found


def romanise(text: str) -> str:
    """A line in Latin letters, its words apart."""
    return " ".join(said for _, said in romanise_words(text))


def rhyme_key(word: str) -> str | None:
    """What a word rhymes on: the vowel and the end of its last syllable; None where there is nothing to hear.

    A final r is not said in Khmer and a final s is said as h, so neither keeps words from rhyming. English has no such
    rules; there the key is its last written vowels and what follows, which is good enough to suggest and no more.
    """
    return _rhyme_key(word) if len(word) <= _LONGEST_WORD else None


@lru_cache(maxsize=1 << 16)  # every word that is indexed asks
def _rhyme_key(word: str) -> str | None:
    folded = normalise(word).text
    said = _spoken(folded)
    if said:
        match = _SAID.fullmatch(said[-1])
        if match is None:
            return None
        return "km:" + re.sub("s$", "h", match[1].removesuffix("r"))
    ending = re.search(r"[aeiouy]+[^aeiouy]*$", re.sub(r"(?<=[aeiouy])([^aeiouy]+)e$", r"\1", folded))
    return "en:" + ending[0] if ending and folded.isascii() else None
