"""The vault: legal names and the evidence of consent, encrypted with a key that is not in the data folder.

What it protects from: a stolen laptop without its key, a copied data folder, a backup in the wrong hands, a query or an
export that reaches too far. What it does not protect from: whoever holds the key as well, whoever sits at a machine
where a steward has the archive open, and a seizure of both. The key belongs on a stick that is not kept beside the
laptop; without it nobody, the band included, reads what is here again.

Encryption is age's X25519 (https://age-encryption.org/v1), by `pyrage`. A recording may have a key of its own beside
the vault's: its original then lies encrypted, and destroying that one small file destroys every copy in every backup.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import x25519
from sqlalchemy import String, cast, delete, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import AuditEntry, ConsentEvent, Narrator, Recording, VaultEntry
from archive.settings import Settings

LEGAL_NAME = "legal-name"
MADE = "vault.made"
_LOCKED = (MADE, "vault.kept", "sound.sealed")
"""Acts of the log after which a missing key is one that is away."""


class VaultClosed(ArchiveError, RuntimeError):
    """The vault's key is missing or damaged, or it lies in the data folder, where it would protect nothing."""


class VaultMismatch(ArchiveError, RuntimeError):
    """What is here was encrypted with another key, or was damaged."""


class NotASteward(ArchiveError, PermissionError):
    """Only a steward reads the vault, and each reading is written down."""


class Vault:
    """An opened vault: its key in memory, its entries in the database, the keys of single recordings beside it."""

    def __init__(self, identity: x25519.Identity, sound_keys: Path) -> None:
        self._identity = identity
        self._sound_keys = sound_keys

    def put(self, session: Session, narrator_id: str, kind: str, words: str, by: Viewer) -> VaultEntry:
        """Keep something about a narrator, in the place of what was kept under this kind before.

        Raises:
            Unknown: there is no such narrator.
            NotASteward: see there.
        """
        _steward(by)
        if session.get(Narrator, narrator_id) is None:
            raise Unknown("There is no such narrator.")
        session.execute(delete(VaultEntry).where(VaultEntry.narrator_id == narrator_id, VaultEntry.kind == kind))
        entry = VaultEntry(narrator_id=narrator_id, kind=kind, ciphertext=self.seal(words.encode()))
        session.add(entry)
        session.flush()
        audit.note(session, by.account_id, "vault.kept", f"narrator:{narrator_id}", {"kind": kind})
        return entry

    def get(self, session: Session, narrator_id: str, kind: str, by: Viewer) -> str | None:
        """Read what is kept under this kind, and note in the audit log that it was read; None when nothing is.

        Raises:
            NotASteward, VaultMismatch: see there.
        """
        _steward(by)
        found = select(VaultEntry).where(VaultEntry.narrator_id == narrator_id, VaultEntry.kind == kind)
        entry = session.scalars(found).one_or_none()
        if entry is None:
            return None
        words = self.open(entry.ciphertext).decode()
        audit.note(session, by.account_id, "vault.read", f"narrator:{narrator_id}", {"kind": kind})
        return words

    def destroy(self, session: Session, narrator_id: str, by: Viewer) -> None:
        """Remove everything that is kept about a narrator. Raises NotASteward."""
        _steward(by)
        session.execute(delete(VaultEntry).where(VaultEntry.narrator_id == narrator_id))
        audit.note(session, by.account_id, "vault.destroyed", f"narrator:{narrator_id}")

    def seal(self, data: bytes) -> bytes:
        """Encrypt for this vault."""
        return bytes(pyrage.encrypt(data, [self._identity.to_public()]))

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what this vault sealed. Raises VaultMismatch."""
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity]))
        except pyrage.DecryptError:
            raise VaultMismatch(Message("This was not sealed with the key that is here, or it was damaged.")) from None

    def seal_sound(self, recording_id: str, source: Path, target: Path) -> None:
        """Encrypt a recording's file with a key of its own, made on first use."""
        path = self._sound_key(recording_id)
        identity = _load(path) if path.exists() else _make(path)
        with _from_to(source, target) as (plain, sealed):
            pyrage.encrypt_io(plain, sealed, [identity.to_public()])

    def open_sound(self, recording_id: str, source: Path, target: Path) -> None:
        """Decrypt a recording's file.

        Raises:
            VaultClosed: its key was destroyed, or is not here.
            VaultMismatch: see there.
        """
        identity = _load(self._sound_key(recording_id))
        try:
            with _from_to(source, target) as (sealed, plain):
                pyrage.decrypt_io(sealed, plain, [identity])
        except pyrage.DecryptError:
            raise VaultMismatch(Message("This was not sealed with the key that is here, or it was damaged.")) from None

    def _sound_key(self, recording_id: str) -> Path:
        return _sound_key(self._sound_keys, recording_id)


