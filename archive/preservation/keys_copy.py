"""A copy of the keys, apart from every backup: the vault's, those of single recordings, and the one that signs cookies.

A backup without them cannot open a legal name or a sealed recording; whoever has both can. A key that was destroyed
because its sound was must be destroyed in the copy as well, and is, when the copy is brought up to date or used.
"""

from __future__ import annotations

import os
from pathlib import Path

from archive.backends import Backends
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.settings import Settings
from archive.withdrawal import purge

VAULT, SECRET, SOUND = "vault.key", "secret.key", "sound"


class KeysRefused(ArchiveError, ValueError):
    """The keys cannot be copied there, or from there; the sentence says why."""


def check(settings: Settings, folder: Path, backup: Path | None) -> None:
    """Raises KeysRefused where the keys would lie with what they open."""
    here = folder.resolve()
    for other in (settings.data.resolve(), *([backup.resolve()] if backup else [])):
        if here == other or other in here.parents or here in other.parents:
            raise KeysRefused(Message("Keys do not belong beside what they open; name a folder on another stick."))


def copy_out(backends: Backends, folder: Path) -> int:
    """Bring the copy in `folder` up to date; returns how many keys lie in it.

    Raises:
        KeysRefused: another archive's keys lie there.
        OSError: it cannot be written.
    """
    settings = backends.settings
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _put(settings.vault_key, folder / VAULT)
    _put(settings.secret_key_file, folder / SECRET)
    for path in _keys(settings.sound_keys):
        _put(path, folder / SOUND / path.name)
    gone = purge.gone(backends)
    for path in _keys(folder / SOUND):
        if path.stem in gone:
            _destroy(path)
    return sum((folder / name).exists() for name in (VAULT, SECRET)) + len(_keys(folder / SOUND))


def put_back(backends: Backends, folder: Path) -> int:
    """Put the keys where the settings name them, without replacing any; returns how many were put.

    Raises:
        KeysRefused: there are none, or another key lies in a place.
    """
    settings = backends.settings
    if not (folder / VAULT).is_file() and not _keys(folder / SOUND):
        raise KeysRefused(Message("There are no keys in {folder}; nothing was put back of them."), folder=folder)
    gone = purge.gone(backends)
    wanted = [(folder / VAULT, settings.vault_key), (folder / SECRET, settings.secret_key_file)]
    wanted += [(path, settings.sound_keys / path.name) for path in _keys(folder / SOUND) if path.stem not in gone]
    return sum(_put(source, target) for source, target in wanted)


def _keys(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.key")) if folder.is_dir() else []


def _put(source: Path, target: Path) -> bool:
    if not source.is_file():
        return False
    data = source.read_bytes()
    if target.exists():
        if target.read_bytes() != data:
            raise KeysRefused(
                Message("{target} is another key; it was left as it is. Choose another folder."), target=target
            )
        return False
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return True


def _destroy(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
