"""The voice model's weights are read without PyTorch, and a file that names code to be run gets none of it run."""

from __future__ import annotations

import os
import pickle
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from ingest.voices.voice_weights import WeightsUnreadable, read_weights
from ingest.voices.voiceprints import VoicePrinter


class _Trap:
    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.sprung}",)


def _file(tmp_path: Path, stored: object, *, magic: int = 0x1950A86A20F9469CFC6C) -> Path:
    path = tmp_path / "weights.pt"
    parts = (magic, 1001, {"little_endian": True}, stored, [])
    path.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in parts))
    return path


def shipped() -> Path:
    spec = find_spec("resemblyzer")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pretrained.pt"


def test_a_file_that_names_code_is_refused_and_the_code_not_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    with pytest.raises(WeightsUnreadable):
        read_weights(_file(tmp_path, {"model_state": {"lstm": _Trap(sprung)}}), "model_state")
    assert not sprung.exists()


@pytest.mark.parametrize("length", [0, 10, 5_000, 6_000, 7_000, 100_000])
def test_a_file_cut_off_anywhere_is_refused(length: int, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(shipped().read_bytes()[:length])
    with pytest.raises(WeightsUnreadable):
        read_weights(path, "model_state")


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnreadable):
        read_weights(_file(tmp_path, {"model_state": {}}, magic=1), "model_state")


@pytest.mark.torch
def test_weights_and_voiceprints_are_those_of_pytorch() -> None:
    import torch

    read = read_weights(shipped(), "model_state")
    theirs = torch.load(shipped(), map_location="cpu", weights_only=True)["model_state"]
    assert set(read) == set(theirs)
    assert all(np.array_equal(read[name], array.numpy()) for name, array in theirs.items())

    lstm, linear = torch.nn.LSTM(40, 256, num_layers=3, batch_first=True), torch.nn.Linear(256, 256)
    for module, prefix in ((lstm, "lstm."), (linear, "linear.")):
        module.load_state_dict({n.removeprefix(prefix): t for n, t in theirs.items() if n.startswith(prefix)})
    parts = np.random.default_rng(5).random((3, 160, 40), dtype=np.float32)
    with torch.inference_mode():
        last = lstm(torch.from_numpy(parts))[1][0][-1]
        raw = torch.relu(linear(last)).numpy()
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    assert np.abs(VoicePrinter()._heard(list(parts)) - expected).max() < 1e-5
