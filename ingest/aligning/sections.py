"""Long recordings, laid section by section.

Trying every phrase against every moment grows with the square of the length: right for a song, too much for an hour of
testimony. So the words likely to be in the next minutes are laid over those minutes as a whole, the ones that are
surely there and well inside are kept, and the next section goes on from the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingest.aligning.lyrics import LyricPhrase
from ingest.aligning.outcome import PlacedPhrase

SECTION_FRAMES = 24_000  # eight minutes; anything shorter is laid whole
MARGIN_FRAMES = 3_000  # at a section's end, a minute that is left to the next: its words may be missing their fellows
TOKENS_PER_FRAME = 0.1  # nobody says more than five tokens a second for minutes on end
SURE = 0.5

Lay = Callable[[int, int, Sequence[LyricPhrase]], list[PlacedPhrase]]
"""Lay phrases over the frames from one to another; returns those placed, in order, in frames of the recording."""


def in_sections(frames: int, phrases: Sequence[LyricPhrase], lay: Lay) -> list[PlacedPhrase]:
    """Lay all phrases over a recording of any length, in order."""
    done: list[PlacedPhrase] = []
    start, following = 0, 0
    while following < len(phrases) and start < frames:
        end = min(start + SECTION_FRAMES, frames)
        if end == frames:
            return done + lay(start, end, phrases[following:])
        found = lay(start, end, _likely(phrases[following:]))
        kept = _kept(found, end - MARGIN_FRAMES)
        if kept:
            order = {id(phrase): index for index, phrase in enumerate(phrases)}
            following = order[id(kept[-1].phrase)] + 1
            start = int(kept[-1].starts[-1]) + 1
            done += kept
        else:
            start = end - MARGIN_FRAMES
    return done


def _likely(phrases: Sequence[LyricPhrase]) -> Sequence[LyricPhrase]:
    """As many phrases as could be said in a section, and at least one."""
    tokens = 0
    for index, phrase in enumerate(phrases):
        tokens += len(phrase.tokens)
        if tokens > SECTION_FRAMES * TOKENS_PER_FRAME:
            return phrases[: max(index, 1)]
    return phrases


def _kept(found: Sequence[PlacedPhrase], before: int) -> list[PlacedPhrase]:
    """What to keep of a section: everything up to the last phrase that is surely placed and well inside."""
    sure = [index for index, item in enumerate(found) if item.starts[-1] < before and item.confidence >= SURE]
    return list(found[: sure[-1] + 1]) if sure else []
