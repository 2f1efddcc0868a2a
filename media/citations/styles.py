"""A citation as a sentence, as two handbooks write it, in English.

The Chicago Manual of Style, 18th edition, 14.211 (interviews that are published or kept in an archive); the Publication
Manual of the American Psychological Association, 7th edition, 10.13 (audio works). Neither has a place for a narrator
who may not be named: then the title stands first.
"""

from __future__ import annotations

from archive.days import Day
from media.citations.citation import ARCHIVE, Citation, exact

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def chicago(citation: Citation) -> str:
    """As in a bibliography."""
    name = f"{_ended(citation.name)} " if citation.name else ""
    told = _day_in_chicago(citation.recorded_on)
    day = f"{told[0].upper()}{told[1:]}. " if told else ""
    part = f"Oral testimony, sound recording{', ' if citation.part else ''}{citation.part}. "
    return f"{name}“{_ended(citation.title)}” {day}{part}{ARCHIVE}. {citation.address}."


def apa(citation: Citation) -> str:
    """As in a list of references."""
    day = f"({_day_in_apa(citation.recorded_on)})"
    part = f"[Oral testimony{'; ' if citation.part else ''}{citation.part}]"
    if not citation.name:
        return f"{citation.title} {part}. {day}. {ARCHIVE}. {citation.address}"
    return f"{_ended(citation.name)} {day}. {citation.title} {part}. {ARCHIVE}. {citation.address}"


def _ended(text: str) -> str:
    return text if text[-1:] in {".", "?", "!"} else f"{text}."


def _vague(day: Day) -> str:
    if day.precision == "decade":
        return f"{day.first.year}s"
    first, last = day.ends
    return f"{first.first.year}–{last.last.year}"


def _day_in_chicago(day: Day | None) -> str:
    if day is None:
        return ""
    known = exact(day)
    text = _vague(day) if not known else str(known[0])
    if len(known) == 2:
        text = f"{_MONTHS[known[1] - 1]} {known[0]}"
    if len(known) == 3:
        text = f"{_MONTHS[known[1] - 1]} {known[2]}, {known[0]}"
    return _sureness(day, text)


def _day_in_apa(day: Day | None) -> str:
    if day is None:
        return "n.d."
    known = exact(day)
    text = _vague(day) if not known else str(known[0])
    if len(known) > 1:
        text = f"{known[0]}, {_MONTHS[known[1] - 1]}" + (f" {known[2]}" if len(known) == 3 else "")
    return _sureness(day, text)


def _sureness(day: Day, text: str) -> str:
    return f"{'ca. ' if day.about else ''}{text}{'?' if day.unsure else ''}"
