"""How a narrator's word was given: a photograph of a signed paper, a recording of the call, sealed for stewards alone.

It is the most restricted thing here: encrypted with the vault's key, under an address that only the ledger knows, and
each reading is written down. It stays while the testimony is restricted, and goes when it is destroyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.backends import Backends
from archive.consent import decisions
from archive.consent.vault import NotASteward, evidence_folder, open_vault
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import new_id

LARGEST = 32 * 1024 * 1024


def keep_evidence(backends: Backends, testimony_id: str, path: Path, by: Viewer) -> str:
    """Seal a file; the key is for the event that it is the evidence of.

    Raises:
        NotASteward: see there.
        archive.consent.vault.VaultClosed: the vault's key is not here.
    """
    if by.role != "steward":
        raise NotASteward(Message("Only a steward keeps evidence."))
    key = f"{evidence_folder(testimony_id)}{new_id()}.age"
    backends.store.put_bytes(key, open_vault(backends.settings).seal(path.read_bytes()))
    return key


def read(backends: Backends, testimony_id: str, seq: int, by: Viewer) -> bytes:
    """The file behind an event of this testimony; that it was read is noted.

    Raises:
        Unknown: there is no such event or it has no file, or this is no steward.
        archive.consent.vault.VaultClosed, archive.consent.vault.VaultMismatch: see there.
        archive.ports.BlobMissing: the file is gone.
    """
    with backends.database.read() as session:
        key = _key_of(session, testimony_id, seq, by)
    found = open_vault(backends.settings).open(backends.store.get_bytes(key))
    with backends.database.write() as session:
        audit.note(session, by.account_id, "evidence.read", f"testimony:{testimony_id}", {"seq": seq})
    return found


def _key_of(session: Session, testimony_id: str, seq: int, by: Viewer) -> str:
    events = decisions.evidence_of(session, by, testimony_id)
    keys = (blob_of(event.evidence) for event in events if event.seq == seq)
    key = next((one for one in keys if one), None)
    if key is None or not key.startswith(evidence_folder(testimony_id)):
        raise Unknown("There is no such thing here.")
    return key


def blob_of(evidence: Mapping[str, object]) -> str | None:
    """The key of the file in an event's evidence."""
    key = evidence.get("blob")
    return key if isinstance(key, str) else None
