"""Catalogues of a test's own, and an invented language that shows where a page has no room for a longer one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from archive.language import messages

PSEUDO = "eo"  # Babel has to know its dates and numbers; the texts are ours
_ACCENTED = str.maketrans("AEIOUCDGHJLNRSTWYZaeioucdghjlnrstwyz", "ÅÉÎØÛÇÐĜĤĴĽÑŔŠŢŴÝŽåéîøûçðĝĥĵľñŕšţŵýž")
_PLACEHOLDER = re.compile(r"(\{\w+\})")


@contextmanager
def catalogues_in(folder: Path) -> Iterator[None]:
    """The texts are read from this folder instead of from where they are shipped."""
    known = (messages.catalogue, messages.languages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "FOLDER", folder)
        for cached in known:
            cached.cache_clear()
        yield
    for cached in known:
        cached.cache_clear()


def stretched(text: str) -> str:
    """An English text with an accent on its letters and half as long again, what it fills in left alone."""
    parts = [part if _PLACEHOLDER.fullmatch(part) else part.translate(_ACCENTED) for part in _PLACEHOLDER.split(text)]
    words = len(text) // 12 + 1 if text.strip() else 0
    return "".join(parts) + " ~~~~" * words


def write_pseudo(folder: Path) -> None:
    """Write a language of its own into a folder: everything that the archive says, stretched."""
    with (messages.FOLDER / "km.po").open("rb") as opened:
        said = read_po(opened, locale="km")
    pseudo = Catalog(locale=PSEUDO, fuzzy=False)
    for entry in said:
        if entry.id:
            many = isinstance(entry.id, tuple)
            string = tuple(map(stretched, entry.id)) if many else stretched(entry.id)
            pseudo.add(entry.id, string, context=entry.context)
    with (folder / f"{PSEUDO}.po").open("wb") as written:
        write_po(written, pseudo)
