"""A Whisper model as Hugging Face keeps it, made once into what both engines load.

Transformers is not needed: the weights are safetensors, their names are written out in `whisper_names`, and the file
that CTranslate2 loads is written variable by variable, so that no more than one of them is in memory at a time.
openai-whisper's checkpoint is made of the same folder (`weights.checkpoint_from_ctranslate2`).
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from archive.language.messages import Message
from ingest.engines import vocabularies
from ingest.engines.adapters import Adapted
from ingest.engines.errors import ModelUnusable
from ingest.engines.kept_models import KeptModel, licence_of, need_room, note, slug
from ingest.engines.tensors import Array, ConvertedTensors, SafetensorsFolder, Tensors, read_json
from ingest.engines.timing_heads import timing_heads
from ingest.engines.weights import fingerprint, layers, made_beside, named_heads, read_variables
from ingest.engines.whisper_names import NO_BIAS, JoinedVariable, Sizes, parts

MOST_LAYERS = 64
_LARGEST = 8192  # numbers in a state: six times those of the largest model there is
_MELS = (80, 128)
_STEPS, _CONTEXT = 1500, 448
_TYPES = {np.dtype(np.float32): 0, np.dtype(np.int8): 1, np.dtype(np.int16): 2, np.dtype(np.float16): 4}
_GELU = 3
_FORMAT, _REVISION = 6, 3  # CTranslate2's, since 2022

_NOT_WHISPER = Message("{folder} is a model of the kind {kind}, and only Whisper models are read here.")
_NO_CONFIG = Message("{folder} is no model: config.json is missing.")
_ODD_SIZE = Message("{folder} is no Whisper model that can be read here: {name} is {value} in config.json.")
_WRONG_SHAPE = Message("{folder} is damaged: {name} is missing, or is not as large as config.json says.")
_NOT_NUMBERS = Message("{folder} is damaged: {name} holds values that are no numbers.")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model that can be made into a CTranslate2 folder.

    Attributes:
        folder: where it lies; of an adapter, the adapter's.
        base: an adapter's base model, else None.
        name: what it is called.
        origin: where it came from: a folder, or a repository's name.
    """

    folder: Path
    base: Path | None
    name: str
    origin: str


def converted(source: ModelSource, cache: Path) -> Path:
    """The CTranslate2 folder of a model, made in `cache` the first time it is asked for.

    Raises:
        ModelUnusable: it is no Whisper model, is damaged, or there is no room for it.
    """
    mark = _fingerprint(source)
    if made := next((path.parent for path in sorted(cache.glob(f"*-{mark}/model.bin"))), None):
        return made  # under this name or another: the same files make the same model
    target = cache / f"{slug(source.name)}-{mark}"
    home = source.base or source.folder
    tensors, sizes = _tensors(home)
    if source.base is not None:
        tensors = Adapted(source.folder, tensors)
    _check(tensors, sizes, source.folder)
    tokenizer, tokens = vocabularies.tokenizer_of(source.folder, sizes.vocabulary, home)
    need_room(source.folder, _bytes(sizes, tensors), cache)
    with made_beside(target) as draft:
        with (draft / "model.bin").open("wb") as file:
            _write(file, tensors, sizes, source.folder)
        _put(draft / "tokenizer.json", tokenizer)
        _put(draft / "vocabulary.json", json.dumps(tokens, ensure_ascii=False))
        _put(draft / "preprocessor_config.json", json.dumps({"feature_size": sizes.mels}))
        _put(draft / "config.json", json.dumps(_settings(home, source.folder, sizes), indent=1))
        licence = licence_of(source.folder) or licence_of(home)
        note(draft, KeptModel(source.name, source.origin, licence, "hugging-face"))
    return target


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _fingerprint(source: ModelSource) -> str:
    """Of everything that a conversion depends on."""
    digest = hashlib.sha256()
    for folder in filter(None, (source.folder, source.base)):
        for path in sorted(folder.iterdir()):
            if path.suffix in {".json", ".txt", ".safetensors"} or path.name == "model.bin":
                digest.update(f"{path.name} {fingerprint(path)} ".encode())
    return digest.hexdigest()[:12]


