"""LoRA adapters: a few small matrices that somebody trained beside a model, added into its weights.

Peft writes them as `adapter_config.json` and `adapter_model.safetensors`, and leaves the model itself elsewhere. A
weight becomes W + s * B @ A, with s = alpha / rank (alpha / sqrt(rank) where `use_rslora` says so).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from archive.language.messages import Message
from ingest.engines.errors import ModelUnusable
from ingest.engines.tensors import Array, SafetensorsFolder, Tensors, read_json
from ingest.engines.whisper_names import Shape

CONFIG = "adapter_config.json"
_FIRST, _SECOND = ".lora_A.weight", ".lora_B.weight"

_OTHER_KIND = Message(
    "{folder} is an adapter of a kind that is not read here ({kind}): merge it into its model where it was made, and "
    "bring the merged model."
)
_DOES_NOT_FIT = Message("{folder} does not fit its base model: {name} has another shape there, or is not there.")


def is_adapter(folder: Path) -> bool:
    return (folder / CONFIG).is_file()


def base_named(folder: Path) -> str:
    """The name or folder of the model that an adapter was trained on, as its makers had it."""
    return str(read_json(folder / CONFIG).get("base_model_name_or_path") or "")


class Adapted:
    """A base model's tensors with an adapter added in.

    Attributes:
        half: as the base.

    Raises:
        ModelUnusable: the adapter is no LoRA adapter, or does not fit its base.
    """

    def __init__(self, folder: Path, base: Tensors) -> None:
        self._base, self._folder = base, folder
        self._config = read_json(folder / CONFIG)
        self._adapter = SafetensorsFolder(folder, "adapter_model")
        self.half = base.half
        self._refuse_other_kinds()
        self._pairs: dict[str, tuple[str, str]] = {}
        self._replaced: dict[str, str] = {}
        for name in self._adapter.shapes():
            plain = _plain(name)
            if name.endswith(_FIRST):
                self._pairs[f"{plain.removesuffix(_FIRST)}.weight"] = (name, name.removesuffix(_FIRST) + _SECOND)
            elif not name.endswith(_SECOND):
                self._replaced[plain.replace(".modules_to_save", "").replace(".base_layer", "")] = name
        self._check()

    def shapes(self) -> Mapping[str, Shape]:
        return self._base.shapes()

    def read(self, name: str) -> Array:
        if name in self._replaced:
            return self._adapter.read(self._replaced[name])
        weight = self._base.read(name)
        if name not in self._pairs:
            return weight
        first, second = (self._adapter.read(one).astype(np.float32) for one in self._pairs[name])
        added = second @ first
        if self._config.get("fan_in_fan_out"):
            added = added.T
        merged: Array = weight.astype(np.float32) + np.float32(self._scale(name, len(first))) * added
        return merged.astype(weight.dtype)

    def _scale(self, name: str, rank: int) -> float:
        alpha = _of_pattern(self._config.get("alpha_pattern"), name, self._config.get("lora_alpha"))
        if not isinstance(alpha, int | float) or rank < 1:
            raise ModelUnusable(_OTHER_KIND, folder=self._folder, kind=f"lora_alpha {alpha!r}")
        return alpha / (rank**0.5 if self._config.get("use_rslora") else rank)

    def _refuse_other_kinds(self) -> None:
        kind = str(self._config.get("peft_type", "LORA"))
        if kind.upper() != "LORA":
            raise ModelUnusable(_OTHER_KIND, folder=self._folder, kind=kind)
        for other in ("use_dora", "use_qalora"):
            if self._config.get(other):
                raise ModelUnusable(_OTHER_KIND, folder=self._folder, kind=other)

    def _check(self) -> None:
        base, own = self._base.shapes(), self._adapter.shapes()
        for name, (first, second) in self._pairs.items():
            down, up = own[first], own.get(second, ())
            fits = len(down) == len(up) == 2 and down[0] == up[1]
            added = (down[1], up[0]) if fits and self._config.get("fan_in_fan_out") else (*up[:1], *down[1:])
            if not fits or base.get(name) != added:
                raise ModelUnusable(_DOES_NOT_FIT, folder=self._folder, name=name)
        for name, stored in self._replaced.items():
            if base.get(name) != own[stored]:
                raise ModelUnusable(_DOES_NOT_FIT, folder=self._folder, name=name)
        if not self._pairs:
            raise ModelUnusable(_OTHER_KIND, folder=self._folder, kind="no lora_A")


def _plain(name: str) -> str:
    """A name inside an adapter as the model itself has it."""
    for before in ("base_model.", "model.", "model."):
        name = name.removeprefix(before)
    return name


def _of_pattern(pattern: Any, name: str, usual: Any) -> Any:
    """Peft's patterns: the end of a module's name, to the value that holds there."""
    module = name.removesuffix(".weight")
    if isinstance(pattern, dict):
        for end, value in pattern.items():
            if module == end or module.endswith(f".{end}"):
                return value
    return usual
