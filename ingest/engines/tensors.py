"""A model's tensors one at a time, from safetensors files or from a CTranslate2 file, under Transformers' names.

Nothing here unpickles: a pickle can run code, and a model comes from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from archive.language.messages import Message
from ingest.engines.errors import ModelUnusable
from ingest.engines.weights import Variables
from ingest.engines.whisper_names import PICKLES, Shape, Sizes, parts

LONGEST_JSON = 64 << 20
_NUMPY = {"F64": np.float64, "F32": np.float32, "F16": np.float16}
_BRAIN_FLOAT = "BF16"

Array = NDArray[Any]

_DAMAGED = Message("{path} is damaged or is not a safetensors file: copy or fetch it again.")
_MISSING_SHARD = Message("{folder} is not whole: {name} is missing, copy it as well.")
_ODD_NUMBERS = Message("{path} holds weights as {kind}, and only whole, half and brain floating point are read.")
_NOT_JSON = Message("{path} cannot be read: it is no JSON document.")
_PICKLED = Message(
    "{folder} holds its weights only as {name}, a kind of file that can run code when it is opened: ask its makers for "
    "model.safetensors, or save it as that where it was made."
)
_NO_WEIGHTS = Message("{folder} holds no weights: model.safetensors is missing.")


class Tensors(Protocol):
    """Named arrays, each read when it is asked for.

    Attributes:
        half: whether all weights are in half precision.
    """

    half: bool

    def shapes(self) -> Mapping[str, Shape]: ...

    def read(self, name: str) -> Array: ...


class SafetensorsFolder:
    """The tensors in a folder's safetensors files; names lose the `model.` that Transformers puts before them.

    Raises:
        ModelUnusable: there are none, one is damaged or missing, or the weights are only there as a pickle.
    """

    def __init__(self, folder: Path, stem: str = "model") -> None:
        self._places: dict[str, tuple[Path, str, str]] = {}
        self._shapes: dict[str, Shape] = {}
        for path in weight_files(folder, stem):
            with _opened(path) as file:
                for name in file.keys():  # noqa: SIM118 - no mapping
                    piece = file.get_slice(name)
                    self._places[name.removeprefix("model.")] = (path, name, piece.get_dtype())
                    self._shapes[name.removeprefix("model.")] = tuple(piece.get_shape())
        self.half = all(kind == "F16" for _, _, kind in self._places.values())

    def shapes(self) -> Mapping[str, Shape]:
        return self._shapes

    def read(self, name: str) -> Array:
        path, stored, kind = self._places[name]
        if kind == _BRAIN_FLOAT:
            return _brain_floats(path, stored)
        if kind not in _NUMPY:
            raise ModelUnusable(_ODD_NUMBERS, path=path, kind=kind)
        with _opened(path) as file:
            array: Array = file.get_tensor(stored)
        return array.astype(np.float32) if kind == "F64" else array


class ConvertedTensors:
    """The tensors inside a CTranslate2 file in floating point, cut out of its joined variables."""

    def __init__(self, variables: Variables, sizes: Sizes) -> None:
        self._places: dict[str, tuple[str, int]] = {}
        self._shapes: dict[str, Shape] = {}
        self._variables = variables
        for part in parts(sizes):
            for place, name in enumerate(part.tensors):
                if name:
                    self._places[name] = (part.name, place)
                    self._shapes[name] = part.shape
        self.half = variables["decoder/embeddings/weight"].dtype == np.float16

    def shapes(self) -> Mapping[str, Shape]:
        return self._shapes

    def read(self, name: str) -> Array:
        variable, place = self._places[name]
        shape = self._shapes[name]
        rows = shape[0]
        return np.array(self._variables[variable][rows * place : rows * (place + 1)])


def weight_files(folder: Path, stem: str = "model") -> list[Path]:
    """The safetensors files that make up a folder's model, in one piece or in shards.

    Raises:
        ModelUnusable: none are there, one is missing, or the weights are only there as a pickle.
    """
    for kind in ("", ".fp16", ".fp32"):
        whole = folder / f"{stem}{kind}.safetensors"
        if whole.is_file():
            return [whole]
        index = folder / f"{stem}.safetensors.index{kind}.json"
        if index.is_file():
            return _shards(folder, index)
    pickled = next((name for name in PICKLES if (folder / name).is_file()), None)
    if pickled:
        raise ModelUnusable(_PICKLED, folder=folder, name=pickled)
    raise ModelUnusable(_NO_WEIGHTS, folder=folder)


def _shards(folder: Path, index: Path) -> list[Path]:
    named = read_json(index).get("weight_map")
    names = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors"):  # no way out of the folder
            raise ModelUnusable(_DAMAGED, path=index)
        if not (folder / name).is_file():
            raise ModelUnusable(_MISSING_SHARD, folder=folder, name=name)
    if not names:
        raise ModelUnusable(_DAMAGED, path=index)
    return [folder / name for name in names]


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of somebody else's; empty where there is no such file.

    Raises:
        ModelUnusable: it is longer than any such file, no JSON, or no object.
    """
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > LONGEST_JSON:
            raise ValueError
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ModelUnusable(_NOT_JSON, path=path) from error
    if not isinstance(document, dict):
        raise ModelUnusable(_NOT_JSON, path=path)
    return document


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A safetensors file, read by pieces and not mapped, so that what was read does not count as memory in use."""
    try:
        with safe_open(path, framework="np", backend="pread") as file:
            yield file
    except (SafetensorError, OverflowError, MemoryError) as error:
        raise ModelUnusable(_DAMAGED, path=path) from error


def _brain_floats(path: Path, name: str) -> Array:
    """A tensor in bfloat16, which numpy lacks, as float32: the upper half of its bits. `_opened` has checked the file.

    Layout: uint64 length of a JSON header, the header, then the bytes, each tensor at its `data_offsets`.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))[name]
        first, end = entry["data_offsets"]
        file.seek(8 + length + first)
        upper = np.frombuffer(file.read(end - first), dtype="<u2")
    return (upper.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])
