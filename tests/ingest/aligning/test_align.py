"""Known words over real recordings, with the base weights, through the command a person would use."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from web.commands.align import align

SONGS = ("Fantasma_-_Los_Rombos", "Yuanan_-_Miedo_-_Yuanan")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


def aligned(models: Path, *arguments: object) -> list[dict]:
    result = CliRunner().invoke(
        align, [*map(str, arguments), "--model", "base", "--json"], env={"MESSENGER_DATA": str(models)}
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["lines"]


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.data
def test_songs_are_aligned_as_well_as_promised(models: Path, shared_data: Path) -> None:
    errors: list[float] = []
    for song in SONGS:
        folder = shared_data / "songs" / song
        with (folder / "lines.csv").open(encoding="utf-8", newline="") as file:
            truth = [float(row["start_time"]) for row in csv.DictReader(file)]
        lines = aligned(models, folder / "audio.mp3", folder / "lyrics.txt", "--language", "es")
        assert [line["text"] for line in lines] == [
            line.strip() for line in (folder / "lyrics.txt").read_text(encoding="utf-8").splitlines() if line.strip()
        ]
        assert all(line["start_ms"] is not None for line in lines)
        starts = [line["start_ms"] / 1000 for line in lines]
        assert starts == sorted(starts)
        errors += np.abs(np.subtract(starts, truth)).tolist()
    assert np.median(errors) <= 0.15
    assert np.mean(np.array(errors) <= 0.3) >= 0.85
    assert np.mean(errors) <= 0.3
    assert max(errors) <= 5.0


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.data
@pytest.mark.parametrize("engine", ["faster-whisper", pytest.param("openai-whisper", marks=pytest.mark.torch)])
def test_sentence_that_was_not_said_is_left_out(models: Path, shared_data: Path, tmp_path: Path, engine: str) -> None:
    sheet = tmp_path / "speech.txt"
    sheet.write_text(
        "[Opening]\nAnd so my fellow Americans\nthe harvest failed and the lender came\n\n"
        "ask not what your country can do for you\nask what you can do for your country\n"
    )
    sound = shared_data / "speech" / "jfk.flac"
    opening, unsaid, ask_not, ask = aligned(models, sound, sheet, "--language", "en", "--engine", engine)
    assert abs(opening["start_ms"] - 300) <= 200
    assert (unsaid["start_ms"], unsaid["end_ms"], unsaid["words"]) == (None, None, [])
    assert unsaid["confidence"] < 0.1
    assert abs(ask_not["start_ms"] - 3300) <= 300
    assert abs(ask["start_ms"] - 8100) <= 300
    assert min(line["confidence"] for line in (opening, ask_not, ask)) > 0.9
    assert [word["text"] for word in ask["words"]] == ["ask", "what", "you", "can", "do", "for", "your", "country"]


def test_sheet_without_lyrics_is_refused_in_one_sentence(tmp_path: Path) -> None:
    sheet, sound = tmp_path / "empty.txt", tmp_path / "sound.wav"
    sheet.write_text("[Chorus]\n\n")
    sound.write_bytes(b"")
    result = CliRunner().invoke(align, [str(sound), str(sheet), "--language", "km", "--json"])
    assert result.exit_code == 2
    assert "no lyrics" in result.stderr
    assert result.stdout == ""


def test_sheet_that_is_no_text_is_refused(tmp_path: Path) -> None:
    sheet, sound = tmp_path / "lyrics.txt", tmp_path / "sound.wav"
    sheet.write_bytes(b"\xff\xfe\x00\x01")
    sound.write_bytes(b"")
    result = CliRunner().invoke(align, [str(sound), str(sheet), "--language", "km", "--json"])
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr
