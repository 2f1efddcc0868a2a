"""Keys of a device: what it wraps is unwrapped for its own account, in the archive that has the same secret."""

from __future__ import annotations

import base64
import os

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archive.accounts.device_keys import NotOfThisOwner, public_key, unwrap

KEY = bytes(range(32))


def wrapped(owner: str) -> tuple[str, str]:
    """As `sealed.js` does it."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(owner))
    mine = ec.generate_private_key(ec.SECP256R1())
    shared = mine.exchange(ec.ECDH(), theirs)
    key = HKDF(hashes.SHA256(), 32, None, b"messenger recording key").derive(shared)
    iv = os.urandom(12)
    point = mine.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return tuple(base64.b64encode(one).decode() for one in (point, iv + AESGCM(key).encrypt(iv, KEY, None)))  # type: ignore[return-value]


def test_what_a_device_wraps_is_unwrapped_for_its_own_account_alone() -> None:
    mine = public_key("secret", "theary")
    assert mine == public_key("secret", "theary") != public_key("secret", "sokha")
    assert len(base64.b64decode(mine)) == 65
    point, sealed = wrapped(mine)
    assert unwrap("secret", "theary", point, sealed) == KEY
    for secret, owner in (("secret", "sokha"), ("another", "theary")):
        with pytest.raises(NotOfThisOwner):
            unwrap(secret, owner, point, sealed)


@pytest.mark.parametrize("point", ["", "AAAA", "no base64", base64.b64encode(b"\x04" + b"\x01" * 64).decode()])
def test_what_is_no_key_is_refused(point: str) -> None:
    with pytest.raises(NotOfThisOwner):
        unwrap("secret", "theary", point, "AAAA")
