"""The real base model on real and made sound: right where it can be, and honest everywhere else."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jiwer
import numpy as np
import pytest

from ingest.engines.loader import load
from ingest.engines.model_files import FASTER_WHISPER, OPENAI_WHISPER
from ingest.engines.recogniser import Recogniser
from ingest.engines.window import SAMPLE_RATE, Audio
from ingest.recognition.transcription import RecordingSource, Transcription, source_of, transcribe
from media.decode import read_mono
from web.cli import run

pytestmark = pytest.mark.weights

SAMPLES = Path(__file__).parents[3] / "ingest/samples"
JFK = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
COMMAND = [sys.executable, "-c", "from web.cli import main; main()", "transcribe"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def engine(data: Path) -> Callable[[str], Recogniser]:
    return lambda name: load(name, "base", data / "models", device="cpu")


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def said(found: Transcription) -> str:
    return plain(" ".join(utterance.text for utterance in found.utterances))


@pytest.mark.data
@pytest.mark.parametrize("name", [FASTER_WHISPER, pytest.param(OPENAI_WHISPER, marks=pytest.mark.torch)])
def test_kennedy_is_heard_word_for_word_and_not_doubted(
    name: str, engine: Callable[[str], Recogniser], shared_data: Path
) -> None:
    found = transcribe(source_of(shared_data / "speech/jfk.flac"), engine(name))
    assert said(found) == plain(JFK)
    assert found.language == "en"
    assert not any(utterance.flags for utterance in found.utterances)
    assert not found.verdict.needs_person
    country = next(word for utterance in found.utterances for word in utterance.words if word.text == "country")
    assert abs(country.start_ms - 5_800) < 250


@pytest.mark.data
def test_khmer_that_the_base_model_cannot_write_needs_a_person(
    engine: Callable[[str], Recogniser], shared_data: Path
) -> None:
    for clip in (shared_data / "speech").glob("khm_*.wav"):
        found = transcribe(source_of(clip), engine(FASTER_WHISPER))
        assert found.language == "km"
        assert all("script" in utterance.flags for utterance in found.utterances)
        assert found.verdict.needs_person


@pytest.mark.parametrize("asked", ["es", "km"])
def test_a_language_that_is_not_spoken_is_noticed_when_it_is_asked_for(
    asked: str, engine: Callable[[str], Recogniser]
) -> None:
    sound = read_mono(SAMPLES / "on-the-truck.ogg", end_ms=20_000)
    found = transcribe(RecordingSource(asked, 20_000, lambda: [sound]), engine(FASTER_WHISPER), language=asked)
    assert found.utterances
    assert all("language-switch" in utterance.flags for utterance in found.utterances)
    assert found.verdict.needs_person


@pytest.mark.torch
@pytest.mark.slow
def test_both_engines_hear_the_same_words(engine: Callable[[str], Recogniser]) -> None:
    source = source_of(SAMPLES / "the-day-the-line-fell.ogg")
    ours, reference = (said(transcribe(source, engine(name))) for name in (FASTER_WHISPER, OPENAI_WHISPER))
    assert len(reference.split()) > 60
    assert jiwer.wer(reference, ours) <= 0.01


def made(kind: str) -> Audio:
    """Ten minutes without a word."""
    chance = np.random.default_rng(11)
    moments = np.arange(600 * SAMPLE_RATE) / SAMPLE_RATE
    if kind == "silence":
        return np.zeros(len(moments), dtype=np.float32)
    if kind == "tone":
        return (0.3 * np.sin(2 * np.pi * 440 * moments)).astype(np.float32)
    if kind == "music":
        notes = 220 * 2 ** (chance.choice([0, 2, 4, 7, 9, 12, 14, 16], 1500) / 12)
        pitch = np.repeat(notes, int(0.4 * SAMPLE_RATE))[: len(moments)]
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        struck = np.exp(-3 * (moments % 0.4))
        return (0.3 * struck * (np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.3 * np.sin(3 * phase))).astype(np.float32)
    rumble = np.cumsum(chance.normal(0, 1, len(moments)))
    street = rumble - np.convolve(rumble, np.ones(800) / 800, "same")
    street = 0.2 * street / np.abs(street).max() * (1 + np.sin(2 * np.pi * moments / 7)) + chance.normal(
        0, 0.02, len(moments)
    )
    for start in chance.integers(0, len(moments) - SAMPLE_RATE, 120):
        horn = np.arange(int(chance.uniform(0.15, 0.9) * SAMPLE_RATE)) / SAMPLE_RATE
        pitch = chance.uniform(350, 480)
        street[start : start + len(horn)] += 0.15 * np.sign(np.sin(2 * np.pi * pitch * horn))
        street[start : start + len(horn)] += 0.15 * np.sign(np.sin(2 * np.pi * 1.26 * pitch * horn))
    return street.astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["silence", "tone", "music", "street"])
def test_ten_minutes_without_a_word_give_no_trusted_text(kind: str, engine: Callable[[str], Recogniser]) -> None:
    sound = made(kind)
    found = transcribe(RecordingSource(kind, 600_000, lambda: [sound]), engine(FASTER_WHISPER))
    assert [utterance for utterance in found.utterances if not utterance.flags] == []
    assert found.verdict.needs_person


def run_command(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"MESSENGER_DATA": str(data), "TQDM_DISABLE": "0"}
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=env, check=False)


@pytest.mark.data
def test_the_command_prints_one_document_and_nothing_else(data: Path, shared_data: Path) -> None:
    done = run_command(str(shared_data / "speech/jfk.flac"), "--json", data=data)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert (document["language"], document["duration_ms"]) == ("en", 11_000)
    for segment in document["segments"]:
        assert segment["flags"] == []
        assert [word["text"] for word in segment["words"]] == segment["text"].split()
        assert set(segment["words"][0]) == {"start_ms", "end_ms", "text", "confidence"}


@pytest.mark.slow
def test_the_command_killed_and_run_again_prints_the_same(data: Path, tmp_path: Path) -> None:
    sound = str(SAMPLES / "until-my-son-comes-home.wav")
    whole = run_command(sound, "--language", "en", "--json", data=data).stdout
    kept = tmp_path / "work"
    arguments = [*COMMAND, sound, "--language", "en", "--json", "--work", str(kept)]
    process = subprocess.Popen(arguments, env=os.environ | {"MESSENGER_DATA": str(data)}, stdout=subprocess.DEVNULL)
    while process.poll() is None and not list(kept.glob("*.jsonl")):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(kept.glob("*.jsonl"))
    again = run_command(sound, "--language", "en", "--json", "--work", str(kept), data=data)
    assert again.stdout == whole
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"Dear all, this is a letter.\n", "text"), (b"#EXTM3U\nfile:///etc/passwd\n", "")],
)
def test_what_is_no_recording_is_refused_in_one_line(
    content: bytes, reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    assert run(["transcribe", str(path), "--json"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert reason in err


def test_a_recording_over_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSENGER_MAX_HOURS", "0.01")
    assert run(["transcribe", str(SAMPLES / "until-my-son-comes-home.wav"), "--json"]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "longer than" in err
