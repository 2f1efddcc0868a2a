"""A checkpoint with random weights goes through the code that loads and runs a real one."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from ingest.engines.errors import ModelUnusable, UnknownLanguage
from ingest.engines.loader import load, torch_installed
from ingest.engines.model_files import OPENAI_WHISPER
from ingest.engines.whisper import WhisperRecogniser
from ingest.engines.window import SAMPLE_RATE, Window

if torch_installed():
    import torch
    from whisper.model import ModelDimensions, Whisper

pytestmark = pytest.mark.torch

DIMENSIONS = {
    "n_mels": 80,
    "n_vocab": 51865,
    "n_audio_ctx": 1500,
    "n_audio_state": 16,
    "n_audio_head": 2,
    "n_audio_layer": 1,
    "n_text_ctx": 448,
    "n_text_state": 16,
    "n_text_head": 2,
    "n_text_layer": 2,
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(4)
    model = Whisper(ModelDimensions(**DIMENSIONS))
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)  # left as memory happens to be, otherwise
    path = tmp_path_factory.mktemp("models") / "tiny-khmer.pt"
    torch.save({"dims": DIMENSIONS, "model_state_dict": model.state_dict()}, path)
    return path


@pytest.fixture(scope="module")
def recogniser(tiny: Path) -> WhisperRecogniser:
    loaded = load(OPENAI_WHISPER, str(tiny), tiny.parent, threads=1, device="cpu")
    loaded.beam_size = 2
    return loaded


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.1, 4 * SAMPLE_RATE).astype(np.float32)


def test_it_is_loaded_once_and_named_after_its_file(tiny: Path, recogniser: WhisperRecogniser) -> None:
    assert load(OPENAI_WHISPER, str(tiny), tiny.parent, device="cpu") is recogniser
    assert recogniser.model.startswith("tiny-khmer@")
    assert recogniser.multilingual


def test_windows_come_back_in_order_inside_their_own_time(recogniser: WhisperRecogniser, noise: np.ndarray) -> None:
    windows = [Window(noise[: SAMPLE_RATE * length], 10_000 * length, 11_000 * length) for length in (1, 2, 3)]
    heard = list(recogniser.transcribe_windows(windows, "km", "ភ្នំពេញ"))
    assert len(heard) == 3
    for window, utterances in zip(windows, heard, strict=True):
        for utterance in utterances:
            assert window.start_ms <= utterance.start_ms <= utterance.end_ms <= window.end_ms
            assert utterance.language == "km"
            assert all(0 <= (word.confidence or 0) <= 1 for word in utterance.words)


def test_nonsense_never_comes_out_as_trusted_text(recogniser: WhisperRecogniser, noise: np.ndarray) -> None:
    [utterances] = recogniser.transcribe_windows([Window(noise, 0, 4000)], None, None)
    assert utterances
    assert all(utterance.flags for utterance in utterances)


def test_texts_are_forced_onto_the_sound_in_order(recogniser: WhisperRecogniser, noise: np.ndarray) -> None:
    placed = recogniser.align(noise, ["ខ្ញុំ", "ទៅ", "", "ស្រុក"], "km")
    assert [each.text for each in placed] == ["ខ្ញុំ", "ទៅ", "", "ស្រុក"]
    moments = [moment for each in placed for moment in (each.start_ms, each.end_ms)]
    assert moments == sorted(moments)
    assert moments[-1] <= 4000
    assert placed[2].probability == 0


def test_more_than_a_window_cannot_be_aligned(recogniser: WhisperRecogniser) -> None:
    with pytest.raises(ValueError, match="too much"):
        recogniser.align(np.zeros(31 * SAMPLE_RATE, dtype=np.float32), ["a"], "en")


def test_a_language_the_model_does_not_know_is_refused(recogniser: WhisperRecogniser) -> None:
    with pytest.raises(UnknownLanguage, match="km or en"):
        next(recogniser.transcribe_windows(iter(()), "tlh", None), None)
    assert recogniser.checked_language("km-KH") == "km"


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.pt"
    path.write_bytes(b"Dear all,")
    with pytest.raises(ModelUnusable, match=r"letter\.pt is not an openai-whisper checkpoint"):
        load(OPENAI_WHISPER, str(path), tmp_path)


class _Trap:
    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.sprung),)


def test_a_checkpoint_cannot_run_code(tmp_path: Path) -> None:
    sprung, path = tmp_path / "sprung", tmp_path / "trap.pt"
    path.write_bytes(pickle.dumps({"dims": DIMENSIONS, "model_state_dict": _Trap(sprung)}))
    with pytest.raises(ModelUnusable):
        load(OPENAI_WHISPER, str(path), tmp_path)
    torch.save({"dims": DIMENSIONS, "model_state_dict": _Trap(sprung)}, path)
    with pytest.raises(ModelUnusable):
        load(OPENAI_WHISPER, str(path), tmp_path)
    assert not sprung.exists()
