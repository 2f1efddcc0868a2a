"""The paragraphs of a Word document (.docx; ECMA-376 part 1, section 17.3): text and style, read as a stream.

A document is a packed folder from somebody else's machine. Only two of its files are unpacked, each up to a limit,
and neither is built as a tree: a folder of many names, a part that unpacks without end and an encrypted document each
end in one sentence.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from media.timed.limits import MOST_LINES, TooMuch, Unreadable, not_too_long, not_too_many
from media.timed.xml_events import walk

_WORDS = "word/document.xml"
_STYLES = "word/styles.xml"
_MOST_UNPACKED = 48 * 1024 * 1024
_MOST_STYLES = 4 * 1024 * 1024
_LONGEST_INDEX = 256 * 1024
_END_OF_INDEX = struct.Struct("<4s4H2LH")
_ENCRYPTED = 1
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = "The file is not a Word document (.docx), or it is damaged."


def paragraphs(data: bytes) -> Iterator[tuple[str, str]]:
    """The name of each paragraph's style, empty where it has none of its own, and its text.

    Raises:
        Unreadable: when it is no Word document, or locked with a password.
        TooMuch: when it unpacks to more than a transcript can be.
    """
    if data.startswith(_OLE):
        raise Unreadable("The Word document is locked with a password, or of the old kind (.doc); save it as .docx.")
    _check_index(data)
    words, styles = _Words(), _Styles()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = set(packed.namelist())
            if _WORDS not in names:
                raise Unreadable(_BROKEN)
            if _STYLES in names:
                walk(_unpacked(packed, _STYLES, _MOST_STYLES), styles, "a Word document")
            walk(_unpacked(packed, _WORDS, _MOST_UNPACKED), words, "a Word document")
    except Unreadable:
        raise
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError, OSError, EOFError):
        raise Unreadable(_BROKEN) from None
    for style, text in words.found:
        yield styles.names.get(style, ""), text


def _check_index(data: bytes) -> None:
    """The list of a packed folder's names, measured before it is read."""
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or at + _END_OF_INDEX.size > len(data):
        raise Unreadable(_BROKEN)
    size = _END_OF_INDEX.unpack_from(data, at)[5]
    if size > _LONGEST_INDEX or data[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise TooMuch("The Word document has more parts than a transcript can have.")


def _unpacked(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    entry = packed.getinfo(name)
    if entry.flag_bits & _ENCRYPTED:
        raise Unreadable("The Word document is locked with a password; save it without one.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable(_BROKEN)
    with packed.open(entry) as part:
        held = part.read(most + 1)
    if len(held) > most:
        raise TooMuch("The Word document is too large for a transcript.")
    return _in_utf8(held)


def _in_utf8(held: bytes) -> bytes:
    """Parts are UTF-8 or UTF-16 (ECMA-376 part 2)."""
    if held[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return held.decode("utf-16").encode()
    return held


class _Styles:
    """The names of styles by their ids, which other languages' Word translates."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._id = ""

    def start(self, name: str, attributes: Mapping[str, str], _line: int) -> None:
        if name.endswith("}style"):
            self._id = _attribute(attributes, "styleId")
        elif name.endswith("}name") and self._id:
            self.names.setdefault(self._id, _attribute(attributes, "val"))

    def text(self, piece: str) -> None:
        pass

    def end(self, name: str) -> None:
        if name.endswith("}style"):
            self._id = ""


class _Words:
    """The paragraphs as they go by; what Word keeps as deleted, and what lies in boxes beside, is left out."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._pieces: list[str] = []
        self._style = ""
        self._inside = self._in_text = False
        self._boxes = self._length = self._line = 0
        self._begun = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        if not self._begun and not name.endswith("}document"):
            raise Unreadable(_BROKEN)
        self._begun = True
        local = name.rpartition("}")[2]
        if local == "txbxContent" or self._boxes:
            self._boxes += 1
        elif local == "p":
            self._inside, self._style, self._line, self._length = True, "", line, 0
            self._pieces = []
        elif self._inside:
            if local == "t":
                self._in_text = True
            elif local == "pStyle":
                self._style = _attribute(attributes, "val")
            elif local in ("tab", "br", "cr"):
                self._pieces.append(" ")
            elif local == "noBreakHyphen":
                self._pieces.append("-")

    def text(self, piece: str) -> None:
        if self._in_text and not self._boxes:
            self._pieces.append(piece)

    def end(self, name: str) -> None:
        if self._boxes:
            self._boxes -= 1
            return
        local = name.rpartition("}")[2]
        if local == "t":
            self._in_text = False
        elif local == "p" and self._inside:
            self._inside = False
            text = "".join(self._pieces)
            if text.strip():
                not_too_many(self.found, self._line, MOST_LINES)
                self.found.append((self._style, not_too_long(text, self._line)))


def _attribute(attributes: Mapping[str, str], local: str) -> str:
    return next((value for name, value in attributes.items() if name.rpartition("}")[2] == local), "")
