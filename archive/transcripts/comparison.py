"""Two versions of a transcript side by side, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.language.word_diff import ComparedWords, word_diff
from archive.models import Segment, TranscriptVersion
from archive.transcripts import transcript_versions
from archive.transcripts.readable_text import readable

_Line = tuple[int, int, str]

_TOGETHER_MS = 30_000  # passages are compared in stretches of about this length, cut where both versions pause


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the recording with what became of its words; `changed` says that they are not all the same."""

    start_ms: int
    pieces: tuple[ComparedWords, ...]

    @property
    def changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.pieces)


def compared(session: Session, earlier: TranscriptVersion, later: TranscriptVersion) -> tuple[Stretch, ...]:
    """What a person, or a machine, changed from one version to the other."""
    return _compared(_lines(session, earlier), _lines(session, later))


def compared_as_read(
    session: Session, viewer: Viewer, earlier: TranscriptVersion, later: TranscriptVersion
) -> tuple[Stretch, ...]:
    """The same of what this viewer may read of both.

    Raises:
        Unknown: one of them may not be read.
    """
    one, two = (
        [(each.span.start_ms, each.span.end_ms, each.text) for each in readable(session, viewer, version)]
        for version in (earlier, later)
    )
    return _compared(one, two)


def _compared(one: Sequence[_Line], two: Sequence[_Line]) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(start, tuple(word_diff(before, after)))
        for start, before, after in _stretches(one, two)
        if before.strip() or after.strip()
    )


def _lines(session: Session, version: TranscriptVersion) -> list[_Line]:
    if version.translates_id is None:
        return [(one.start_ms, one.end_ms, one.text) for one in version.segments]
    texts = transcript_versions.translated_texts(session, version)
    original: Sequence[Segment] = session.get_one(TranscriptVersion, version.translates_id).segments
    return [(one.start_ms, one.end_ms, texts[one.id]) for one in original if one.id in texts]


def _stretches(one: Sequence[_Line], two: Sequence[_Line]) -> Iterator[tuple[int, str, str]]:
    """Both versions cut at the same moments, where neither has a segment running."""
    every = sorted([*one, *two])
    start, reached = (every[0][0] if every else 0), 0
    borders = [start]
    for begins, ends, _ in every:
        if begins >= reached and begins - start >= _TOGETHER_MS:
            borders.append(begins)
            start = begins
        reached = max(reached, ends)
    for number, border in enumerate(borders):
        until = borders[number + 1] if number + 1 < len(borders) else None
        before, after = (
            " ".join(text for begins, _, text in lines if begins >= border and (until is None or begins < until))
            for lines in (one, two)
        )
        yield border, before, after
