"""Set-up takes what is locked, from where it is to be had, and says in a sentence what is not."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import set_up
from tools.set_up import Ran

LOCKS = ROOT / "locks"
ABSENT = Ran(1, ("ERROR: No matching distribution found for torch==2.13.0+cpu",))
OTHER_FILE = Ran(1, ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",))


def fake_python(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def found_python(path: Path, cwd: Path, python: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:/usr/bin:/bin", "PYTHON": python}
    return subprocess.run(
        ["/bin/sh", ROOT / "tools" / "python.sh"], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_newest_python_that_runs_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", "echo 'no such version is installed' >&2; exit 127")
    fake_python(tmp_path, "python3.12", "exit 0")
    fake_python(tmp_path, "python3.11", "exit 0")
    assert found_python(tmp_path, tmp_path).stdout.strip() == "python3.12"
    assert found_python(tmp_path, tmp_path, "python3.11").stdout.strip() == "python3.11"


def test_without_a_python_that_fits_it_is_said_what_to_install(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        fake_python(tmp_path, name, "exit 1")
    answer = found_python(tmp_path, tmp_path)
    assert answer.returncode == 1
    assert "apt install python3 python3-venv" in answer.stderr


def test_a_python_that_makes_no_environments_is_named_with_the_remedy(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        fake_python(tmp_path, name, 'case "$2" in *ensurepip*) exit 1;; esac')
    answer = found_python(tmp_path, tmp_path)
    assert answer.returncode == 1
    assert "apt install python3-venv" in answer.stderr


@pytest.mark.parametrize("lock", ["run", "dev", "setup", "openai-whisper"])
def test_no_lock_brings_what_a_graphics_card_wants(lock: str) -> None:
    text = (LOCKS / f"{lock}.lock").read_text()
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE)
    assert names
    assert not [name for name in names if name in {"torch", "triton"} or name.startswith(("nvidia", "cuda"))]


def test_testing_tools_are_not_locked_to_run() -> None:
    text = (LOCKS / "run.lock").read_text()
    assert not re.search(r"^(pytest|playwright|moto|mypy|pip|hatchling|openai-whisper)==", text, re.MULTILINE)


def test_every_dependency_of_the_archive_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["project"]["dependencies"], *extras["weights"], *extras["scale"]]
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (LOCKS / "run.lock").read_text(), re.MULTILINE))
    names = {re.split(r"[~=<>\[;]", one)[0].strip() for one in wanted}
    assert "flask" in names
    assert names - locked == set()


def test_locks_agree_on_every_version_they_share() -> None:
    versions: dict[str, set[str]] = {}
    for path in LOCKS.glob("*.lock"):
        for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ \\]+)", path.read_text(), re.MULTILINE):
            versions.setdefault(name, set()).add(version.removesuffix("+cpu"))
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set-up with an installer that always answers that there is no such package; what it was asked, in order."""
    heard: list[str] = []

    def install(words: str, lock: str, *options: str, failed: str = "") -> Ran:
        heard.append(" ".join((lock, *options)))
        return ABSENT

    monkeypatch.setattr(set_up, "install", install)
    monkeypatch.setattr(set_up, "torch_there", lambda: False)
    monkeypatch.delenv("TORCH", raising=False)
    return heard


def test_where_no_index_has_pytorch_it_is_said_and_nothing_of_its_is_installed(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not set_up.set_up_torch()
    assert asked[0] == "torch"
    assert asked[1].startswith("torch --index-url https://download.pytorch.org/whl/cpu")
    assert len(asked) == 2
    said = capsys.readouterr().err
    assert "everything else is whole" in said
    assert "make torch" in said


def test_another_file_than_the_locked_one_is_not_taken_for_none() -> None:
    assert "not the one" in set_up.why_not([OTHER_FILE, ABSENT])
    assert "cannot be reached" in set_up.why_not([ABSENT, ABSENT])


def test_pytorch_can_be_left_out(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH", "no")
    assert not set_up.set_up_torch()
    assert asked == []


def test_progress_is_said_in_a_log_too_and_pip_s_noise_is_not(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_up, "SAY_AGAIN_AFTER", 0.0)
    lines = (
        "WARNING: Location 'x' is ignored: it is neither\\nCollecting flask==3\\nInstalling collected packages: flask"
    )
    ran = set_up.run("Installing", ["printf", lines + "\\n"], packages=1)
    assert ran.said == ("Collecting flask==3", "Installing collected packages: flask")
    said = capfd.readouterr().err
    assert "1 of 1 packages: flask" in said
    assert "WARNING" not in said


def test_a_step_that_nothing_works_without_stops_with_pip_s_own_reason() -> None:
    with pytest.raises(set_up.SetUpFailed, match="No matching distribution found"):
        set_up.needed(ABSENT, "The locked packages could not be installed.")


def test_a_python_that_is_named_and_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    refused = found_python(tmp_path, tmp_path, "/bin/false")
    assert refused.returncode == 1
    assert "/bin/false is no Python 3.11, 3.12 or 3.13" in refused.stderr
