"""The weights of the voice model, read from the file that PyTorch wrote, without PyTorch.

The file is of PyTorch's first format: five pickles (a magic number, the format's version, the machine's sizes, what is
stored, and in which order the numbers come), then for each storage a 64-bit count and its numbers. A pickle can name
any code to be run, so exactly three names are understood, and none of them is looked up: each stands for a record here.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.float32]]

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_UNREADABLE = (pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError, ImportError)


class WeightsUnreadable(ValueError):
    """The file is no file of float32 weights in PyTorch's first format."""


@dataclass(frozen=True)
class _Storage:
    """A run of float32 numbers further on in the file."""

    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    """Where an array lies in its storage, all counted in numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]

    def array(self, stored: NDArray[np.float32]) -> NDArray[np.float32]:
        size = prod(self.shape)
        if self.offset < 0 or min(self.shape, default=0) < 0 or self.offset + size > len(stored):
            raise ValueError("a tensor reaches beyond its storage")
        return stored[self.offset : self.offset + size].reshape(self.shape)


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], steps: tuple[int, ...], *_: object) -> _Tensor:
    rows_first = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
    if tuple(steps) != rows_first:
        raise ValueError("a tensor is not stored row by row")
    return _Tensor(storage, offset, tuple(shape))


class _Reader(pickle.Unpickler):
    _KNOWN: dict[tuple[str, str], Any] = {  # noqa: RUF012
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "FloatStorage"): "float32",
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights") from None

    def persistent_load(self, pid: Any) -> _Storage:
        kind, numbers, key, _place, count, *view = pid
        if (kind, numbers) != ("storage", "float32") or any(view):
            raise pickle.UnpicklingError("the numbers are not float32")
        return _Storage(key, count)


def read_weights(path: Path, state: str) -> Weights:
    """The arrays kept under the name `state`, each by its name.

    Raises:
        WeightsUnreadable: the file is of another format, damaged, or names what has no place in it.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as file:
        try:
            if _next(file) != _MAGIC or _next(file) != _PROTOCOL or not _next(file)["little_endian"]:
                raise ValueError("another format")
            tensors = {name: one for name, one in _next(file)[state].items() if isinstance(one, _Tensor)}
            stored = _stored(file, _next(file), {one.storage for one in tensors.values()})
            return {name: one.array(stored[one.storage.key]) for name, one in tensors.items()}
        except _UNREADABLE as error:
            raise WeightsUnreadable(f"{path} holds no weights that can be read.") from error


def _next(file: BinaryIO) -> Any:
    return _Reader(file).load()


def _stored(file: BinaryIO, keys: Sequence[str], wanted: set[_Storage]) -> dict[str, NDArray[np.float32]]:
    """The numbers of the storages wanted; the others, such as an optimiser's, are passed over."""
    counts = {storage.key: storage.count for storage in wanted}
    found: dict[str, NDArray[np.float32]] = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        if key not in counts:
            file.seek(4 * count, 1)
            continue
        if count != counts[key]:
            raise ValueError("a storage is not of the size it is said to be")
        found[key] = np.frombuffer(file.read(4 * count), dtype="<f4")
    return found
