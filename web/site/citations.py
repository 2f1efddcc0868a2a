"""A testimony as it is cited, for every page and file that cites one: from its card, which the gate has answered."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import url_for

from archive import time_zone
from archive.catalogue.cards import TestimonyCard
from archive.language.day_words import day_in_words
from archive.language.messages import gettext_in
from archive.language.numerals import in_digits_of
from media.citations.citation import Citation, span, whole_seconds


def cited_card(
    card: TestimonyCard, spoken: str, language: str, version: int, moment: tuple[int | None, int | None]
) -> Citation:
    """A citation of a moment; title and name in `spoken` where they are there.

    Args:
        language: what is spoken in it, BCP 47.
        version: number of the transcript's version; 0 where no words are cited.
        moment: beginning and end in milliseconds.
    """
    km = spoken == "km"
    title = (card.title_km or card.title_en) if km else (card.title_en or card.title_km)
    name = (card.name_km or card.name_en) if km else (card.name_en or card.name_km)
    start, end = whole_seconds(*moment)
    return Citation(
        id=card.id,
        title=title,
        name=name,
        recorded_on=card.recorded_on,
        language=language,
        version=version,
        start_ms=start,
        end_ms=end,
        address=url_for(
            "testimony.show",
            testimony_id=card.id,
            _external=True,
            v=version or None,
            t=span(start, end) or None,
        ),
        seen_on=time_zone.day_of(datetime.now(UTC)),
    )


def in_khmer(cited: Citation) -> str:
    """As the archive cites it itself, for whoever reads another language and writes in Khmer."""

    def said(text: str, **values: object) -> str:
        return gettext_in("km", text, **values)

    name = cited.name or said("Narrator not named")
    title = f"{said('“')}{cited.title or said('A testimony without a title')}{said('”')}"
    told = day_in_words(cited.recorded_on, "km") if cited.recorded_on else ""
    version = said("transcript version {n}", n=cited.version) if cited.version else ""
    kept = ", ".join(filter(None, (said("Archive of the Messenger Band"), version, in_digits_of("km", cited.moment))))
    return f"{', '.join(filter(None, (name, title, told)))}. {kept}. {cited.address}"
