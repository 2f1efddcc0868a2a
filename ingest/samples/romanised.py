"""Romanised Khmer to phonemes, near enough for a synthetic voice that knows only English to say or sing it.

No Khmer voice may be shipped, so the Khmer testimonies and the songs are voiced from their romanisation: syllables
parted by "-", words by spaces. What comes out is an approximation in the International Phonetic Alphabet, not a
pronunciation guide: the registers of Khmer vowels are flattened into the nearest sounds the voice was trained on.
"""

from __future__ import annotations

_ONSETS = {
    "chhk": "tʃk",
    "chhm": "tʃm",
    "chhn": "tʃn",
    "chb": "tʃb",
    "chh": "tʃ",
    "phnh": "fnj",
    "thng": "tŋ",
    "khs": "ks",
    "kh": "kʰ",
    "ph": "pʰ",
    "th": "tʰ",
    "ch": "tʃ",
    "nh": "nj",
    "ng": "ŋ",
    "r": "ɹ",
    "y": "j",
    "v": "v",
}
_VOWELS = {
    "aeng": "aɪŋ",
    "aey": "aɪ",
    "aoy": "aʊi",
    "uoy": "uːi",
    "uo": "uːə",
    "ae": "ɛː",
    "ai": "aɪ",
    "ao": "aʊ",
    "av": "aʊ",
    "ay": "aɪ",
    "ea": "iːə",
    "ei": "eɪ",
    "eu": "əː",
    "ie": "iːə",
    "oa": "oʊə",
    "ou": "uː",
    "ov": "əʊ",
    "uy": "uːi",
    "a": "ɑː",
    "e": "eː",
    "i": "iː",
    "o": "ɔː",
    "u": "uː",
}
_CODAS = {"ng": "ŋ", "nh": "nj", "ch": "tʃ", "y": "i", "v": "w", "r": ""}
_VOWEL_LETTERS = "aeiou"


def syllables(word: str) -> tuple[str, ...]:
    """The syllables of one romanised word: "ban-top" gives ("ban", "top")."""
    return tuple(part for part in word.strip(",.?").split("-") if part)


def syllable_phonemes(syllable: str) -> str:
    """One romanised syllable in IPA, the vowel carrying the stress: "khsae" gives "ksˈɛː".

    Raises:
        ValueError: when the syllable has no vowel letter.
    """
    start = next((at for at, letter in enumerate(syllable) if letter in _VOWEL_LETTERS), None)
    if start is None:
        raise ValueError(f"no vowel in the romanised syllable {syllable!r}")
    vowel = next(known for known in _VOWELS if syllable.startswith(known, start))
    onset, coda = syllable[:start], syllable[start + len(vowel) :]
    return _spell(onset, _ONSETS) + "ˈ" + _VOWELS[vowel] + _spell(coda, _CODAS)


def sentence_phonemes(romanised: str) -> str:
    """A romanised sentence in IPA, its commas kept as pauses."""
    words = []
    for word in romanised.split():
        sound = "".join(syllable_phonemes(syllable) for syllable in syllables(word))
        words.append(sound + ("," if word.endswith(",") else ""))
    return " ".join(words) + "."


def _spell(letters: str, table: dict[str, str]) -> str:
    sound = ""
    while letters:
        known = next((key for key in table if letters.startswith(key)), letters[0])
        sound += table.get(known, known)
        letters = letters[len(known) :]
    return sound