def make_key(settings: Settings) -> Path:
    """Make the vault's key; one that is there is never replaced. Raises VaultClosed."""
    _outside(settings)
    if not settings.vault_key.exists():
        _make(settings.vault_key)
    return settings.vault_key


def never_made(session: Session, settings: Settings) -> bool:
    """Whether the key is not here because nobody has made one yet: where something was ever locked with one, it is
    only away, and another key would open nothing of that."""
    if settings.vault_key.exists():
        return False
    locked = (
        select(VaultEntry.id),
        select(AuditEntry.seq).where(AuditEntry.action.in_(_LOCKED)),
        select(Recording.id).where(Recording.original_key.like("%.age")),
        select(ConsentEvent.seq).where(cast(ConsentEvent.evidence, String).like('%"blob"%')),
    )
    return all(session.execute(one.limit(1)).first() is None for one in locked)


def try_key(settings: Settings) -> None:
    """Lock something and open it again. Raises VaultClosed, VaultMismatch."""
    opened = open_vault(settings)
    opened.open(opened.seal(b"it opens"))


def open_vault(settings: Settings) -> Vault:
    """Open the vault with its key.

    Raises:
        VaultClosed: see there.
    """
    _outside(settings)
    return Vault(_load(settings.vault_key), settings.sound_keys)


def keys_are_here(settings: Settings) -> bool:
    """Whether what holds the keys of single recordings is at hand: a key that is not there then was destroyed."""
    return settings.sound_keys.is_dir()


def has_sound_key(settings: Settings, recording_id: str) -> bool:
    """Whether a sealed recording can be opened now: the vault's key is here, and so is the recording's own."""
    try:
        open_vault(settings)
        _load(_sound_key(settings.sound_keys, recording_id))
    except VaultClosed:
        return False
    return True


def destroy_sound_key(settings: Settings, recording_id: str) -> bool:
    """Overwrite and remove a recording's key; every copy of its sound, in backups too, is noise from then on.

    Needs no key to the vault, so that a withdrawal never waits for one.

    Returns:
        Whether there was one; see `keys_are_here` for what it means that there was none.

    Raises:
        OSError: it is there and cannot be written over or removed.
    """
    path = _sound_key(settings.sound_keys, recording_id)
    if not path.exists():
        return False
    # On flash memory the old block may linger; the file system gives no stronger word than this.
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return True


class _Remembering:
    """A file that keeps its own trouble: the library that reads and writes it tells neither a number nor a kind."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.trouble: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        with self._remembering():
            return self._file.read(size)

    def write(self, data: bytes) -> int:
        with self._remembering():
            return self._file.write(data)

    def flush(self) -> None:
        with self._remembering():
            self._file.flush()

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.trouble = error
            raise


@contextmanager
def _from_to(source: Path, target: Path) -> Iterator[tuple[_Remembering, _Remembering]]:
    """Two files to read from and to write to; of what fails nothing stays, and a full disk is called that.

    Raises:
        OSError: one of them cannot be read or written, as the system says it.
    """
    try:
        with source.open("rb") as reading, target.open("wb") as writing:
            files = _Remembering(reading), _Remembering(writing)
            try:
                yield files
            except (OSError, pyrage.DecryptError, pyrage.EncryptError) as error:
                known = next((file.trouble for file in files if file.trouble is not None), None)
                if known is not None and known is not error:
                    raise known from error
                raise
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def evidence_folder(testimony_id: str) -> str:
    """The prefix of the sealed files that show how a narrator's word was given."""
    return f"evidence/{testimony_id}/"


def _sound_key(folder: Path, recording_id: str) -> Path:
    if not recording_id.isalnum():
        raise Unknown("There is no such recording.")
    return folder / f"{recording_id}.key"


def _outside(settings: Settings) -> None:
    if settings.data.resolve() in settings.vault_key.resolve().parents:
        raise VaultClosed(
            Message("The vault’s key lies in the data folder, where it protects nothing; move it elsewhere.")
        )


def _make(path: Path) -> x25519.Identity:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = x25519.Identity.generate()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{identity}\n")
        file.flush()
        os.fsync(file.fileno())
    return identity


def _load(path: Path) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(path.read_text().strip())
    except FileNotFoundError:
        raise VaultClosed(Message("The key is not here; put the stick in that holds it.")) from None
    except (pyrage.IdentityError, ValueError):
        raise VaultClosed(Message("The key is damaged; fetch its copy.")) from None


def _steward(by: Viewer) -> None:
    if by.role != "steward":
        raise NotASteward(Message("Only a steward opens the vault."))
