"""Counting requests for all processes of one machine: a small table in memory that they share.

It is never on a disk, holds hashes and numbers, and goes when the last process ends. The salt of the hashes lies in it
too, is drawn anew every hour, and the old one is nowhere then.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import secrets
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from limits.storage import Storage

SALT_SECONDS = 3600
_ENTRY = struct.Struct("<16sIxxxxd")  # whose, how often, until when
_SALT = struct.Struct("<32sd")
_HEAD = 64
_ENTRIES = 1 << 15
_PROBES = 32
_LONGEST_WAIT_S = 1.0
SIZE = _HEAD + _ENTRIES * _ENTRY.size


def open_shared() -> int:
    """A new table, as an open file that other processes may inherit."""
    if hasattr(os, "memfd_create"):
        shared = os.memfd_create("messenger-limits")
    else:
        with tempfile.TemporaryFile() as file:
            shared = os.dup(file.fileno())
    os.ftruncate(shared, SIZE)
    return shared


class SharedTable:
    """The table, as one process sees it. Its clock is the machine's, which all processes share."""

    def __init__(self, shared: int) -> None:
        self._file = shared
        self._memory = mmap.mmap(shared, SIZE)
        self._threads = threading.Lock()

    def salt(self) -> bytes:
        """The salt of this hour."""
        with self._locked():
            salt, until = _SALT.unpack_from(self._memory)
            if time.monotonic() > until:
                salt = secrets.token_bytes(32)
                _SALT.pack_into(self._memory, 0, salt, time.monotonic() + SALT_SECONDS)
            return bytes(salt)

    def add(self, key: str, seconds: float, amount: int) -> int:
        """Count `amount` more for the key; a count begins anew when its seconds are over."""
        with self._locked():
            at, count, until = self._find(key)
            if not count:
                until = time.monotonic() + seconds
            count = min(count + amount, 2**32 - 1)
            _ENTRY.pack_into(self._memory, at, _digest(key), count, until)
            return count

    def look(self, key: str) -> tuple[int, float]:
        """The count of the key, and how many more seconds it lasts; both 0 where there is none."""
        with self._locked():
            _, count, until = self._find(key)
            return count, max(0.0, until - time.monotonic()) if count else 0.0

    def drop(self, key: str) -> None:
        with self._locked():
            at, count, _ = self._find(key)
            if count:
                self._memory[at : at + _ENTRY.size] = bytes(_ENTRY.size)

    def drop_all(self) -> None:
        with self._locked():
            self._memory[_HEAD:] = bytes(SIZE - _HEAD)

    def _find(self, key: str) -> tuple[int, int, float]:
        """Where the key's entry is, or is to be: a free place near its own, or the one there that would end first."""
        digest, now = _digest(key), time.monotonic()
        first = int.from_bytes(digest[:4], "little")
        free, free_until = -1, float("inf")
        for step in range(_PROBES):
            at = _HEAD + (first + step) % _ENTRIES * _ENTRY.size
            whose, count, until = _ENTRY.unpack_from(self._memory, at)
            if count and until > now and whose == digest:
                return at, count, until
            ends = until if count and until > now else 0.0
            if ends < free_until:
                free, free_until = at, ends
        return free, 0, 0.0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """For this process alone, unless one that hangs has it: then a count may be lost, and nobody waits for that."""
        with self._threads:
            held = self._hold()
            try:
                yield
            finally:
                if held:
                    fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _hold(self) -> bool:
        until = time.monotonic() + _LONGEST_WAIT_S
        while time.monotonic() < until:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except OSError:  # POSIX: EACCES or EAGAIN
                time.sleep(0.001)
        return False


def of_redis() -> dict[str, Any]:
    """How Redis is asked: once and for a second, since somebody waits for a page meanwhile."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}


class RedisSalt:
    """The salt of all machines' processes, in Redis, which forgets it after an hour."""

    _KEY = "messenger-salt"
    _TRUSTED_S = 20.0

    def __init__(self, url: str) -> None:
        from redis import Redis

        self._redis = Redis.from_url(url, **of_redis())
        self._salt = secrets.token_bytes(32)
        self._looked = float("-inf")

    def salt(self) -> bytes:
        """The salt of this hour; while Redis does not answer, the one known last."""
        from redis import RedisError

        if time.monotonic() - self._looked > self._TRUSTED_S:
            self._looked = time.monotonic()
            with suppress(RedisError, OSError):
                self._redis.set(self._KEY, secrets.token_bytes(32), nx=True, ex=SALT_SECONDS)
                found = self._redis.get(self._KEY)
                if isinstance(found, bytes):
                    self._salt = found
        return self._salt


class SharedStorage(Storage):
    """The table as Flask-Limiter counts with it: `shared://FILE`, FILE being the number of the open file."""

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self.table = SharedTable(int(uri.partition("://")[2]))

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self.table.add(key, expiry, amount)

    def get(self, key: str) -> int:
        return self.table.look(key)[0]

    def get_expiry(self, key: str) -> float:
        return time.time() + self.table.look(key)[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self.table.drop_all()
        return None

    def clear(self, key: str) -> None:
        self.table.drop(key)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()
