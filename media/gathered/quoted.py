"""A gathered passage as it is carried out: its words, what its keeper wrote about it, and how it is cited."""

from __future__ import annotations

from dataclasses import dataclass

from media.citations.citation import clock


@dataclass(frozen=True, slots=True)
class QuotedPassage:
    """One passage.

    Attributes:
        id: its own; `source` is the testimony's.
        title, name: of the testimony and its narrator; `name` is empty where she may not be named.
        recorded_on: as it is known, ISO 8601 or words.
        language, other_language: BCP 47; `other` is empty where there is no translation.
        start_ms, end_ms: in the listening file.
        version: number of the transcript's version.
        citation: a whole sentence; `address` opens the passage.
    """

    id: str
    source: str
    title: str
    name: str
    recorded_on: str
    language: str
    text: str
    other_language: str
    other: str
    start_ms: int
    end_ms: int
    version: int
    note: str
    codes: tuple[str, ...]
    citation: str
    address: str

    @property
    def moment(self) -> str:
        """`0:20–0:31`."""
        return f"{clock(self.start_ms)}–{clock(self.end_ms)}"


@dataclass(frozen=True, slots=True)
class QuotedCollection:
    """A collection with what is carried out of it; `id` is its own, `keeper` how its keeper is called."""

    id: str
    name: str
    note: str
    keeper: str
    passages: tuple[QuotedPassage, ...]


def printable(text: str) -> str:
    """Without the signs that XML 1.0 has no way to write, and with lines ended alike."""
    return "".join(char for char in text.replace("\r\n", "\n").replace("\r", "\n") if char >= " " or char in "\n\t")
