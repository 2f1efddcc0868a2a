"""XML from outside as a stream of events: nothing is built, nothing is fetched, nothing is defined.

A document type is refused, and with it every entity, inner or outer; nesting and the number of elements are counted
while they are read. The text is decoded beforehand, so that an encoding named in the document is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Protocol
from xml.parsers import expat

from archive.language.messages import Message
from media.timed.limits import TooMuch, Unreadable

MOST_ELEMENTS = 600_000
DEEPEST = 64
_MOST_ATTRIBUTES = 64
_BUFFER = 1 << 16
_BEHIND_NAMESPACE = "}"
_PIECE = 1 << 16


class XmlListener(Protocol):
    """Hears of each element as `NAMESPACE}name`, or `name` where it has none; `text` may come in several pieces."""

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None: ...

    def text(self, piece: str) -> None: ...

    def end(self, name: str) -> None: ...


def walk(document: bytes, listener: XmlListener, what: Message) -> None:
    """Read a UTF-8 document through.

    Args:
        what: the kind of file, for the sentence: "The file is not a well-formed …".

    Raises:
        Unreadable: it is not well formed, or has a document type.
        TooMuch: it has more elements, or deeper ones, than such a file can.
    """
    _Walk(listener, what).through(document)


class _Walk:
    def __init__(self, listener: XmlListener, what: Message) -> None:
        self._what, self._listener = what, listener
        self._depth = self._elements = 0
        parser = self._parser = expat.ParserCreate("utf-8", _BEHIND_NAMESPACE)
        parser.buffer_text, parser.buffer_size = True, _BUFFER
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = listener.text

    def through(self, document: bytes) -> None:
        try:
            for at in range(0, len(document), _PIECE):
                self._parser.Parse(document[at : at + _PIECE], False)
            self._parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeError, LookupError) as error:
            line = error.lineno if isinstance(error, expat.ExpatError) else None
            raise Unreadable(
                Message("The file is not {what}: its XML is not well formed."), line, what=self._what
            ) from None

    def _refuse(self, *_: object) -> NoReturn:
        raise Unreadable(
            Message("The file is not {what}: it defines a document type of its own."),
            self._parser.CurrentLineNumber,
            what=self._what,
        )

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        line = self._parser.CurrentLineNumber
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS or len(attributes) > _MOST_ATTRIBUTES:
            raise TooMuch(Message("The document has more parts, or deeper ones, than a transcript can have."), line)
        self._listener.start(name, attributes, line)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._listener.end(name)
