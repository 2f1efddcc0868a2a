"""The code by which a narrator comes back without an account.

Sixteen letters and digits in four groups. The first group finds her, so that one slow hash is made for a code and not
one for every narrator; the last four follow from the twelve before them by a secret of the archive. So a code that was
made up is refused before anything slow is done or any narrator is looked for: ten thousand of them cost nothing, take
the same time whosever code they are near to, and slow nobody's own code down. In between are eight letters, about 39
secret bits, each guess at which costs a request to `/take-back` and to have the right end.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.accounts import hashing
from archive.language.numerals import western
from archive.ledgers import audit
from archive.models import CodeKey, Narrator, new_id
from archive.models.base import LETTERS

GROUP = 4
_FREE = 12
_LENGTH = 16


def issue_code(session: Session, narrator_id: str, by_id: str | None = None) -> str:
    """A code for a narrator, to be written down for her; an earlier one stops working.

    Returns:
        The code in four groups; only its hash is kept.

    Raises:
        Unknown: there is no such narrator.
    """
    narrator = session.get(Narrator, narrator_id)
    if narrator is None:
        raise Unknown("There is no such narrator.")
    free = new_id()[:_FREE]
    letters = free + _end(_key(session) or _make_key(session), free)
    groups = [letters[at : at + GROUP] for at in range(0, _LENGTH, GROUP)]
    narrator.code_hash = f"{groups[0]}:{hashing.hashed(letters)}"
    session.flush()
    audit.note(session, by_id, "code.issued", f"narrator:{narrator.id}")
    return "-".join(groups)


def plain(code: str) -> str:
    """A code as it is compared: small letters and digits alone, Khmer digits as Latin ones."""
    return "".join(char for char in western(code[:200].lower()) if char.isascii() and char.isalnum())


def made_here(session: Session, code: str) -> bool:
    """Whether the archive's secret made the code's end: nobody's code is, where this says no."""
    letters, key = plain(code), _key(session)
    end = _end(key or secrets.token_hex(32), letters[:_FREE])
    return hmac.compare_digest(letters[_FREE:], end) and key is not None


def owner_of(session: Session, code: str) -> str | None:
    """The id of the narrator whose code it is; None for any other. Slow only where the code was made here."""
    if not made_here(session, code):
        return None
    letters = plain(code)
    found = select(Narrator).where(Narrator.code_hash.startswith(f"{letters[:GROUP]}:")).order_by(Narrator.id)
    owners = [
        one.id for one in session.scalars(found) if hashing.matches((one.code_hash or "").partition(":")[2], letters)
    ]
    return owners[0] if owners else None


def _end(key: str, free: str) -> str:
    digest = hmac.new(bytes.fromhex(key), free.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:16], "big")
    return "".join(LETTERS[number // len(LETTERS) ** at % len(LETTERS)] for at in range(_LENGTH - _FREE))


def _key(session: Session) -> str | None:
    return session.scalar(select(CodeKey.key).where(CodeKey.id == 1))


def _make_key(session: Session) -> str:
    key = secrets.token_hex(32)
    session.add(CodeKey(id=1, key=key))
    session.flush()
    return key
