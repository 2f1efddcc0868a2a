"""The words of a testimony."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from archive.models import Segment, TranscriptVersion
from archive.timing import Word


def segment(text: str, start_ms: int, end_ms: int, *, words: Iterable[Word] = (), **given: Any) -> Segment:
    """A stretch of a transcript that belongs to no version yet."""
    made = Segment(text=text, start_ms=start_ms, end_ms=end_ms, **given)
    made.words = tuple(words)
    return made


def transcript_version(
    session: Session, testimony_id: str, segments: Iterable[Segment] = (), **given: Any
) -> TranscriptVersion:
    """The first version, in Khmer and approved, of these segments in their order."""
    usual = {"testimony_id": testimony_id, "number": 1, "language": "km", "stage": "approved"}
    made = TranscriptVersion(**usual | given)
    for position, one in enumerate(segments):
        one.position = position
        made.segments.append(one)
    session.add(made)
    session.flush()
    return made
