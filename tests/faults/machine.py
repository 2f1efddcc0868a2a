"""Machines that an archive moves between, and recordings taken in on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.backends import Backends
from archive.settings import Settings, read_settings
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from tests.faults.test_older_database import TOLD


@dataclass
class Machine:
    """One machine after the other: the same commands, a data folder and a user's folder of its own."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def stands_in(self, name: str, database_url: str = "", store_url: str = "") -> Settings:
        self.monkeypatch.setenv("MESSENGER_DATA", str(self.folder / name / "var"))
        self.monkeypatch.setenv("MESSENGER_VAULT_KEY", str(self.folder / name / "keys" / "vault.key"))
        self.monkeypatch.setenv("XDG_CONFIG_HOME", str(self.folder / name / "config"))
        self.monkeypatch.setenv("MESSENGER_DATABASE_URL", database_url)
        self.monkeypatch.setenv("MESSENGER_STORE_URL", store_url)
        return read_settings()


def taken_in(backends: Backends, path: Path) -> tuple[str, str]:
    """Ids of a recording that went through all stages, and of its testimony."""
    receipt = submit(backends, path, TOLD)
    pipeline.run(backends, receipt.recording_id)
    assert receipt.testimony_id is not None
    return receipt.recording_id, receipt.testimony_id
