"""A Whisper decoder's pass over words that are known, in numpy, with what its attention looked at.

The network is that of Radford and others, "Robust speech recognition via large-scale weak supervision" (2022): blocks
of self-attention, attention to the sound, and two linear layers, each behind a layer norm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from ingest.engines.opened import Floats, Weights

Ints = NDArray[np.int64]
Sound = list[tuple[Floats, Floats]]

_ROWS_AT_ONCE = 96  # tokens whose chances over the whole vocabulary are held at a time: 20 MB
_NORM_FLOOR = 1e-5
_NEVER = np.float32(-np.inf)


@dataclass(frozen=True, eq=False)
class Decoder:
    """The network; arrays under openai-whisper's names, `blocks.3.attn.query.weight` and so on."""

    weights: Weights
    layers: int
    heads: int

    def sound(self, encoded: Floats) -> Sound:
        """What each layer's attention finds in a window's encoding, shape (frames, width), made once for many texts.

        Returns:
            For each layer its keys, shape (heads, width / heads, frames), and values, (heads, frames, width / heads).
        """
        found = []
        for layer in range(self.layers):
            key = self._split(self._linear(encoded, f"blocks.{layer}.cross_attn.key"))
            value = self._split(self._linear(encoded, f"blocks.{layer}.cross_attn.value"))
            found.append((np.ascontiguousarray(key.transpose(0, 2, 1)), np.ascontiguousarray(value)))
        return found

    def read(
        self, tokens: Ints, positions: Ints, seen: NDArray[np.bool_], sound: Sound, watched: set[tuple[int, int]]
    ) -> tuple[Floats, dict[tuple[int, int], Floats]]:
        """Read tokens against a sound.

        Args:
            tokens, positions: shape (n,).
            seen: shape (n, n): whether the token of a row may look at the token of a column.
            watched: layer and head of the attention that is asked for.

        Returns:
            The last layer's states, shape (n, width), and for each watched head where each token looks in the sound,
            shape (n, frames), rows adding up to 1.
        """
        state = self.weights["token_embedding.weight"][tokens] + self.weights["positional_embedding"][positions]
        unseen = np.where(seen, np.float32(0), _NEVER)
        looked: dict[tuple[int, int], Floats] = {}
        for layer, (key, value) in enumerate(sound):
            name = f"blocks.{layer}"
            state += self._among_themselves(self._norm(state, f"{name}.attn_ln"), f"{name}.attn", unseen)
            query = self._split(self._linear(self._norm(state, f"{name}.cross_attn_ln"), f"{name}.cross_attn.query"))
            attention = _softmax(_scaled(query) @ key)
            looked |= {(layer, head): attention[head].copy() for head in range(self.heads) if (layer, head) in watched}
            state += self._linear(_joined(attention @ value), f"{name}.cross_attn.out")
            inner = _gelu(self._linear(self._norm(state, f"{name}.mlp_ln"), f"{name}.mlp.0"))
            state += self._linear(inner, f"{name}.mlp.2")
        return self._norm(state, "ln"), looked

    def log_chances(self, states: Floats, tokens: Ints) -> Floats:
        """How much each of `tokens` was expected after each of `states`, natural logarithms; both of length n."""
        vocabulary = self.weights["token_embedding.weight"]
        found = np.empty(len(tokens), np.float32)
        for start in range(0, len(tokens), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            scores = states[part] @ vocabulary.T
            highest = scores.max(axis=1)
            chosen = scores[np.arange(len(scores)), tokens[part]]
            scores -= highest[:, None]
            found[part] = chosen - highest - np.log(np.exp(scores, out=scores).sum(axis=1))
        return found

    def _among_themselves(self, states: Floats, name: str, unseen: Floats) -> Floats:
        query, key, value = (self._split(self._linear(states, f"{name}.{part}")) for part in ("query", "key", "value"))
        attention = _softmax(_scaled(query) @ key.transpose(0, 2, 1) + unseen)
        return self._linear(_joined(attention @ value), f"{name}.out")

    def _linear(self, states: Floats, name: str) -> Floats:
        found: Floats = states @ self.weights[f"{name}.weight"].T
        bias = self.weights.get(f"{name}.bias")  # a key's projection has none
        if bias is not None:
            found += bias
        return found

    def _norm(self, states: Floats, name: str) -> Floats:
        centred: Floats = states - states.mean(axis=-1, keepdims=True)
        centred /= np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + np.float32(_NORM_FLOOR))
        centred *= self.weights[f"{name}.weight"]
        centred += self.weights[f"{name}.bias"]
        return centred

    def _split(self, states: Floats) -> Floats:
        """Shape (tokens, width) to (heads, tokens, width / heads)."""
        return states.reshape(len(states), self.heads, -1).transpose(1, 0, 2)


def _joined(parts: Floats) -> Floats:
    """Shape (heads, tokens, width / heads) to (tokens, width)."""
    return parts.transpose(1, 0, 2).reshape(parts.shape[1], -1)


def _scaled(query: Floats) -> Floats:
    return np.asarray(query * np.float32(query.shape[-1] ** -0.5), dtype=np.float32)


def _softmax(scores: Floats) -> Floats:
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def _gelu(states: Floats) -> Floats:
    """The exact one; its approximation by tanh is another function than the network was trained with."""
    found = erf(states * np.float32(0.5**0.5))
    found += 1
    found *= states
    found *= np.float32(0.5)
    return np.asarray(found, dtype=np.float32)
