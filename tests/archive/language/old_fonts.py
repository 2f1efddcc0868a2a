"""Unicode Khmer written as people typed it for Limon or ABC: what the tests read back."""

from __future__ import annotations

from archive.language.clusters import COENG, clusters
from archive.language.legacy_fonts import FontFamily, _tables
from archive.language.normalise import tidy

_SPLIT = {"\u17be": ("\u17c1", "\u17b8"), "\u17c4": ("\u17c1", "\u17b6")}
_ALSO_BEFORE = {"\u17bf", "\u17c0", "\u17c5"}


def typed_for(family: FontFamily, text: str) -> str:
    """The codes that show a text in a font of this family; what it cannot show stays."""
    codes = {drawn: code for code, drawn in reversed(_tables()[family].items())}
    return "".join(_cluster(one.text, codes) for one in clusters(tidy(text)))


def _cluster(text: str, codes: dict[str, str]) -> str:
    if text in codes:
        return codes[text]
    base, rest = text[0], text[1:]
    if base not in codes or not "\u1780" <= base <= "\u17b3":
        return text
    below, above, before, ro = [], [], "", ""
    while rest:
        if rest[0] == COENG:
            one, rest = rest[:2], rest[2:]
            if one == COENG + "\u179a":
                ro = codes[one]
            else:
                below.append(codes.get(one, codes.get(COENG + "\u178f", "") if one == COENG + "\u178a" else one))
            continue
        sign, rest = rest[0], rest[1:]
        if sign in _SPLIT:
            before, sign = codes[_SPLIT[sign][0]], _SPLIT[sign][1]
        elif sign in _ALSO_BEFORE:
            before = codes["\u17c1"]
        if sign in "\u17c1\u17c2\u17c3":
            before = codes[sign]
        else:
            above.append(codes.get(sign, sign))
    return before + ro + codes[base] + "".join(below) + "".join(above)
