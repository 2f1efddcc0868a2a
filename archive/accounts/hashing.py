"""Passwords and codes as slow hashes: the one place that says how slow.

Argon2id with the parameters of RFC 9106 for small machines. What is kept is the hash alone, which carries its
parameters.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


def hashed(secret: str) -> str:
    """The hash of a secret, different each time."""
    return _HASHER.hash(secret)


def matches(kept: str, secret: str) -> bool:
    """Whether the secret is the one that was hashed; nothing matches what is no hash."""
    try:
        return _HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)
