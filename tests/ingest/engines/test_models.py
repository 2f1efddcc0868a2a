"""What a person writes as a model is found, or refused in one sentence and at once."""

from __future__ import annotations

import time
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from ingest.engines import faster_whisper, loader, weights
from ingest.engines.errors import EngineMissing, ModelUnreachable, ModelUnusable, UnknownEngine
from ingest.engines.loader import load
from ingest.engines.model_files import FASTER_WHISPER, OPENAI_WHISPER, ModelFiles, resolve

BOTH = [FASTER_WHISPER, pytest.param(OPENAI_WHISPER, marks=pytest.mark.torch)]


def one_sentence(error: Exception) -> bool:
    return str(error).count("\n") == 0 and str(error).endswith(".")


@pytest.mark.parametrize("engine", BOTH)
def test_a_name_nobody_knows_is_refused_with_the_names_there_are(engine: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="small") as refused:
        resolve("no-such-model", engine, tmp_path)
    assert one_sentence(refused.value)


def test_an_unknown_engine_is_refused_with_the_engines_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownEngine, match="faster-whisper or openai-whisper"):
        load("kaldi", "base", tmp_path)


def test_without_pytorch_its_engine_says_how_to_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "torch_installed", lambda: False)
    with pytest.raises(EngineMissing, match="make torch") as refused:
        load(OPENAI_WHISPER, "base", tmp_path)
    assert one_sentence(refused.value)


def test_a_checkpoint_given_to_faster_whisper_says_which_engine_takes_it(tmp_path: Path) -> None:
    checkpoint = tmp_path / "khmer.pt"
    checkpoint.write_bytes(b"weights")
    with pytest.raises(ModelUnusable, match="choose the openai-whisper engine"):
        resolve(str(checkpoint), FASTER_WHISPER, tmp_path / "cache")


@pytest.mark.parametrize("engine", BOTH)
def test_a_folder_that_is_no_model_is_refused_when_loading(engine: str, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"\x06\x00\x00\x00 nothing like a model")
    with pytest.raises(ModelUnusable) as refused:
        load(engine, str(tmp_path), tmp_path / "cache")
    assert one_sentence(refused.value)
    assert not list((tmp_path / "cache").glob("*.pt"))


@pytest.mark.parametrize("engine", BOTH)
def test_a_hub_out_of_reach_is_told_soon_and_leaves_nothing(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    if engine == OPENAI_WHISPER:
        import whisper

        monkeypatch.setattr(whisper, "_MODELS", {"small": "http://127.0.0.1:9/abc/small.pt"})
    began = time.monotonic()
    with pytest.raises(ModelUnreachable, match=r"small is not on this machine.*weights extra") as refused:
        resolve("small", engine, tmp_path)
    assert time.monotonic() - began < 30  # a hub's own patience is minutes
    assert one_sentence(refused.value)
    assert not list(tmp_path.rglob("*.pt"))


def test_damaged_bundled_weights_are_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    halves = tmp_path / "package"
    halves.mkdir()
    for part in ("model.bin.part1", "model.bin.part2"):
        (halves / part).write_bytes(b"not the weights")
    monkeypatch.setattr(weights, "_package_data", lambda package: halves)
    with pytest.raises(ModelUnusable, match="damaged"):
        weights.bundled_base(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_gpu_that_cannot_be_used_is_left_alone_unless_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = MagicMock()
    loaded.return_value.model.device = "cpu"

    def open_model(path: str, *, device: str, **more: object) -> MagicMock:
        if device == "cuda":
            raise RuntimeError("Library libcublas.so.12 is not found or cannot be loaded")
        return loaded(path, device=device, **more)

    monkeypatch.setattr(faster_whisper, "WhisperModel", open_model)
    monkeypatch.setattr(faster_whisper.ctranslate2, "get_cuda_device_count", lambda: 1)
    (tmp_path / "model.bin").touch()
    files = ModelFiles("base", tmp_path, None)
    assert faster_whisper.FasterWhisper(files, 1).version.endswith("float32")
    assert loaded.call_args.kwargs["device"] == "cpu"
    with pytest.raises(ModelUnusable, match=r"cannot be used on the GPU .*libcublas") as refused:
        faster_whisper.FasterWhisper(files, 1, "cuda")
    assert one_sentence(refused.value)


def test_a_large_model_hears_fewer_windows_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = MagicMock()
    monkeypatch.setattr(faster_whisper, "WhisperModel", opened)
    with (tmp_path / "model.bin").open("wb") as file:
        file.truncate(1_600_000_000)  # a medium one in half precision; it takes no room on the disk
    opened.return_value.feature_extractor.mel_filters.shape = (80, 201)
    for device in ("cpu", "cuda"):
        opened.return_value.model.device = device
        assert faster_whisper.FasterWhisper(ModelFiles("medium", tmp_path, None), 1, device).batch_size <= 4


@pytest.mark.torch
def test_a_gpu_asked_for_of_openai_whisper_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.engines import openai_whisper

    monkeypatch.setattr(openai_whisper.torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelUnusable, match=r"no GPU.*MESSENGER_DEVICE") as refused:
        openai_whisper.OpenAIWhisper(ModelFiles("base", tmp_path / "base.pt", None), 1, "cuda")
    assert one_sentence(refused.value)


@pytest.mark.torch
@pytest.mark.weights
def test_the_bundled_weights_are_joined_once_and_converted_whole(tmp_path: Path) -> None:
    import torch
    from whisper.model import ModelDimensions, Whisper

    folder = weights.bundled_base(tmp_path)
    written = (folder / "model.bin").stat().st_mtime_ns
    assert (weights.bundled_base(tmp_path) / "model.bin").stat().st_mtime_ns == written
    checkpoint = torch.load(weights.checkpoint_from_ctranslate2(folder, tmp_path), weights_only=True)
    model = Whisper(ModelDimensions(**checkpoint["dims"]))
    missing = model.load_state_dict(checkpoint["model_state_dict"], strict=True)
    assert missing.missing_keys == []
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
