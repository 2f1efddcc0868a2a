"""Answers of the IIIF Content Search API 2.0 (https://iiif.io/api/search/2.0/): a page of annotations on a canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media.iiif.presentation import clock

CONTEXT = "http://iiif.io/api/search/2/context.json"
SERVICE = "SearchService2"
NOT_TAKEN = ("motivation", "date", "user")
"""Parameters of the specification that narrow nothing here; an answer names those that it left aside."""


@dataclass(frozen=True, slots=True)
class FoundWords:
    """Words that were found, with when they are said."""

    start_ms: int
    end_ms: int
    language: str
    text: str


def service(address: str) -> dict[str, Any]:
    """What a manifest says of the search in it."""
    return {"id": address, "type": SERVICE}


def answer(address: str, base: str, found: Sequence[FoundWords], ignored: Sequence[str] = ()) -> dict[str, Any]:
    """An answer as what JSON is written from.

    Args:
        address: that was asked, with its question.
        base: the folder under which the manifest's parts are named.
        ignored: parameters that were given and narrow nothing.
    """
    items = [
        {
            "id": f"{base}/words/{one.language}/{one.start_ms}-{one.end_ms}",
            "type": "Annotation",
            "motivation": "supplementing",
            "body": {"type": "TextualBody", "value": one.text, "format": "text/plain", "language": one.language},
            "target": f"{base}/canvas#t={clock(one.start_ms)},{clock(one.end_ms)}",
        }
        for one in found
    ]
    left = {"ignored": list(ignored)} if ignored else {}
    return {"@context": CONTEXT, "id": address, "type": "AnnotationPage", **left, "items": items}
