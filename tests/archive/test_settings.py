"""Settings: read once, complete, and clear about what cannot be."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from archive import settings
from archive.settings import SettingError, read_settings, usable_cores
from tests.conftest import ROOT


def test_a_laptop_sets_nothing(tmp_path: Path) -> None:
    found = read_settings({"HOME": str(tmp_path)})
    assert found.data == Path("var").absolute()
    assert found.database_url == f"sqlite:///{found.data}/archive.db"
    assert found.max_duration_ms == 8 * 3_600_000


def test_the_vault_s_key_never_lies_in_the_data_folder() -> None:
    found = read_settings({"MESSENGER_DATA": "/srv/archive"})
    assert not found.vault_key.is_relative_to(found.data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MESSENGER_MAX_HOURS", "a day"),
        ("MESSENGER_MAX_HOURS", "-1"),
        ("MESSENGER_WORKERS", "1.5"),
        ("MESSENGER_ENGINE", "parrot"),
    ],
)
def test_a_value_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name}.*{value}"):
        read_settings({name: value})


def test_every_setting_is_documented_in_the_handbook() -> None:
    code = Path(settings.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'"(MESSENGER_[A-Z_]+)"', code))
    handbook = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert named == set(re.findall(r"`(MESSENGER_[A-Z_]+)`", handbook))


def test_cores_are_counted_where_a_system_does_not_say_which_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_cores() == os.cpu_count()
