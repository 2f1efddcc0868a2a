"""What is said of a song beside its words: who made it, when, its story, campaign and cover, and what others may do.

The narrators are not among the credits that are kept: they are named at every look, as they chose (`credits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue import details
from archive.catalogue.campaigns import campaigns
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.language.numerals import western
from archive.models import DetailChange, Song
from archive.songs.credits import TOLD

LICENCES = {
    "": Message("Nothing is said about it yet"),
    "ask": Message("All rights with the band: ask before you use it"),
    "cc-by-nc-nd": Message("May be shared as it is, with the names, not for money (CC BY-NC-ND 4.0)"),
    "cc-by-nc-sa": Message(
        "May be shared and changed, with the names, not for money, under the same terms (CC BY-NC-SA 4.0)"
    ),
    "cc-by": Message("May be used by anybody who names who made it (CC BY 4.0)"),
    "cc0": Message("May be used by anybody for anything (CC0)"),
}
LICENCE_PAGES = {
    "cc-by-nc-nd": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    "cc-by-nc-sa": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "cc-by": "https://creativecommons.org/licenses/by/4.0/",
    "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
}
TEXTS = {"note_km": 20_000, "note_en": 20_000, "use_km": 2_000, "use_en": 2_000}
LONGEST_NAME = 200
LONGEST_ROLE = 40
MOST_CREDITS = 40
YEARS = range(1900, 2200)


class NotDetails(ValueError):
    """What was written cannot be kept; `why`: `year`, `licence`, `campaign`, `role` or `many` credits."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This cannot be said of a song: {why}.")
        self.why = why


@dataclass(frozen=True, slots=True)
class WrittenDetails:
    """A form as it was sent; `credits` are rows of a role and the name in Khmer and English."""

    year: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    campaign_id: str = ""
    licence: str = ""
    credits: Sequence[tuple[str, str, str]] = ()


def write_details(
    session: Session, viewer: Viewer, song: Song, written: WrittenDetails, by_id: str, seen: int | None
) -> DetailChange | None:
    """Write what is said of a song anew; None where nothing is different.

    Raises:
        NotDetails, archive.catalogue.details.DetailsOvertaken: nothing is written.
    """
    known = {one.id for one in campaigns(session, viewer)} | {song.campaign_id}
    if written.campaign_id and written.campaign_id not in known:
        raise NotDetails("campaign")
    if written.licence not in LICENCES:
        raise NotDetails("licence")
    wanted: dict[str, Any] = {
        "year": _year(written.year),
        "campaign_id": written.campaign_id or None,
        "licence": written.licence,
        "credits": _credits(written.credits),
    }
    wanted |= {name: tidy(text).strip()[: TEXTS[name]] for name, text in written.texts if name in TEXTS}
    return details.change(session, song, wanted, by_id, seen)


def put_cover(session: Session, song: Song, key: str, by_id: str) -> DetailChange | None:
    """Let a picture that is in the store be the song's cover; an empty key is the one stitched from its words."""
    return details.change(session, song, {"cover_key": key}, by_id)


def _year(text: str) -> int | None:
    digits = western(text.strip())
    if not digits:
        return None
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 4 and int(digits) in YEARS):
        raise NotDetails("year")
    return int(digits)


def _credits(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    """The rows that name somebody."""
    found = []
    for row in rows:
        role, km, en = (" ".join(tidy(text).split()) for text in row)
        if not km and not en:
            continue
        if not role or role == TOLD or len(role) > LONGEST_ROLE:
            raise NotDetails("role")
        found.append({"role": role, "km": km[:LONGEST_NAME], "en": en[:LONGEST_NAME]})
    if len(found) > MOST_CREDITS:
        raise NotDetails("many")
    return found
