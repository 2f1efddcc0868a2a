"""Digits of a language: Khmer writes ០ to ៩, every other language here 0 to 9."""

from __future__ import annotations

from typing import Final

_WESTERN: Final = "0123456789"
_KHMER: Final = "០១២៣៤៥៦៧៨៩"
_TO_KHMER: Final = str.maketrans(_WESTERN, _KHMER)
_TO_WESTERN: Final = str.maketrans(_KHMER, _WESTERN)


def in_digits_of(language: str, text: str) -> str:
    """The text with its digits 0 to 9 written as the language writes them."""
    return text.translate(_TO_KHMER) if language == "km" else text


def western(text: str) -> str:
    """The text with its Khmer digits written 0 to 9, as machines read them."""
    return text.translate(_TO_WESTERN)
