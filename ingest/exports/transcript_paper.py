"""A transcript on paper: who speaks, when, what was said, and its translation under it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.timing import Span, Utterance
from media.flowing_paper import PaperBlock, PaperRow, flowing_pages


@dataclass(frozen=True, slots=True)
class TranslatedStretch:
    """What stands in a translation for a stretch of the recording."""

    span: Span
    text: str


def transcript_pdf(
    title: str,
    under: Sequence[str],
    said: Sequence[Utterance],
    translated: Sequence[TranslatedStretch],
    address: str,
    *,
    times: bool,
) -> bytes:
    """A transcript as a PDF.

    Args:
        under: rows under the title, such as who tells and which version it is.
        said: what was said, with what is taken out as blocks.
        translated: of the other language, as far as it may be read; a stretch stands under the words it overlaps first.
        times: whether each stretch says when it begins.
    """
    blocks, before = [], ""
    for one, under_it in zip(said, _under_each(said, translated), strict=True):
        rows = []
        speaker = one.speaker or ""
        begins = _clock(one.start_ms) if times else ""
        heading = "  ".join(filter(None, [begins, speaker if speaker != before else ""]))
        rows += [PaperRow(heading, 9, "faint")] if heading else []
        rows.append(PaperRow(one.text, 12))
        rows += [PaperRow(each.text, 10, "faint", 5.0) for each in under_it if each.text.strip()]
        blocks.append(PaperBlock(tuple(rows)))
        before = speaker
    return flowing_pages(title, under, blocks, address)


def _under_each(
    said: Sequence[Utterance], translated: Sequence[TranslatedStretch]
) -> Iterator[list[TranslatedStretch]]:
    """Of each utterance, the stretches that it is the first to overlap; only those that have begun are looked at."""
    coming = deque(sorted(translated, key=lambda one: one.span))
    begun: list[TranslatedStretch] = []
    for one in said:
        span = Span(one.start_ms, one.end_ms)
        while coming and coming[0].span.start_ms < span.end_ms:
            begun.append(coming.popleft())
        yield [each for each in begun if each.span.overlaps(span)]
        begun = [each for each in begun if not each.span.overlaps(span)]


def _clock(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}:{seconds:02}"
