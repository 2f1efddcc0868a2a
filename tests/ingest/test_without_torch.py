"""Everything but the engine openai-whisper works where PyTorch and openai-whisper are not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

WITHOUT = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec
def hidden(name, path=None, target=None):
    return None if name.partition(".")[0] in ("torch", "whisper") else found(name, path, target)
PathFinder.find_spec = staticmethod(hidden)
"""
COMMAND = WITHOUT + "from web.cli import main; main()"
VOICES = WITHOUT + (
    "import numpy as np; from ingest.voices.voiceprints import printer; "
    "print(printer().prints([np.random.default_rng(1).normal(size=32_000).astype(np.float32)])[0].shape)"
)


def python(program: str, data: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MESSENGER_DATA": str(data / "var"), "MESSENGER_VAULT_KEY": str(data / "vault.key")}
    environment.pop("MESSENGER_ENGINE", None)
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["transcribe", "align"])
def test_the_engine_that_needs_it_says_so_in_one_sentence(command: str, tmp_path: Path) -> None:
    sound, lyrics = tmp_path / "told.wav", tmp_path / "sung.txt"
    python(
        "import sys, wave; w = wave.open(sys.argv[1], 'wb'); w.setparams((1, 2, 16000, 0, 'NONE', '')); "
        "w.writeframes(bytes(64000)); w.close()",
        tmp_path,
        sound,
    )
    lyrics.write_text("a line\n")
    given = [sound, lyrics, "--language", "en"] if command == "align" else [sound]
    run = python(COMMAND, tmp_path, command, *given, "--engine", "openai-whisper")
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1
    assert "needs PyTorch" in run.stderr
    assert "`make torch`" in run.stderr


def test_voices_have_their_prints(tmp_path: Path) -> None:
    run = python(VOICES, tmp_path)
    assert run.stdout.strip().endswith(", 256)"), run.stderr


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.weights
def test_a_recording_goes_in_and_known_words_are_placed(shared_data: Path, tmp_path: Path) -> None:
    sound = shared_data / "speech" / "jfk.flac"
    run = python(COMMAND, tmp_path, "ingest", sound, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["results"][0]["state"] == "ready"
    sheet = tmp_path / "said.txt"
    sheet.write_text("ask not what your country can do for you\n")
    run = python(COMMAND, tmp_path, "align", sound, sheet, "--language", "en", "--json")
    assert run.returncode == 0, run.stderr
    (line,) = json.loads(run.stdout)["lines"]
    assert abs(line["start_ms"] - 3300) <= 300
