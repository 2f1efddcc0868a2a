"""The one reader of JSON that a browser sends: types and sizes fit a small schema before a view sees anything.

Python's own reader takes numbers of any length, gives way under deep nesting, and counts true as 1. Here whatever does
not fit is no document, which the view answers as it answers any other form it cannot read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from typing import Any, NoReturn

from flask import request

LARGEST_WHOLE = 2**31 - 1
"""What a column of the database holds."""
LARGEST_EXACT = 2**53
"""What a browser counts to without losing one; milliseconds since 1970 are below it."""
DEEPEST = 12
LONGEST_TEXT = 1_000_000
_LONGEST_DIGITS = 20

Shape = Callable[[Any], Any]
"""Gives the value back, put in order; raises ValueError for one that does not fit."""


def read(required: Collection[str] = (), **shapes: Shape) -> dict[str, Any] | None:
    """The object that the request carries, with the named fields and no others; None where it is none or does not fit.

    Args:
        required: names that must be there.
    """
    if not request.is_json:
        return None
    try:
        found = json.loads(
            request.get_data(cache=False), parse_int=_short_whole, parse_constant=_no_number, parse_float=_finite
        )
        if not isinstance(found, dict) or not set(required) <= set(found):
            return None
        return {name: shape(found[name]) for name, shape in shapes.items() if name in found}
    except (ValueError, RecursionError):
        return None


def whole(least: int = 0, most: int = LARGEST_WHOLE) -> Shape:
    """A whole number; true and 1.0 are none."""

    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError("not a whole number in its range")
        return value

    return check


def number(least: float, most: float) -> Shape:
    """A number with or without a point."""

    def check(value: Any) -> float:
        if type(value) not in (int, float) or not least <= value <= most:
            raise ValueError("not a number in its range")
        return float(value)

    return check


def text(longest: int = LONGEST_TEXT) -> Shape:
    """Text without what no database keeps: NUL and halves of characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError("not a text of its length")
        return _kept(value)

    return check


def flag(value: Any) -> bool:
    """True or false and nothing that only looks like it."""
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def either(*shapes: Shape) -> Shape:
    """The first of several shapes that fits."""

    def check(value: Any) -> Any:
        for shape in shapes:
            try:
                return shape(value)
            except ValueError:
                continue
        raise ValueError("of none of the kinds it may be")

    return check


def nothing(value: Any) -> None:
    """JSON's null."""
    if value is not None:
        raise ValueError("not null")


def rows(most: int, least_whole: int = -LARGEST_WHOLE) -> Shape:
    """A list of objects whose own fields the room checks: numbers that a column holds, clean text, bounded depth."""

    def check(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError("not a list of its length")
        if not all(isinstance(one, dict) for one in value):
            raise ValueError("not a list of objects")
        return [_plain(one, 0, least_whole) for one in value]

    return check


def _plain(value: Any, depth: int, least: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return text()(value)
    if isinstance(value, dict):
        return {_kept(name): _plain(one, depth + 1, least) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, depth + 1, least) for one in value]
    if isinstance(value, int | float) and not least <= value <= LARGEST_WHOLE:
        raise ValueError("a number that no column holds")
    return value


def _kept(value: str) -> str:
    return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _short_whole(digits: str) -> int:
    if len(digits) > _LONGEST_DIGITS:
        raise ValueError("a number of too many digits")
    return int(digits)


def _finite(said: str) -> float:
    value = float(said)
    if not math.isfinite(value):
        raise ValueError("no number")
    return value


def _no_number(_said: str) -> NoReturn:
    raise ValueError("no number")
