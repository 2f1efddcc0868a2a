"""A Whisper model opened up, so that its decoder's attention can be looked at.

Neither library shows where single attention heads look, and that is what placing known words goes by. Both give what
the sound becomes, so only the decoder is gone through here, with its own weights and in numpy: it needs neither
PyTorch nor a second copy of the model in another form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.engines.errors import UnknownLanguage

Floats: TypeAlias = NDArray[np.float32]
Weights: TypeAlias = Mapping[str, Floats]


LEAST_SAMPLES = 400  # the spectrogram's window; silence after the end, so that even a click has one


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """What aligning asks of a model, from whichever library it comes.

    Attributes:
        decoder: its decoder's arrays, float32, under openai-whisper's names without "decoder.".
        heads: attention heads in each layer of the decoder.
        named_heads: layer and head of those that its makers name for timing; empty where they name none.
        spectrogram: mono float32 at 16 kHz, shape (n,), to shape (mel bands, steps of 10 ms).
        encode: 3000 steps of a spectrogram to shape (1500, width).
        tokenizer_of: the tokenizer for a language by its code, or for a model that knows English only.
        languages: codes the model knows; empty for one that knows English only.
    """

    decoder: Weights
    heads: int
    named_heads: tuple[tuple[int, int], ...]
    spectrogram: Callable[[Floats], Floats]
    encode: Callable[[Floats], Floats]
    tokenizer_of: Callable[[str | None], Any]
    languages: frozenset[str]

    @property
    def layers(self) -> int:
        return 1 + max(int(name.split(".")[1]) for name in self.decoder if name.startswith("blocks."))

    @property
    def timing_heads(self) -> tuple[tuple[int, int], ...]:
        """Those named, else all of the upper half of the layers, as openai-whisper takes it."""
        upper = range(self.layers // 2, self.layers)
        return self.named_heads or tuple((layer, head) for layer in upper for head in range(self.heads))

    @property
    def context(self) -> int:
        """How many tokens the decoder reads at most."""
        return len(self.decoder["positional_embedding"])

    @property
    def multilingual(self) -> bool:
        return bool(self.languages)

    def tokenizer(self, language: str) -> Any:
        """The tokenizer for a language, named by its code (a region is dropped).

        Raises:
            UnknownLanguage: the model has no such language.
        """
        if not self.multilingual:
            return self.tokenizer_of(None)
        code = language.lower().replace("_", "-").split("-")[0]
        if code not in self.languages:
            raise UnknownLanguage(f"{language!r} is no language this model knows: give a code such as km or en.")
        return self.tokenizer_of(code)
