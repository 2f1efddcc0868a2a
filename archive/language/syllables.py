"""How many syllables a line has when it is sung.

Khmer words are counted as `romanise` reads them; numerals as they are said; a repetition sign says its word again.
English is counted by its written vowels, with the usual silent endings, which is right often enough to lay a line
against a tune and no more.
"""

from __future__ import annotations

import re

from archive.language.normalise import normalise
from archive.language.romanise import spoken
from archive.language.words import WordSpan, words

_FIGURES = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_KHMER = re.compile("[\u1780-\u17b3\u17e0-\u17e9]")
_DIGITS = ["សូន្យ", "មួយ", "ពីរ", "បី", "បួន", "ប្រាំ", "ប្រាំមួយ", "ប្រាំពីរ", "ប្រាំបី", "ប្រាំបួន"]
_TENS = ["", "ដប់", "ម្ភៃ", "សាមសិប", "សែសិប", "ហាសិប", "ហុកសិប", "ចិតសិប", "ប៉ែតសិប", "កៅសិប"]
_POWERS = ((1_000_000, "លាន"), (100_000, "សែន"), (10_000, "ម៉ឺន"), (1_000, "ពាន់"), (100, "រយ"))
_LONGEST = 9  # digits; a longer number is said digit by digit

_ENGLISH_DIGITS = (1, 1, 1, 1, 1, 1, 1, 2, 1, 1)
_ENGLISH_TEENS = (1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
_ENGLISH_TENS = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)


def count(text: str) -> int:
    """Syllables in a line of Khmer, English or both."""
    return sum(n for _, n in by_word(text))


def by_word(text: str) -> list[tuple[WordSpan, int]]:
    """Each word and each repetition sign of a text with its syllables."""
    khmer = _KHMER.search(text) is not None
    found: list[tuple[WordSpan, int]] = []
    for piece in words(text):
        if piece.is_word:
            found.append((piece, _of_word(piece.text, khmer)))
        elif piece.text == "ៗ" and found:
            found.append((piece, found[-1][1]))
    return found


def _of_word(word: str, khmer: bool) -> int:
    if _FIGURES.search(plain := normalise(word).text) is None:
        return len(spoken(word)) or _of_english(word)
    figures, rest = _FIGURES.findall(plain), "".join(_FIGURES.split(plain))
    said = sum(_of_number(number, khmer) for number in figures)
    return said + (len(spoken(rest)) or _of_english(rest) if rest else 0)


def numeral(number: int) -> list[str]:
    """The Khmer words a number is said with, from 0 up to a thousand million."""
    if number < 10:
        return [_DIGITS[number]]
    if number < 100:
        return [_TENS[number // 10], *(numeral(number % 10) if number % 10 else [])]
    size, name = next(power for power in _POWERS if power[0] <= number)
    return [*numeral(number // size), name, *(numeral(number % size) if number % size else [])]


def _of_number(digits: str, khmer: bool) -> int:
    whole, *parts = digits.replace(",", "").split(".")
    if len(parts) == 1 and len(parts[0]) == 3:  # 1.500 as it is written in Cambodia: one thousand five hundred
        whole, parts = whole + parts[0], []
    said = sum(_of_digits(part, khmer) for part in parts)
    if len(whole) > _LONGEST or (len(whole) > 1 and whole[0] == "0"):
        return said + _of_digits(whole, khmer)
    if khmer:
        return said + sum(len(spoken(word)) for word in numeral(int(whole)))
    return said + _of_english_number(int(whole))


def _of_digits(digits: str, khmer: bool) -> int:
    return sum(len(spoken(_DIGITS[int(d)])) if khmer else _ENGLISH_DIGITS[int(d)] for d in digits)


def _of_english_number(number: int) -> int:
    if number < 10:
        return _ENGLISH_DIGITS[number]
    if number < 20:
        return _ENGLISH_TEENS[number - 10]
    if number < 100:
        return _ENGLISH_TENS[number // 10] + (_of_english_number(number % 10) if number % 10 else 0)
    size = next(size for size in (1_000_000, 1_000, 100) if size <= number)
    rest = number % size
    return _of_english_number(number // size) + 2 + (_of_english_number(rest) if rest else 0)


def _of_english(word: str) -> int:
    if word.isupper() and 1 < len(word) < 7:  # letters said one by one
        return sum(3 if letter == "W" else 1 for letter in word)
    plain = re.sub(r"[^a-z]", "", normalise(word).text)
    # A silent e at the end, alone or before s or d, except where a consonant and l, or a t or d, make it sound.
    plain = re.sub(r"(?<=[aeiouy])([^aeiouyl]+|l)e(s?)$", _silent_e, plain)
    plain = re.sub(r"(?<![td])(?<![bcdfgkpt]r)ed$", "d", plain)
    vowels = re.findall(r"[aeiouy]+", plain)
    apart = re.findall(r"(?<=[^q])i[ao](?!u)|ua(?=l)", plain)
    together = re.findall(r"[tscn]io", plain)
    return max(1, len(vowels) + len(apart) - len(together))


def _silent_e(match: re.Match[str]) -> str:
    hisses = match[2] and re.search(r"(?:s|z|x|c|g|ch|sh)$", match[1])
    return match[0] if hisses else match[1] + match[2]
