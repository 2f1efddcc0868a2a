"""Names of blobs. A key is checked where it is used, so that no caller's mistake can reach outside the store."""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LONGEST = 512


class BadKey(ValueError):
    """A key that no blob may have: empty, too long, absolute, hidden, or climbing out of its folder."""


def checked_key(key: str) -> str:
    """The same key, when it is made of plain parts joined by `/`.

    Raises:
        BadKey: when it is not.
    """
    if len(key) > _LONGEST or not all(_PART.fullmatch(part) and ".." not in part for part in key.split("/")):
        raise BadKey("a blob's key is made of letters, digits, '.', '_' and '-', in parts joined by '/'")
    return key


def checked_prefix(prefix: str) -> str:
    """The beginning of a key: empty, or parts of which the last may be unfinished.

    Raises:
        BadKey: when no key could begin so.
    """
    if prefix:
        checked_key(prefix.removesuffix("/"))
    return prefix
