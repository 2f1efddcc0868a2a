"""Whether an address that came with a request is one of this site's pages: the one question asked before going there.

A browser reads an address more generously than any check: it drops tabs and line ends wherever they stand, takes a
backslash for a slash, and turns `/..//` into what begins with two slashes. So nothing is repaired here. An address is
a path and perhaps a query and a fragment, in letters that stand for themselves, or it is not taken.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, unquote, urlsplit

_PLAIN = "/?#[]@!$&'()*+,;=:%~"  # what an address is written with beside letters and digits
_LONGEST = 2000
_TWICE = 3  # an address that is still encoded after so many times is meant for somebody's parser, not for a reader


def local_address(address: str | None, otherwise: str) -> str:
    """The address of a page of this site as it may stand in a header, or else `otherwise`.

    Args:
        address: as it was decoded from a form or a query, with a path from the site's root.
        otherwise: where to go when it is none.
    """
    if not address or len(address) > _LONGEST or not _of_a_path(address):
        return otherwise
    read = address
    for _ in range(_TWICE):
        further = unquote(read, errors="replace")
        if further == read:
            return quote(address, safe=_PLAIN)
        read = further
        if not _of_a_path(read):
            return otherwise
    return otherwise


def _of_a_path(address: str) -> bool:
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    if any(_unseen(letter) for letter in address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    steps = parts.path.split("/")[1:]
    return not (parts.scheme or parts.netloc or {".", ".."} & set(steps) or "" in steps[:-1])


def _unseen(letter: str) -> bool:
    """Whether it is a control, format or separator character, or half of one; Khmer's own joiners stand in words."""
    return unicodedata.category(letter)[0] in "CZ" and letter not in " \u200b\u200c\u200d"
