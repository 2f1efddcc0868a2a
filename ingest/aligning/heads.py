"""Which of a model's attention heads tell when a word begins.

A few heads of a Whisper decoder look at the sound of the word being written, and fewer look at its very beginning.
Those of the base model were found by measuring all 48 heads, asked before and at each token, against hand-made word
times of sung Spanish and against spoken English, French, German and Spanish with known times: the same heads led on
both, within 0.15 s of a constant delay for four words in five and more (`tests/bench/heads.py`). For other models the
heads that their makers name for timing are used, asked before the token, as openai-whisper does.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.aligning.listener import HeadRow
from ingest.engines.opened import OpenedModel


@dataclass(frozen=True, slots=True)
class Witness:
    """A head, asked at one moment, and how it errs.

    Attributes:
        delay_ms: how long after a word begins it looks, on the median; negative when it looks before.
        weight: how much its word counts beside the others'.
        opening: whether it is to be believed on a text's first word, which has nothing before it to go on from.
        scout: whether it finds words that are shown to it alone, without knowing what is sung before them.
    """

    row: HeadRow
    delay_ms: int
    weight: float = 1.0
    opening: bool = True
    scout: bool = False


_BASE = (
    Witness(HeadRow(3, 0, ahead=False), delay_ms=70, scout=True),
    Witness(HeadRow(3, 1, ahead=True), delay_ms=20, opening=False, scout=True),
    Witness(HeadRow(5, 1, ahead=True), delay_ms=30),
    Witness(HeadRow(4, 2, ahead=True), delay_ms=-80),
    Witness(HeadRow(4, 7, ahead=True), delay_ms=130, weight=0.5),
)
_BASE_SHAPE = (6, 8)  # decoder layers, heads; no other multilingual Whisper has it
_USUAL_DELAY_MS = 60


def witnesses(model: OpenedModel) -> tuple[Witness, ...]:
    """The heads to ask for word beginnings in this model."""
    if (model.layers, model.heads) == _BASE_SHAPE and model.multilingual:
        return _BASE
    return tuple(
        Witness(HeadRow(layer, head, ahead=True), _USUAL_DELAY_MS, scout=True) for layer, head in model.timing_heads
    )
