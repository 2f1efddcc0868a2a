"""A mark on a span takes the sound away, and only there.

The span itself is silent, or a tone, from its first sample to its last; the fades lie outside it, so that not even
the beginning of a name is heard softly. Everything beyond the fades is the same samples as before, and there are as
many. Blocks pass through one at a time: an hour is redacted in the memory of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from archive.timing import Span, joined

Frames: TypeAlias = npt.NDArray[np.float32]
"""Sound of shape (frames, channels), about -1 to 1."""

Mode: TypeAlias = Literal["silence", "tone"]

FADE_MS = 10
_TONE_HZ = 1000
_TONE_LEVEL = 0.1
"""-20 dBFS: plainly heard as a mark, never a shock in headphones."""


def redacted(blocks: Iterable[Frames], spans: Sequence[Span], rate: int, mode: Mode = "silence") -> Iterator[Frames]:
    """The same sound with the spans taken out.

    Args:
        blocks: consecutive blocks from the beginning of the recording; they are not written to.
        spans: in milliseconds of the same recording, in any order, overlapping or not; empty ones take nothing.
        rate: frames per second.
    """
    edges = _merged_frames(spans, rate)
    fade = FADE_MS * rate // 1000
    position = 0
    for block in blocks:
        end = position + len(block)
        touching = [edge for edge in edges if edge[0] - fade < end and edge[1] + fade > position]
        yield _redact_block(block, position, touching, fade, rate, mode) if touching else block
        position = end


def _merged_frames(spans: Iterable[Span], rate: int) -> list[tuple[int, int]]:
    """First and one-past-last frame of each span, rounded outwards so that no part of a millisecond is left."""
    taken = joined(span for span in spans if span.duration_ms)
    return [(span.start_ms * rate // 1000, -(-span.end_ms * rate // 1000)) for span in taken]


def _redact_block(
    block: Frames, position: int, edges: Sequence[tuple[int, int]], fade: int, rate: int, mode: Mode
) -> Frames:
    at = np.arange(position, position + len(block), dtype=np.int64)
    gain = np.ones(len(block))
    tone = np.zeros(len(block))
    for start, end in edges:
        outside = np.maximum(start - at, at - (end - 1))
        gain = np.minimum(gain, np.clip(outside / (fade + 1), 0, 1))
        if mode == "tone":
            inside = np.minimum(at - start, end - 1 - at)
            tone = np.maximum(tone, np.clip(inside / max(fade, 1), 0, 1))
    kept = block * gain[:, np.newaxis]
    if mode == "tone":
        kept = kept + (_TONE_LEVEL * tone * np.sin(2 * np.pi * _TONE_HZ * at / rate))[:, np.newaxis]
    changed = (gain < 1) | (tone > 0)
    return np.where(changed[:, np.newaxis], kept, block).astype(np.float32)
