"""The text of a file whose encoding nobody told: one function for every text that is brought in.

UTF-8 with and without its mark, UTF-16 and UTF-32 with theirs, UTF-16 without (half of its bytes are zero, or the row
of its script), and else Windows-1252, in which western telephones and old Khmer fonts wrote alike; the latter only
while it reads like writing, so that a file in some third encoding is refused and not taken as a row of accents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.language import legacy_fonts
from archive.language.messages import Message
from media.timed.limits import Unreadable

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LOOK = 4096
_KHMER_ROW = 0x17
_ROWS_OF_SCRIPTS = frozenset({0x00, _KHMER_ROW, 0x20})  # Latin, Khmer, general punctuation
_LEAST_OF_ROWS = 0.7
_MOST_ACCENTS = 0.3  # of the letters: French and Vietnamese names come near a fifth
_FEW = 4
_ACCENT, _LETTER = re.compile("[\u0080-\u2fff]"), re.compile(r"[^\W\d_]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class UnknownEncoding(Unreadable):
    """The bytes are no text in any encoding that is read here."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and whether its encoding had to be inferred: only UTF-8 and what carries a mark is certain."""

    text: str
    encoding: str
    inferred: bool = False


def decoded(data: bytes, told: str = "") -> Decoded:
    """The text of a file.

    Args:
        told: an encoding that the file itself names, used where it is neither UTF-8 nor marked; only Windows code
            pages and Latin ones are believed.

    Raises:
        UnknownEncoding: it is in none of those named above.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_strict(data, encoding).lstrip("\ufeff"), encoding)
    if (wide := _wide(data)) is not None:
        return Decoded(_strict(data, wide), wide, inferred=True)
    try:
        return Decoded(data.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        pass
    encoding = _named(told) or "cp1252"
    text = _strict(data, encoding)
    letters = len(_LETTER.findall(text[: 16 * _LOOK]))
    accents = len(_ACCENT.findall(text[: 16 * _LOOK]))
    accented = accents > max(_FEW, _MOST_ACCENTS * letters)
    if _CONTROLS.search(text) or (accented and not legacy_fonts.recognised(text)):
        raise _unknown()
    return Decoded(text, encoding, inferred=True)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte is that of a few scripts, and the file is of even length."""
    head = data[:_LOOK]
    if len(head) < 8 or len(data) % 2:
        return None
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        high = head[first::2]
        told = b"\0" in head or high.count(_KHMER_ROW) > len(high) // 2
        if told and sum(byte in _ROWS_OF_SCRIPTS for byte in high) >= _LEAST_OF_ROWS * len(high):
            low = head[1 - first :: 2]
            if sum(byte in _ROWS_OF_SCRIPTS for byte in low) < _LEAST_OF_ROWS * len(low):
                return encoding
    return None


def _named(told: str) -> str | None:
    name = told.strip().lower().replace("_", "-")
    if re.fullmatch(r"(?:cp|windows-?)125[0-8]", name):
        return f"cp{name[-4:]}"
    return "latin-1" if re.fullmatch(r"(?:iso-?8859-?1|latin-?1)", name) else None


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _unknown() from None


def _unknown() -> UnknownEncoding:
    return UnknownEncoding(Message("The file is not in UTF-8, UTF-16 or Windows-1252; save it again in UTF-8."))
