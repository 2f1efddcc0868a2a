"""What is locked is held against known holes, and never called clean unless it was."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools import audit

ADVISORY = {
    "id": "PYSEC-0000-1",
    "summary": "Answers anybody.",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Some_Package"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}


def copy_of(folder: Path, **advisories: list[dict[str, Any]]) -> Path:
    for ecosystem, found in advisories.items():
        (folder / ecosystem).mkdir(parents=True)
        with zipfile.ZipFile(folder / ecosystem / "all.zip", "w") as export:
            for one in found:
                export.writestr(f"{one['id']}.json", json.dumps(one))
    return folder


@pytest.mark.parametrize(("version", "holes"), [("1.9.1", 1), ("2.0", 0), ("2.1", 0)])
def test_a_range_names_what_lies_within_it(version: str, holes: int) -> None:
    assert len(audit.holes_in({("some-package", version)}, iter([ADVISORY]), "PyPI")) == holes


def test_a_last_affected_version_is_affected_and_the_next_is_not() -> None:
    affected = {"ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}]}]}
    assert [audit.is_affected(one, affected) for one in ("0.9.0", "1.2.0", "1.2.1")] == [False, True, False]


def test_withdrawn_advisories_and_other_ecosystems_do_not_count() -> None:
    withdrawn = ADVISORY | {"withdrawn": "2026-01-01T00:00:00Z"}
    assert audit.holes_in({("some-package", "1.0")}, iter([withdrawn]), "PyPI") == []
    assert audit.holes_in({("some-package", "1.0")}, iter([ADVISORY]), "npm") == []


def test_known_holes_are_told_and_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"id": "GHSA-0", "affected": [{"package": {"ecosystem": "npm", "name": "elsewhere"}, "versions": ["1"]}]}
    copy = copy_of(tmp_path, PyPI=[ADVISORY], npm=[other])
    monkeypatch.setattr(audit, "locked_python", lambda: {("some-package", "1.0")})
    assert audit.audit(copy) == 1
    assert "some-package 1.0: PYSEC-0000-1 Answers anybody." in capsys.readouterr().out
    monkeypatch.setattr(audit, "locked_python", lambda: {("some-package", "2.0")})
    assert audit.audit(copy) == 0


def test_what_could_not_be_asked_is_called_unchecked_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.audit(tmp_path) == 2
    said = capsys.readouterr()
    assert said.err.count("were NOT checked") == 2
    assert "known holes" not in said.out


def test_everything_that_is_locked_is_asked_about() -> None:
    names = {name for name, _ in audit.locked_python()}
    assert {"flask", "pip", "torch", "openai-whisper", "pytest", "resemblyzer"} <= names
    assert ("torch", "2.13.0") in audit.locked_python()
    assert "yjs" in {name for name, _ in audit.locked_npm()}
