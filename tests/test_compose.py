"""`docker-compose.yml`: one service by default, and the same code at scale by settings alone."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive import backends
from archive.settings import read_settings
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_one_service_by_default(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "profiles" not in service] == ["archive"]


def test_the_scale_profile_has_its_five_parts(compose: dict[str, Any]) -> None:
    scaled = {name for name, service in compose["services"].items() if service.get("profiles") == ["scale"]}
    assert scaled == {"web", "worker", "postgres", "redis", "store"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_scaled_services_run_the_same_code_by_settings_alone(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["image"] == compose["services"]["archive"]["image"]
    settings = read_settings({key: str(value) for key, value in service["environment"].items()})
    assert settings.database_url.startswith("postgresql://")
    for url, choices in (
        (settings.store_url, backends.STORES),
        (settings.search_url, backends.INDEXES),
        (settings.queue_url, backends.QUEUES),
    ):
        assert url.split(":")[0] in choices
    assert not settings.vault_key.is_relative_to(settings.data)


def test_nothing_is_reachable_from_outside_by_accident(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


@pytest.mark.parametrize("name", ["worker", "postgres", "redis", "store"])
def test_what_reads_foreign_files_or_keeps_the_archive_reaches_nothing_outside(
    compose: dict[str, Any], name: str
) -> None:
    joined = compose["services"][name]["networks"]
    assert joined
    assert all(compose["networks"][one]["internal"] for one in joined)


@pytest.mark.parametrize("name", ["archive", "web", "worker"])
def test_what_runs_ffmpeg_writes_nowhere_but_its_folders(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["pids_limit"]
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("secret", [".env", "vault.key", "secret.key"])
def test_secrets_beside_the_compose_file_go_into_neither_git_nor_the_image(secret: str) -> None:
    asked = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", secret], cwd=ROOT, check=False)
    assert asked.returncode == 0
    kept_in = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    assert f"!{secret}" not in kept_in


def _can_be_written(compose: dict[str, Any], service: dict[str, Any], path: Path) -> bool:
    """Whether a place lies on something that the service's own mounts let it write to; the rest is read-only."""
    assert service["read_only"] is True
    mounts = [volume.split(":") for volume in service.get("volumes", [])]
    places = [Path(mount[1]) for mount in mounts if mount[2:] != ["ro"]] + [Path(one) for one in service["tmpfs"]]
    return any(path.is_relative_to(place) for place in places)


@pytest.mark.parametrize("name", ["archive", "web", "worker"])
def test_withdrawals_and_sound_keys_can_be_written_by_every_process(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    settings = read_settings({key: str(value) for key, value in service["environment"].items()})
    for path in (settings.withdrawals, settings.sound_keys):
        assert _can_be_written(compose, service, path), path
        assert not path.is_relative_to(settings.data)


def test_the_scaled_services_share_what_was_withdrawn(compose: dict[str, Any]) -> None:
    shared = [
        {volume for volume in compose["services"][name]["volumes"] if volume.endswith(":/keys")}
        for name in ("web", "worker")
    ]
    assert shared[0] == shared[1] != set()
