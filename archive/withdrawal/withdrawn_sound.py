"""Sound that was taken back, known again when somebody brings it once more.

A tombstone holds marks of the sound: HMAC-SHA-256 of the file's hash, and of the hash of its decoded samples where that
is known, under a secret that lies in the database alone. Whoever holds the file of withdrawals, or a copy of the store,
cannot ask it whether a sound in their hands was here; the archive itself can, and refuses it.

The same file is known again, and the same samples in another container or with other tags. A recording of the
recording, a cut of it, or one that went through a lossy coder once more, is not.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import in_force
from archive.models import Recording, SoundMarkKey, Tombstone

_ID_LETTERS = 8


def marks(session: Session, recordings: Iterable[Recording]) -> list[str]:
    """The marks of these recordings; makes the secret on first use, which only a writing session can."""
    hashes = {found for one in recordings for found in (one.sha256, one.pcm_sha256) if found}
    key = _key(session) if hashes else None
    if hashes and key is None:
        key = secrets.token_hex(32)
        session.add(SoundMarkKey(id=1, key=key))
        session.flush()
    return sorted(_mark(key, one) for one in hashes) if key else []


def has_key(session: Session) -> bool:
    return _key(session) is not None


def whose(session: Session, *hashes: str) -> str | None:
    """The testimony, withdrawn, whose sound has one of these SHA-256; None when there is none.

    What the files of withdrawals know counts as much as the database's own rows.
    """
    key = _key(session)
    if key is None:
        return None
    wanted = {_mark(key, one) for one in hashes if one}
    rows: list[tuple[str, Iterable[str]]] = [
        (told, sounds) for told, sounds in session.execute(select(Tombstone.testimony_id, Tombstone.sounds))
    ]
    files = in_force.of(session)
    said = files.stones() if files is not None else {}
    rows += [(one.testimony_id, one.sounds) for one in said.values()]
    lifted = {one.testimony_id for one in said.values() if one.mode in {"lifted", "readmitted"}}
    return next((told for told, sounds in rows if told not in lifted and wanted & set(sounds)), None)


def unrecognisable(session: Session) -> list[str]:
    """Ids of withdrawn testimonies whose marks were made with another secret than the one here."""
    key = _key(session)
    mine = _id(key) if key else ""
    rows = session.execute(select(Tombstone.testimony_id, Tombstone.sounds))
    return sorted(told for told, sounds in rows if sounds and not any(one.startswith(f"{mine}:") for one in sounds))


def _key(session: Session) -> str | None:
    return session.scalar(select(SoundMarkKey.key).where(SoundMarkKey.id == 1))


def _mark(key: str, digest: str) -> str:
    return f"{_id(key)}:{hmac.new(bytes.fromhex(key), digest.encode(), hashlib.sha256).hexdigest()}"


def _id(key: str) -> str:
    return hashlib.sha256(b"which secret: " + bytes.fromhex(key)).hexdigest()[:_ID_LETTERS]
