"""What is in a Whoosh index: fields, the words of a text with their positions, and the card of a document.

Three things differ from a plain Whoosh schema. Words come from our own cut (Whoosh's analyzers find nothing in
Khmer). Positions are kept as packed integers, so that a phrase is found by numpy over whole posting lists, not by one
unpickling per document. And all that the gate and the facets need of a document is one *card*, which most documents
of a testimony share: permissions and counts are decided card by card, for a few thousand cards, not for every
document.

What the words of a passage rhyme on is kept with them, so that rhymes need not be worked out when somebody asks.
No text is stored: snippets come from the database, and the index holds no more than it must.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from whoosh import fields
from whoosh.codec.whoosh3 import W3Codec
from whoosh.columns import NumericColumn
from whoosh.formats import Existence, Format

from archive.language.romanise import rhyme_key
from archive.ports import SearchDocument
from archive.search import analysis

SCHEMA_VERSION = "4"
POSTINGS_PER_BLOCK = 1024  # eight times Whoosh's own: lists are read whole


class PackedPositions(Format):
    """Positions of a word in a document as little-endian 32-bit integers."""

    def word_values(self, value: Any, analyzer: Any, **kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        raise NotImplementedError("TextField writes its own postings")

    def decode_frequency(self, value: bytes) -> int:
        return len(value) // 4


class TextField(fields.FieldType):
    """Words that `archive.search.analysis` has cut, each with its positions."""

    def __init__(self) -> None:
        self.format = PackedPositions()
        self.scorable = False  # lengths have a column of their own, exact where Whoosh's are rounded to a byte
        self.stored = False
        self.vector = None

    def index(self, value: Mapping[str, array[int]], **_: Any) -> Generator[tuple[bytes, int, float, bytes], Any, None]:
        for text, positions in value.items():
            yield text.encode(), len(positions), float(len(positions)), positions.tobytes()

    def spellable_words(self, value: object) -> Iterator[str]:
        return iter(())


class LabelField(fields.FieldType):
    """Exact values, of which only their presence is kept."""

    def __init__(self) -> None:
        self.format = Existence()
        self.scorable = False
        self.stored = False
        self.vector = None

    def index(self, value: tuple[str, ...], **_: Any) -> Generator[tuple[bytes, int, float, bytes], Any, None]:
        for label in dict.fromkeys(value):
            yield label.encode(), 1, 1.0, b""

    def spellable_words(self, value: tuple[str, ...]) -> Iterator[str]:
        return iter(())


def schema() -> fields.Schema:
    return fields.Schema(
        text=TextField(),
        card=LabelField(),
        group=LabelField(),
        testimony=LabelField(),
        key=LabelField(),
        rhyme=LabelField(),
        stored=fields.STORED(),
        length=_number(),
        day=_number(),
        start=_number(),
    )


def _number() -> fields.COLUMN:
    return fields.COLUMN(NumericColumn("i"))  # type: ignore[no-untyped-call]


def codec() -> W3Codec:
    return W3Codec(blocklimit=POSTINGS_PER_BLOCK)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the gate and the facets need to know of a document."""

    kind: str
    group: str
    form: str
    testimonies: tuple[str, ...]
    facets: dict[str, tuple[str, ...]]
    digest: str

    @classmethod
    def read(cls, text: bytes) -> DocumentFacts:
        kind, group, form, testimonies, facets, digest = json.loads(text)
        known = {name: tuple(values) for name, values in facets.items()}
        return cls(kind, group, form, tuple(testimonies), known, digest)


def _card(document: SearchDocument) -> str:
    facets = {name: list(values) for name, values in sorted(document.facets.items()) if values}
    row = [document.kind, document.group, document.form, list(document.testimonies), facets, document.digest]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def as_fields(document: SearchDocument) -> dict[str, Any]:
    """A document as the keyword arguments of Whoosh's `add_document`."""
    words: dict[str, array[int]] = {}
    for token in analysis.tokens(analysis.BREAK.join(document.texts.values())):
        words.setdefault(token.text, array("I")).append(token.position)
    passage = document.kind == "passage"
    return {
        "text": words,
        "card": (_card(document),),
        "group": (document.group,),
        "testimony": document.testimonies,
        "key": (document.key,),
        "rhyme": tuple(rhyme_label(key, word) for word in words if (key := rhyme_key(word))) if passage else (),
        "stored": (document.key, document.ref, document.segments),
        "length": sum(map(len, words.values())),
        "day": day_number(document.date),
        "start": document.span.start_ms if document.span else 0,
    }


def rhyme_label(key: str, word: str = "") -> str:
    """How a word stands in the field of rhymes: those with one key lie side by side."""
    return f"{key}\x00{word}"


def day_number(date: str) -> int:
    """A date or the beginning of one as a number that sorts: `2012-05` is 20120500."""
    digits = "".join(date.split("-"))[:8]
    return int(digits.ljust(8, "0")) if digits.isdigit() else 0
