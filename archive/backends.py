"""From settings to opened backends: the one place where a setting chooses code.

The archive's room knows the ports and not who fulfils them, so the implementations are imported here by name, when
they are needed and not before: a laptop without the `scale` extra never imports boto3 or redis.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from archive import private, schema, time_zone
from archive.db import Database, open_engine
from archive.in_force import InForce, watch
from archive.ports import BlobStore, JobQueue
from archive.settings import SettingError, Settings

if TYPE_CHECKING:
    from archive.search.index import SearchIndex

STORES = {"file": "media.store.local:open_store", "s3": "media.store.s3:open_store"}
INDEXES = {
    "whoosh": "archive.search.whoosh_index:open_index",
    "postgresql": "archive.search.postgres_index:open_index",
}
QUEUES = {
    "inline": "ingest.jobs.queue:open_inline",
    "redis": "ingest.jobs.queue:open_redis",
    "rediss": "ingest.jobs.queue:open_redis",
}


@dataclass
class Backends:
    """The database now, and the store, the index and the queue on first use."""

    settings: Settings
    database: Database

    def __post_init__(self) -> None:
        watch(self.database, self.withdrawals)

    @cached_property
    def withdrawals(self) -> InForce:
        return InForce(self.settings)

    @cached_property
    def store(self) -> BlobStore:
        return cast(BlobStore, self._open("MESSENGER_STORE_URL", self.settings.store_url, STORES))

    @cached_property
    def index(self) -> SearchIndex:
        return cast("SearchIndex", self._open("MESSENGER_SEARCH_URL", self.settings.search_url, INDEXES))

    @cached_property
    def queue(self) -> JobQueue:
        return cast(JobQueue, self._open("MESSENGER_QUEUE_URL", self.settings.queue_url, QUEUES))

    def _open(self, setting: str, url: str, choices: dict[str, str]) -> object:
        return _opened(self.settings, setting, url, choices)


def open_store(settings: Settings, url: str) -> BlobStore:
    """Another store than the archive's own, for a backup; it shares the endpoint and the credentials."""
    return cast(BlobStore, _opened(settings, "The target", url, STORES))


def _opened(settings: Settings, setting: str, url: str, choices: dict[str, str]) -> object:
    scheme = urlsplit(url).scheme.split("+")[0]
    if scheme not in choices:
        raise SettingError(f"{setting} begins with {scheme!r}; it must begin with one of {', '.join(choices)}.")
    module, _, name = choices[scheme].partition(":")
    opener = cast(Callable[[str, Settings], Any], getattr(import_module(module), name))
    return opener(url, settings)


def open_backends(settings: Settings, *, create: bool = True, upgrade: bool = False) -> Backends:
    """Open the archive that the settings name.

    Args:
        create: make an archive where there is none.
        upgrade: bring a database of an earlier version up to date, and put the modes of the data folder right; for the
            commands that start the archive.

    Raises:
        SettingError: an address that names nothing the archive can open.
        archive.schema.DatabaseTooNew: the data belong to a later version.
        archive.schema.DatabaseOutdated: they belong to an earlier one, and `upgrade` was not asked for.
        archive.schema.NoArchiveYet: there is nothing, and `create` was not asked for.
    """
    time_zone.keep_zone(settings.time_zone)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_engine(settings.database_url)
    schema.ensure(engine, create=create, upgrade=upgrade)
    if upgrade:
        private.secure_tree(settings.data)
    return Backends(settings, Database(engine))


def secret_key(settings: Settings) -> str:
    """The key that signs cookies and forms, made on first use and readable by its owner alone."""
    path = settings.secret_key_file
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
