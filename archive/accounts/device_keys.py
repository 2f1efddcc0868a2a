"""Keys with which a member's own device encrypts what it may not read by itself again.

The device gets a public key and encrypts with it, without a connection too. The other half never leaves the archive;
whoever is signed in as the same account asks it to unwrap. A device that is found, sold or taken tells nothing.
Both halves are made from the archive's secret, which is kept with the keys that are put aside, and from the name of the
owner; so nothing is stored, and an archive put back from its copies still opens what waits on the road.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archive.errors import ArchiveError
from archive.language.messages import Message

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_OWNER, _WRAPPING = b"messenger device key", b"messenger recording key"
_IV = 12


class NotOfThisOwner(ArchiveError, ValueError):
    """A wrapped key is not whole, or was wrapped for somebody else."""


def public_key(secret: str, owner: str) -> str:
    """The half that a device gets: a point of P-256, uncompressed, in base64."""
    point = _private(secret, owner).public_key()
    form = serialization.PublicFormat.UncompressedPoint
    return base64.b64encode(point.public_bytes(serialization.Encoding.X962, form)).decode()


def unwrap(secret: str, owner: str, point: str, wrapped: str) -> bytes:
    """The key that a device wrapped for its owner (ECDH, HKDF-SHA-256, AES-GCM).

    Args:
        point: the device's half of the exchange, made for this key alone, in base64.
        wrapped: twelve bytes of nonce and the encrypted key, in base64.

    Raises:
        NotOfThisOwner: see there.
    """
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, base64.b64decode(point, validate=True))
        sealed = base64.b64decode(wrapped, validate=True)
        shared = _private(secret, owner).exchange(ec.ECDH(), theirs)
        return AESGCM(_derived(shared, _WRAPPING, 32)).decrypt(sealed[:_IV], sealed[_IV:], None)
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise NotOfThisOwner(Message("This recording was kept for another account, or its key is damaged.")) from error


def _private(secret: str, owner: str) -> ec.EllipticCurvePrivateKey:
    # Twice the length of the order, so that no key is likelier than another.
    drawn = int.from_bytes(_derived(secret.encode(), _OWNER + b"\0" + owner.encode(), 64), "big")
    return ec.derive_private_key(drawn % (_ORDER - 1) + 1, _CURVE)


def _derived(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(secret)