def _tensors(folder: Path) -> tuple[Tensors, Sizes]:
    """A base model's tensors, whether Hugging Face or CTranslate2 keeps them, and its size."""
    if not (folder / "model.bin").is_file():
        sizes = _sizes(folder)
        return SafetensorsFolder(folder), sizes
    variables = read_variables(folder / "model.bin")
    try:
        embedded = variables["decoder/embeddings/weight"]
        if embedded.dtype not in (np.float32, np.float16):
            raise KeyError
        width, mels = variables["encoder/conv1/weight"].shape[:2]
        sizes = Sizes(
            vocabulary=len(embedded),
            mels=mels,
            width=width,
            encoder=layers(variables, "encoder"),
            decoder=layers(variables, "decoder"),
            encoder_heads=int(variables["encoder/num_heads"].item()),
            decoder_heads=int(variables["decoder/num_heads"].item()),
            encoder_inner=len(variables["encoder/layer_0/ffn/linear_0/weight"]),
            decoder_inner=len(variables["decoder/layer_0/ffn/linear_0/weight"]),
            steps=_STEPS,
            context=_CONTEXT,
        )
        return ConvertedTensors(variables, sizes), sizes
    except (KeyError, ValueError, IndexError) as error:
        raise ModelUnusable(_NOT_WHISPER, folder=folder, kind="CTranslate2") from error


def _sizes(folder: Path) -> Sizes:
    """A model's size, as its `config.json` tells it.

    Raises:
        ModelUnusable: it is no Whisper model, or of a size that neither engine runs.
    """
    config = read_json(folder / "config.json")
    if not config:
        raise ModelUnusable(_NO_CONFIG, folder=folder)
    if config.get("model_type") != "whisper":
        raise ModelUnusable(_NOT_WHISPER, folder=folder, kind=str(config.get("model_type"))[:60])

    def number(name: str, most: int, *only: int, usual: int | None = None) -> int:
        value = config.get(name, usual)
        if type(value) is not int or not 1 <= value <= most or (only and value not in only):
            raise ModelUnusable(_ODD_SIZE, folder=folder, name=name, value=str(value)[:60])
        return value

    for name, wanted in (("activation_function", "gelu"), ("scale_embedding", False)):
        if config.get(name, wanted) != wanted:
            raise ModelUnusable(_ODD_SIZE, folder=folder, name=name, value=str(config[name])[:60])
    count = number("vocab_size", 1 << 20)
    vocabularies.check_count(folder, count)
    width = number("d_model", _LARGEST)
    sizes = Sizes(
        vocabulary=count,
        mels=number("num_mel_bins", 128, *_MELS, usual=80),
        width=width,
        encoder=number("encoder_layers", MOST_LAYERS),
        decoder=number("decoder_layers", MOST_LAYERS),
        encoder_heads=number("encoder_attention_heads", width),
        decoder_heads=number("decoder_attention_heads", width),
        encoder_inner=number("encoder_ffn_dim", 8 * _LARGEST, usual=4 * width),
        decoder_inner=number("decoder_ffn_dim", 8 * _LARGEST, usual=4 * width),
        steps=number("max_source_positions", _STEPS, _STEPS, usual=_STEPS),
        context=number("max_target_positions", _CONTEXT, _CONTEXT, usual=_CONTEXT),
    )
    for name, heads in (("encoder", sizes.encoder_heads), ("decoder", sizes.decoder_heads)):
        if width % heads:
            raise ModelUnusable(_ODD_SIZE, folder=folder, name=f"{name}_attention_heads", value=heads)
    return sizes


def _check(tensors: Tensors, sizes: Sizes, folder: Path) -> None:
    """Every tensor is there and as large as it should be, before anything is written."""
    shapes = tensors.shapes()
    for part in parts(sizes):
        for name in part.tensors:
            if name != NO_BIAS and shapes.get(name) != part.shape and not _made_up(name, shapes):
                raise ModelUnusable(_WRONG_SHAPE, folder=folder, name=name)


def _made_up(name: str, shapes: Mapping[str, Any]) -> bool:
    """The encoder's places are the same waves in every model, and some leave them out."""
    return name == "encoder.embed_positions.weight" and name not in shapes


def _bytes(sizes: Sizes, tensors: Tensors) -> int:
    numbers = sum(math.prod(part.shape) * len(part.tensors) for part in parts(sizes))
    return numbers * (2 if tensors.half else 4)


