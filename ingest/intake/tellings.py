"""Rows of a sheet that say that they are parts of one telling are one woman's.

By equal names alone nobody is taken for another. But whoever writes the same word into the column `part` of several
rows says that they are one telling, and so who told the first of them told the others.
"""

from __future__ import annotations

from dataclasses import replace

from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.models import Testimony


class Tellings:
    """Who told each telling of a sheet, as its rows are taken in."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._told_by: dict[str, str] = {}

    def of_one_woman(self, row: Description) -> Description:
        """The row with the narrator of the parts before it, where it names none itself."""
        known = self._told_by.get(_whole(row))
        return replace(row, narrator=known) if known and not row.narrator else row

    def taken(self, row: Description, testimony_id: str | None) -> None:
        """The row's recording is in the archive, now or since before."""
        if not row.part or not testimony_id:
            return
        with self._backends.database.read() as session:
            told = session.get(Testimony, testimony_id)
            if told is not None:
                self._told_by.setdefault(_whole(row), told.narrator_id)


def _whole(row: Description) -> str:
    return row.part.partition(" ")[0]
