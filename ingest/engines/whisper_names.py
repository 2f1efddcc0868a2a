"""One Whisper model under two makers' names: which tensors of Transformers make which variable of CTranslate2.

CTranslate2 keeps projections that are computed together as one variable, one part below the other. Transformers' key
projection has no bias; its place is filled with zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PICKLES = ("pytorch_model.bin", "adapter_model.bin", "model.ckpt", "pytorch_model.bin.index.json")
NO_BIAS = ""  # stands where a part has no tensor

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a Whisper model is.

    Attributes:
        vocabulary, mels, width: tokens, mel bands, and numbers in each state.
        encoder, decoder: layers; `encoder_heads`, `decoder_heads` in each of them.
        encoder_inner, decoder_inner: numbers inside a layer's feed-forward part.
        steps, context: places of the encoder and of the decoder.
    """

    vocabulary: int
    mels: int
    width: int
    encoder: int
    decoder: int
    encoder_heads: int
    decoder_heads: int
    encoder_inner: int
    decoder_inner: int
    steps: int
    context: int

    @property
    def multilingual(self) -> bool:
        return self.vocabulary >= 51865


@dataclass(frozen=True, slots=True)
class JoinedVariable:
    """A variable of CTranslate2.

    Attributes:
        name: CTranslate2's.
        tensors: Transformers' names without `model.`, in order; `NO_BIAS` for zeros.
        shape: of one part; all parts have the same.
    """

    name: str
    tensors: tuple[str, ...]
    shape: Shape


def parts(sizes: Sizes) -> Iterator[JoinedVariable]:
    """Every variable that holds weights, with what it is made of."""
    width = sizes.width
    yield JoinedVariable("encoder/conv1/weight", ("encoder.conv1.weight",), (width, sizes.mels, 3))
    yield JoinedVariable("encoder/conv1/bias", ("encoder.conv1.bias",), (width,))
    yield JoinedVariable("encoder/conv2/weight", ("encoder.conv2.weight",), (width, width, 3))
    yield JoinedVariable("encoder/conv2/bias", ("encoder.conv2.bias",), (width,))
    yield JoinedVariable(
        "encoder/position_encodings/encodings", ("encoder.embed_positions.weight",), (sizes.steps, width)
    )
    yield JoinedVariable(
        "decoder/position_encodings/encodings", ("decoder.embed_positions.weight",), (sizes.context, width)
    )
    yield JoinedVariable("decoder/embeddings/weight", ("decoder.embed_tokens.weight",), (sizes.vocabulary, width))
    for side, depth, inner in (
        ("encoder", sizes.encoder, sizes.encoder_inner),
        ("decoder", sizes.decoder, sizes.decoder_inner),
    ):
        yield from _norm(f"{side}/layer_norm", f"{side}.layer_norm", width)
        for layer in range(depth):
            yield from _layer(f"{side}/layer_{layer}", f"{side}.layers.{layer}", width, inner, side == "decoder")


def _layer(ours: str, theirs: str, width: int, inner: int, crossed: bool) -> Iterator[JoinedVariable]:
    yield from _norm(f"{ours}/self_attention/layer_norm", f"{theirs}.self_attn_layer_norm", width)
    yield from _linear(f"{ours}/self_attention/linear_0", f"{theirs}.self_attn", ("q", "k", "v"), width)
    yield from _linear(f"{ours}/self_attention/linear_1", f"{theirs}.self_attn", ("out",), width)
    yield from _norm(f"{ours}/ffn/layer_norm", f"{theirs}.final_layer_norm", width)
    for linear, name, shape in (("linear_0", "fc1", (inner, width)), ("linear_1", "fc2", (width, inner))):
        yield JoinedVariable(f"{ours}/ffn/{linear}/weight", (f"{theirs}.{name}.weight",), shape)
        yield JoinedVariable(f"{ours}/ffn/{linear}/bias", (f"{theirs}.{name}.bias",), shape[:1])
    if crossed:
        yield from _norm(f"{ours}/attention/layer_norm", f"{theirs}.encoder_attn_layer_norm", width)
        yield from _linear(f"{ours}/attention/linear_0", f"{theirs}.encoder_attn", ("q",), width)
        yield from _linear(f"{ours}/attention/linear_1", f"{theirs}.encoder_attn", ("k", "v"), width)
        yield from _linear(f"{ours}/attention/linear_2", f"{theirs}.encoder_attn", ("out",), width)


def _norm(ours: str, theirs: str, width: int) -> Iterator[JoinedVariable]:
    yield JoinedVariable(f"{ours}/gamma", (f"{theirs}.weight",), (width,))
    yield JoinedVariable(f"{ours}/beta", (f"{theirs}.bias",), (width,))


def _linear(ours: str, theirs: str, projections: tuple[str, ...], width: int) -> Iterator[JoinedVariable]:
    names = [f"{theirs}.{one}_proj" for one in projections]
    biases = tuple(NO_BIAS if name.endswith(".k_proj") else f"{name}.bias" for name in names)
    yield JoinedVariable(f"{ours}/weight", tuple(f"{name}.weight" for name in names), (width, width))
    yield JoinedVariable(f"{ours}/bias", biases, (width,))
