"""Ways in which a Hugging Face repository can be damaged, or hold what is no model of ours."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.ingest.engines import hugging_face as form


def empty(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def pickled(folder: Path) -> None:
    empty(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weights": 1}))


def cut_short(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def endless_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")


def shard_missing(folder: Path) -> None:
    empty(folder)
    index = {"weight_map": {"model.encoder.conv1.weight": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def shard_elsewhere(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder.parent / "elsewhere.safetensors")
    index = {"weight_map": {"model.encoder.conv1.weight": "../elsewhere.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def configured(**other: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | other))

    return change


def no_numbers(folder: Path) -> None:
    tensors = form.random_tensors(json.loads((folder / "config.json").read_text()))
    tensors["model.decoder.layers.0.fc1.bias"][3] = np.nan
    save_file(tensors, folder / "model.safetensors")


def no_tokenizer(folder: Path) -> None:
    (folder / "merges.txt").unlink()


def bad_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"model": "BPE"}')


def nested(folder: Path) -> None:
    (folder / "config.json").write_text("[" * 100_000)