def _write(file: BinaryIO, tensors: Tensors, sizes: Sizes, folder: Path) -> None:
    """A CTranslate2 file; for its layout see `weights.read_variables`, for the names CTranslate2's `WhisperSpec`."""
    weights, flags = list(parts(sizes)), _flags(sizes)
    file.write(struct.pack("<I", _FORMAT) + _text("WhisperSpec") + struct.pack("<I", _REVISION))
    file.write(struct.pack("<I", len(weights) + len(flags)))
    for name, value in flags.items():
        _write_variable(file, name, value)
    for part in weights:
        _write_variable(file, part.name, _variable(part, tensors, folder))
    aliases = [("decoder/projection/weight", "decoder/embeddings/weight")]
    file.write(struct.pack("<I", len(aliases)))
    for alias, name in aliases:
        file.write(_text(alias) + _text(name))


def _write_variable(file: BinaryIO, name: str, array: Array) -> None:
    file.write(_text(name) + struct.pack("<B", array.ndim) + struct.pack(f"<{array.ndim}I", *array.shape))
    file.write(struct.pack("<BI", _TYPES[array.dtype], array.nbytes))
    file.write(np.ascontiguousarray(array).data if array.ndim else array.tobytes())


def _text(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def _flags(sizes: Sizes) -> dict[str, Array]:
    small = {"alibi": 0, "pre_norm": 1, "scale_embeddings": 0, "start_from_zero_embedding": 0, "activation": _GELU}
    return {
        "encoder/num_heads": np.array(sizes.encoder_heads, np.int16),
        "decoder/num_heads": np.array(sizes.decoder_heads, np.int16),
        "decoder/alignment_heads": np.array(1, np.int16),
        "decoder/alignment_layer": np.array(-1, np.int16),
        **{f"decoder/{name}": np.array(value, np.int8) for name, value in small.items()},
    }


def _variable(part: JoinedVariable, tensors: Tensors, folder: Path) -> Array:
    kind = np.float16 if tensors.half else np.float32
    whole = np.empty((part.shape[0] * len(part.tensors), *part.shape[1:]), kind)
    for place, name in enumerate(part.tensors):
        rows = whole[place * part.shape[0] : (place + 1) * part.shape[0]]
        if name == NO_BIAS:
            rows[:] = 0
        elif _made_up(name, tensors.shapes()):
            rows[:] = _waves(*part.shape)
        else:
            rows[:] = tensors.read(name)
            if not np.isfinite(rows).all():
                raise ModelUnusable(_NOT_NUMBERS, folder=folder, name=name)
    return whole


def _waves(length: int, width: int) -> Array:
    """Sines and cosines over the encoder's places, as in openai-whisper's `sinusoids`."""
    rates = np.exp(-np.log(10_000) / (width // 2 - 1) * np.arange(width // 2))
    scaled = np.arange(length)[:, np.newaxis] * rates
    return np.concatenate([np.sin(scaled), np.cos(scaled)], axis=1)


def _settings(home: Path, folder: Path, sizes: Sizes) -> dict[str, Any]:
    """CTranslate2's `config.json`: tokens that are never written, those of languages, and the heads to place words by.

    A model's `generation_config.json` comes before its `config.json`, and an adapter's before its base's.
    """
    if (home / "model.bin").is_file():
        kept = read_json(home / "config.json")
        never, never_first = kept.get("suppress_ids"), kept.get("suppress_ids_begin")
        heads = named_heads(home)
    else:
        said = [read_json(one / "generation_config.json") for one in dict.fromkeys((folder, home))]
        said.append(read_json(home / "config.json"))
        never = next((one["suppress_tokens"] for one in said if one.get("suppress_tokens") is not None), None)
        never_first = next((one["begin_suppress_tokens"] for one in said if one.get("begin_suppress_tokens")), None)
        heads = next((one["alignment_heads"] for one in said if one.get("alignment_heads")), None)
    return {
        "alignment_heads": list(_heads(heads, sizes))
        or timing_heads(sizes.decoder, sizes.decoder_heads, sizes.mels, sizes.multilingual),
        "lang_ids": vocabularies.language_numbers(sizes.vocabulary),
        "suppress_ids": _numbers(never, sizes.vocabulary),
        "suppress_ids_begin": _numbers(never_first, sizes.vocabulary),
    }


def _numbers(given: Any, count: int) -> list[int]:
    return [one for one in given if type(one) is int and 0 <= one < count] if isinstance(given, list) else []


def _heads(given: Any, sizes: Sizes) -> Iterator[list[int]]:
    for pair in given if isinstance(given, list) else []:
        match pair:
            case [int(layer), int(head)] if 0 <= layer < sizes.decoder and 0 <= head < sizes.decoder_heads:
                yield [layer, head]
