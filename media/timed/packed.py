"""The parts of a packed document (.docx, .odt; both are ZIP), each unpacked up to a limit and only when asked for.

A document is a packed folder from somebody else's machine: a folder of many names, a part that unpacks without end and
an encrypted document each end in one sentence.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from archive.language.messages import Message
from media.timed.limits import TooMuch, Unreadable

MOST_UNPACKED = 48 * 1024 * 1024
_LONGEST_INDEX = 256 * 1024
_END_OF_INDEX = struct.Struct("<4s4H2LH")
_ENCRYPTED = 1
_MOST_RELATIONS = 4 * 1024 * 1024
_RELATION = re.compile(rb"<(?:\w{1,16}:)?Relationship\s[^<>]*+>")
_ATTRIBUTE = re.compile(rb"(?<!\w)(\w{1,32})\s?=\s?[\"']([^\"']*+)[\"']")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class PackedDocument:
    """An opened document; `what` names its kind in the sentences: "a Word document (.docx)"."""

    def __init__(self, packed: zipfile.ZipFile, what: Message) -> None:
        self._packed, self._what = packed, what
        self._names = set(packed.namelist())

    def part(self, name: str, most: int = MOST_UNPACKED) -> bytes | None:
        """One part in UTF-8; None where the document has none of this name. Raises Unreadable and TooMuch."""
        if name not in self._names:
            return None
        entry = self._packed.getinfo(name)
        if entry.flag_bits & _ENCRYPTED:
            raise Unreadable(Message("The document is locked with a password; save it without one."))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise broken(self._what)
        with self._packed.open(entry) as part:
            held = part.read(most + 1)
        if len(held) > most:
            raise TooMuch(Message("The document is too large for a transcript."))
        return _in_utf8(held)

    def related(self, part: str, kind: str, usual: str) -> str:
        """The name of a part that another one, or the document (""), calls its own; programs name it as they like."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        for found in _RELATION.finditer(self.part(rels, _MOST_RELATIONS) or b""):
            told = dict(_ATTRIBUTE.findall(found[0]))
            if told.get(b"Type", b"").endswith(f"/{kind}".encode()):
                target = told.get(b"Target", b"").decode("utf-8", "replace")
                return target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        return usual


@contextmanager
def opened(data: bytes, what: Message) -> Iterator[PackedDocument]:
    """The document for a while; whatever its packing has wrong is raised as Unreadable."""
    if data.startswith(_OLE):
        raise Unreadable(Message("The document is locked with a password, or of an old kind (.doc); save it as .docx."))
    _check_index(data, what)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield PackedDocument(packed, what)
    except Unreadable:
        raise
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError, OSError, EOFError):
        raise broken(what) from None


def broken(what: Message) -> Unreadable:
    return Unreadable(Message("The file is not {what}, or it is damaged."), what=what)


def _check_index(data: bytes, what: Message) -> None:
    """The list of a packed folder's names, measured before it is read."""
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or at + _END_OF_INDEX.size > len(data):
        raise broken(what)
    size = _END_OF_INDEX.unpack_from(data, at)[5]
    if size > _LONGEST_INDEX or data[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise TooMuch(Message("The document has more parts than a transcript can have."))


def _in_utf8(held: bytes) -> bytes:
    """Parts are UTF-8 or UTF-16 (ECMA-376 part 2)."""
    if held[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return held.decode("utf-16").encode()
    return held
