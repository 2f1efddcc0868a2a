"""Which attention heads of Whisper's own models follow the sound; a fine-tuned one keeps those of its base.

Found by OpenAI for each model (`whisper/__init__.py`, `_ALIGNMENT_HEADS`), here as `layer.head`. A model of another
shape gets all heads of the upper half of its layers, as openai-whisper does.
"""

from __future__ import annotations

from typing import Final

Heads = list[list[int]]

# By layers and heads of the decoder, mel bands, and whether the model knows more than English.
_OFFICIAL: Final[dict[tuple[int, int, int, bool], str]] = {
    (4, 6, 80, False): "1.0 2.0 2.5 3.0 3.1 3.2 3.3 3.4",
    (4, 6, 80, True): "2.2 3.0 3.2 3.3 3.4 3.5",
    (6, 8, 80, False): "3.3 4.7 5.1 5.5 5.7",
    (6, 8, 80, True): "3.1 4.2 4.3 4.7 5.1 5.2 5.4 5.6",
    (12, 12, 80, False): "6.6 7.0 7.3 7.8 8.2 8.5 8.7 9.0 9.4 9.8 9.10 10.0 10.1 10.2 10.3 10.6 10.11 11.2 11.4",
    (12, 12, 80, True): "5.3 5.9 8.0 8.4 8.7 8.8 9.0 9.7 9.9 10.5",
    (24, 16, 80, False): (
        "11.4 14.1 14.12 14.14 15.4 16.0 16.4 16.9 17.12 17.14 18.7 18.10 18.15 20.0 20.3 20.9 20.14 21.12"
    ),
    (24, 16, 80, True): "13.15 15.4 15.15 16.1 20.0 23.4",
    (32, 20, 80, True): (  # large-v2; the first large has the same shape, and is the base of few
        "10.12 13.17 16.11 16.12 16.13 17.15 17.16 18.4 18.11 18.19 19.11 21.2 21.3 22.3 22.9 22.12 23.5 23.7 23.13 "
        "25.5 26.1 26.12 27.15"
    ),
    (32, 20, 128, True): "7.0 10.17 12.18 13.12 16.1 17.14 19.11 21.4 24.1 25.6",
    (4, 20, 128, True): "2.4 2.11 3.3 3.6 3.11 3.14",  # large-v3-turbo
}


def timing_heads(layers: int, heads: int, mels: int, multilingual: bool) -> Heads:
    """Layer and head of those to place words by, for a decoder of this shape."""
    known = _OFFICIAL.get((layers, heads, mels, multilingual))
    if known is None:
        return [[layer, head] for layer in range(layers // 2, layers) for head in range(heads)]
    return [[int(number) for number in pair.split(".")] for pair in known.split()]
