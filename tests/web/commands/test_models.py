"""`messenger models`: bringing one in, seeing it, trying it, taking it away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.engines import weights
from tests.ingest.engines.test_conversion import tiny
from web.cli import run

pytestmark = pytest.mark.weights

SOUND = Path(__file__).parents[3] / "ingest/samples/on-the-truck.ogg"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_MODEL", "base")
    return tmp_path / "var"


def test_a_model_is_brought_in_tried_beside_the_other_and_taken_away(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["models"]) == 0
    assert "No model is kept here yet: base" in capfd.readouterr().out
    bundled = weights.bundled_base(data / "models")
    folder = tiny(tmp_path / "stick/khmer-small", bundled)
    assert run(["models", "add", str(folder)]) == 0
    assert "MESSENGER_MODEL=khmer-small" in capfd.readouterr().out

    assert run(["models", "list", "--json"]) == 0
    base, khmer = json.loads(capfd.readouterr().out)
    assert (base["name"], base["in_use"], base["licence"]) == ("base", True, "MIT")
    assert (khmer["name"], khmer["in_use"], khmer["licence"]) == ("khmer-small", False, "apache-2.0")
    assert khmer["origin"] == str(folder)

    assert run(["models", "try", str(SOUND), "--seconds", "5", "--language", "en", "--json"]) == 0
    first, second = json.loads(capfd.readouterr().out)
    assert first["model"].startswith("base@")
    assert second["model"].startswith("khmer-small@")
    assert first["segments"]
    assert first["flagged"] == 0
    assert first["work_s"] > 0
    assert all(one["flags"] for one in second["segments"])  # weights of random numbers hear nothing

    assert run(["models", "remove", "khmer-small"]) == 0
    assert run(["models", "remove", "base"]) == 1
    assert "is the model that this archive uses" in capfd.readouterr().err


def test_what_cannot_be_brought_in_is_one_sentence(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"weights")
    (tmp_path / "config.json").write_text('{"model_type": "whisper"}')
    assert run(["models", "add", str(tmp_path)]) != 0
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
