"""Originals under seal: a recording's own sound encrypted with a key of its own, which lies beside the vault's.

Every copy of a sealed original, in every backup made from then on, is noise once that one small file is destroyed, and
a withdrawal that destroys does so. What is derived from it is made as before: whoever derives opens the original for as
long as that takes, in the recording's own work folder. The listening file, the peaks and the texts are not encrypted,
since the archive has to serve them; `docs/steward.md` says what that means for backups.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from archive.access import sound
from archive.access.gate import Unknown, Viewer
from archive.backends import Backends
from archive.consent.vault import NotASteward, VaultMismatch, open_vault
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Recording, Testimony

AT_REST = frozenset({"ready", "needs-a-person", "failed"})
_PIECE = 1 << 20


class NotNow(ArchiveError, RuntimeError):
    """The recording is being worked on, or its original has not come in yet; sealing waits until that is over."""


def sealed(recording: Recording) -> bool:
    """Whether a recording's original lies under its own key."""
    return recording.original_key == sound.sealed_key(recording.id)


@contextmanager
def open_original(backends: Backends, recording_id: str, key: str) -> Iterator[Path]:
    """An original as a file, for as long as the context is open; a sealed one is decrypted for it and removed after.

    Raises:
        archive.consent.vault.VaultClosed: it is sealed, and its key was destroyed or is not here.
        archive.consent.vault.VaultMismatch: it was sealed with another key, or was damaged.
        archive.ports.BlobMissing: nothing is stored under this key.
    """
    with backends.store.local_path(key) as path:
        if key != sound.sealed_key(recording_id):
            yield path
            return
        with _folder(backends, recording_id) as folder:
            open_vault(backends.settings).open_sound(recording_id, path, folder / "original")
            yield folder / "original"


def seal(backends: Backends, testimony_id: str, by: Viewer) -> bool:
    """Put a testimony's original under a key of its own; where it is so already, finish what was broken off.

    Returns:
        Whether it was open before.

    Raises:
        NotASteward: see there.
        Unknown: there is no such testimony.
        NotNow: see there.
        archive.consent.vault.VaultClosed: the vault's key is not here, or lies where it protects nothing.
    """
    recording = _recording(backends, testimony_id, by)
    plain, target = sound.original_key(recording.id), sound.sealed_key(recording.id)
    was_open = not sealed(recording)
    if was_open:
        vault = open_vault(backends.settings)
        with _folder(backends, recording.id) as folder, backends.store.local_path(plain) as path:
            vault.seal_sound(recording.id, path, folder / "sealed")
            vault.open_sound(recording.id, folder / "sealed", folder / "original")
            _as_it_came(folder / "original", recording)
            backends.store.put_file(target, folder / "sealed")
        backends.store.delete(sound.description_key(recording.id))  # written again, with nothing in it but ids
        _now_under(backends, testimony_id, target, by, "sound.sealed")
    backends.store.delete(plain)
    return was_open


def unseal(backends: Backends, testimony_id: str, by: Viewer) -> bool:
    """Lay a testimony's original open again; whether it was sealed. Raises as `seal`, and VaultMismatch."""
    recording = _recording(backends, testimony_id, by)
    plain, target = sound.original_key(recording.id), sound.sealed_key(recording.id)
    was_sealed = sealed(recording)
    if was_sealed:
        with open_original(backends, recording.id, target) as path:
            _as_it_came(path, recording)
            backends.store.put_file(plain, path)
        _now_under(backends, testimony_id, plain, by, "sound.unsealed")
    backends.store.delete(target)
    return was_sealed


def _recording(backends: Backends, testimony_id: str, by: Viewer) -> Recording:
    if by.role != "steward":
        raise NotASteward(Message("Only a steward seals sound."))
    with backends.database.read() as session:
        testimony = session.get(Testimony, testimony_id)
        if testimony is None or testimony.withdrawn_at is not None:
            raise Unknown("There is no such testimony.")
        recording = testimony.recording
    if recording.state not in AT_REST or not recording.original_key:
        raise NotNow(Message("The recording is still being worked on. Wait until that is done."))
    return recording


def _now_under(backends: Backends, testimony_id: str, key: str, by: Viewer, action: str) -> None:
    """From here on the other file is the one too many."""
    with backends.database.write() as session:
        _locked(session, testimony_id).original_key = key
        audit.note(session, by.account_id, action, f"testimony:{testimony_id}")


def _locked(session: Session, testimony_id: str) -> Recording:
    testimony = session.get_one(Testimony, testimony_id)
    recording = session.get_one(Recording, testimony.recording_id, with_for_update=True)
    if testimony.withdrawn_at is not None or recording.state not in AT_REST:
        raise NotNow(Message("The recording is still being worked on. Wait until that is done."))
    return recording


def _as_it_came(path: Path, recording: Recording) -> None:
    """Nothing is removed before what is to stay was read back. Raises VaultMismatch."""
    if digest_of(path) != recording.sha256:
        raise VaultMismatch(Message("What was sealed could not be read back; the original stays as it was."))


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _folder(backends: Backends, recording_id: str) -> Iterator[Path]:
    """A folder of this recording's own, which goes with its work folder should the process be killed."""
    work = backends.settings.data / "work" / recording_id
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with TemporaryDirectory(prefix="seal-", dir=work) as folder:
            yield Path(folder)
    finally:
        if not any(work.iterdir()):
            work.rmdir()
