"""What a narrator's own page shows: her testimonies, what they became, what she allowed, and how she comes back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue.cards import ToldPlace, cards
from archive.narrators import known
from archive.narrators.known import NarratorRow
from archive.pages import usage_report
from archive.pages.usage_report import TestimonyUsage


@dataclass(frozen=True, slots=True)
class NarratorPage:
    """Attributes:
    row: as in the list.
    places: where she told from, as far as that may be told, each once.
    told: her testimonies with what became of them, oldest first.
    """

    row: NarratorRow
    places: tuple[ToldPlace, ...]
    told: tuple[TestimonyUsage, ...]


def narrator_page(session: Session, viewer: Viewer, narrator_id: str, language: str) -> NarratorPage:
    """The page of a narrator.

    Raises:
        archive.access.gate.Unknown: there is none, or this viewer may not know of her.
    """
    row = known.one(session, viewer, narrator_id)
    shown = cards(session, viewer, known.testimonies_of(session, narrator_id))
    told = tuple(
        usage_report.usage_report_of(session, viewer, one, language)
        for one in known.testimonies_of(session, narrator_id)
        if one in shown
    )
    places = dict.fromkeys(one.card.place for one in told if one.card.place is not None)
    return NarratorPage(row, tuple(places), told)
