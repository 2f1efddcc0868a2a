"""Every setting of the archive, read once from the environment.

A laptop in a drop-in centre sets nothing at all; a cluster sets four addresses (database, search, queue, store) and two
keys. Nothing else in the code reads the environment, so this page is the whole list.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from archive import time_zone


class SettingError(ValueError):
    """A setting in the environment has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the archive was told about its surroundings.

    Attributes:
        data: the data folder; everything that is not code lives under it (`MESSENGER_DATA`, `var`).
        database_url: SQLAlchemy address (`MESSENGER_DATABASE_URL`, SQLite in the data folder).
        search_url: `whoosh:///FOLDER`, or `postgresql://` for the database's own full text (`MESSENGER_SEARCH_URL`).
        queue_url: `inline:` for a worker inside the process, or `redis://` (`MESSENGER_QUEUE_URL`).
        store_url: `file:///FOLDER` or `s3://BUCKET/PREFIX` (`MESSENGER_STORE_URL`).
        s3_endpoint: address of an S3-compatible store that is not Amazon's (`MESSENGER_S3_ENDPOINT`).
        engine: the recogniser, `faster-whisper` or `openai-whisper` (`MESSENGER_ENGINE`).
        model: a model's name, folder or checkpoint file (`MESSENGER_MODEL`, `base`).
        language: language of recordings that do not say; empty lets the recogniser find out (`MESSENGER_LANGUAGE`).
        device: `auto`, `cpu` or `cuda` (`MESSENGER_DEVICE`).
        threads: processor threads for one recogniser; 0 shares the cores among the workers (`MESSENGER_THREADS`).
        workers: worker processes beside the site (`MESSENGER_WORKERS`, 1).
        max_hours: the longest recording taken in (`MESSENGER_MAX_HOURS`, 8).
        max_upload_mb: the largest file the upload form takes (`MESSENGER_MAX_UPLOAD_MB`, 600).
        vault_key: file with the key of the vault, never inside `data` (`MESSENGER_VAULT_KEY`).
        sound_keys: folder with the keys of single recordings (`MESSENGER_SOUND_KEYS`, `sound` beside the vault's key).
        withdrawals: file that says what was withdrawn, never inside `data` (`MESSENGER_WITHDRAWALS`).
        secret_key_file: file with the key that signs cookies and forms (`MESSENGER_SECRET_KEY_FILE`).
        trusted_proxies: networks whose word is taken for where a request comes from (`MESSENGER_TRUSTED_PROXIES`).
        processes: processes that answer; 0 for as many as there are cores, at most four (`MESSENGER_PROCESSES`).
        backup_days: how old the newest backup may be before stewards are warned (`MESSENGER_BACKUP_DAYS`, 7).
        time_zone: where a day begins and ends, an IANA name (`MESSENGER_TIME_ZONE`, `Asia/Phnom_Penh`).
        harvest_contact: mail address of whoever keeps the archive; unless set, harvesters are given nothing
            (`MESSENGER_HARVEST_CONTACT`).
        https: whether the site is reached over HTTPS, which makes its cookies Secure (`MESSENGER_HTTPS`).
    """

    data: Path
    database_url: str
    search_url: str
    queue_url: str
    store_url: str
    s3_endpoint: str | None
    engine: str
    model: str
    language: str
    device: str
    threads: int
    workers: int
    max_hours: float
    max_upload_mb: int
    vault_key: Path
    sound_keys: Path
    withdrawals: Path
    secret_key_file: Path
    https: bool
    trusted_proxies: tuple[str, ...] = ()
    processes: int = 0
    backup_days: int = 7
    time_zone: str = time_zone.CAMBODIA
    harvest_contact: str = ""

    @property
    def max_duration_ms(self) -> int:
        return int(self.max_hours * 3_600_000)


ENGINES = ("faster-whisper", "openai-whisper")


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `env` (the process's environment unless given).

    Raises:
        SettingError: a number that is not one, or an engine nobody knows.
    """
    env = os.environ if env is None else env
    data = Path(env.get("MESSENGER_DATA") or "var").expanduser().absolute()
    engine = env.get("MESSENGER_ENGINE") or ENGINES[0]
    if engine not in ENGINES:
        raise SettingError(f"MESSENGER_ENGINE is {engine!r}; it must be one of {', '.join(ENGINES)}.")
    home = Path(env.get("HOME") or Path.home())
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "messenger-band-archive"
    vault_key = Path(env.get("MESSENGER_VAULT_KEY") or config / "vault.key").expanduser()
    return Settings(
        data=data,
        database_url=env.get("MESSENGER_DATABASE_URL") or f"sqlite:///{data / 'archive.db'}",
        search_url=env.get("MESSENGER_SEARCH_URL") or f"whoosh://{data / 'index'}",
        queue_url=env.get("MESSENGER_QUEUE_URL") or "inline:",
        store_url=env.get("MESSENGER_STORE_URL") or f"file://{data / 'blobs'}",
        s3_endpoint=env.get("MESSENGER_S3_ENDPOINT") or None,
        engine=engine,
        model=env.get("MESSENGER_MODEL") or "base",
        language=env.get("MESSENGER_LANGUAGE") or "",
        device=env.get("MESSENGER_DEVICE") or "auto",
        threads=_whole(env, "MESSENGER_THREADS", 0),
        workers=_whole(env, "MESSENGER_WORKERS", 1),
        max_hours=_number(env, "MESSENGER_MAX_HOURS", 8.0),
        max_upload_mb=_whole(env, "MESSENGER_MAX_UPLOAD_MB", 600),
        vault_key=vault_key,
        sound_keys=Path(env.get("MESSENGER_SOUND_KEYS") or vault_key.parent / "sound").expanduser(),
        withdrawals=Path(env.get("MESSENGER_WITHDRAWALS") or config / "tombstones.jsonl").expanduser(),
        secret_key_file=Path(env.get("MESSENGER_SECRET_KEY_FILE") or data / "secret.key").expanduser(),
        https=(env.get("MESSENGER_HTTPS") or "no").lower() in {"1", "yes", "true", "on"},
        trusted_proxies=_networks(env, "MESSENGER_TRUSTED_PROXIES"),
        processes=_whole(env, "MESSENGER_PROCESSES", 0),
        backup_days=_whole(env, "MESSENGER_BACKUP_DAYS", 7),
        time_zone=_zone(env.get("MESSENGER_TIME_ZONE") or time_zone.CAMBODIA),
        harvest_contact=_mail(env, "MESSENGER_HARVEST_CONTACT"),
    )


def _mail(env: Mapping[str, str], name: str) -> str:
    text = (env.get(name) or "").strip()
    if text and not re.fullmatch(r"[^\s@]+@(?:[^\s@.]+\.)+[^\s@.]+", text):
        raise SettingError(f"{name} is {text!r}; it must be a mail address, as in archive@example.org.")
    return text


def _zone(name: str) -> str:
    try:
        time_zone.zone_named(name)
    except time_zone.NoSuchZone:
        raise SettingError(
            f"MESSENGER_TIME_ZONE is {name!r}; it must be a name such as Asia/Phnom_Penh that this machine knows."
        ) from None
    return name


def _networks(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Networks, parted by commas or spaces, as their canonical texts; a single address is the smallest of them."""
    found = (env.get(name) or "").replace(",", " ").split()
    try:
        return tuple(str(ip_network(one)) for one in found)
    except ValueError as error:
        raise SettingError(f"{name}: {error}; write networks as in 10.0.0.0/8, 172.18.0.2.") from None


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name) or ""
    try:
        value = float(text) if text else default
    except ValueError:
        raise SettingError(f"{name} is {text!r}; it must be a number.") from None
    if not 0 <= value < float("inf"):
        raise SettingError(f"{name} is {text!r}; it must be zero or more.")
    return value


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = _number(env, name, default)
    if value != int(value):
        raise SettingError(f"{name} is {env.get(name)!r}; it must be a whole number.")
    return int(value)


def usable_cores() -> int:
    """The processor cores this process may run on; all there are where a system does not say, as macOS."""
    told = getattr(os, "sched_getaffinity", None)
    return len(told(0)) if told else os.cpu_count() or 1
