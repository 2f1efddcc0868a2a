"""Pull the plug at every stage of the pipeline and start again: the catalogue ends the same, to the byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.jobs.pipeline import STAGES
from tests.conftest import ROOT
from tests.ingest.conftest import write_speech


def _run(data: Path, recording: Path, stage: str = "none", moment: str = "none") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MESSENGER_DATA": str(data), "MESSENGER_VAULT_KEY": str(data.parent / "vault.key")}
    for name in ("MESSENGER_DATABASE_URL", "MESSENGER_SEARCH_URL", "MESSENGER_STORE_URL", "MESSENGER_QUEUE_URL"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "tests.ingest.interrupted", str(recording), stage, moment],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_speech(tmp_path_factory.mktemp("told") / "told.wav")


@pytest.fixture(scope="module")
def undisturbed(told: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    done = _run(tmp_path_factory.mktemp("undisturbed") / "var", told)
    assert done.returncode == 0, done.stderr
    catalogue: dict[str, object] = json.loads(done.stdout)
    assert catalogue["segments"]
    assert catalogue["recording"][0] == "ready"  # type: ignore[index]
    return catalogue


@pytest.mark.slow
@pytest.mark.parametrize("stage", [stage.NAME for stage in STAGES if "testimony" in stage.KINDS])
def test_killed_runs_end_in_the_same_catalogue(
    stage: str, told: Path, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    for moment in ("before", "inside", "after"):
        killed = _run(tmp_path / "var", told, stage, moment)
        assert killed.returncode == -9, killed.stderr
    again = _run(tmp_path / "var", told)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == undisturbed
