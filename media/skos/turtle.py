"""Turtle, the whole grammar, as a stream of statements; the types of numbers and texts are passed over.

RDF 1.1 Turtle, https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.language.messages import Message
from media.skos.triples import MOST_TRIPLES, RDF, TYPE, LiteralText, Triple, resolved
from media.timed.limits import TooMuch, Unreadable

DEEPEST = 32
_HEX = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_LOCAL = r"[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n\r]*)
    |(?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|{_HEX})*>)
    |(?P<long>\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*''')
    |(?P<string>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<type>\^\^)
    |(?P<blank>_:\w(?:[\w.-]*[\w-])?)
    |(?P<number>[+-]?(?:\d+\.\d*(?=[eE])|\d*\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w:-]))
    |(?P<name>(?:\w(?:[\w.-]*[\w-])?)?:(?:(?:{_LOCAL})(?:(?:{_LOCAL}|[.-])*(?:{_LOCAL}|-))?)?)
    |(?P<word>[A-Za-z]+)
    |(?P<mark>[.;,\[\]()])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(rf"{_HEX}|\\(.)", re.DOTALL)
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class TurtleToken:
    kind: str
    text: str
    line: int


def read(text: str, base: str = "") -> Iterator[Triple]:
    """The statements of a document, in their order.

    Raises:
        Unreadable: it is no Turtle; names the row.
        TooMuch: it says more than any thesaurus.
    """
    yield from _Document(text, base).statements()


def _tokens(text: str) -> Iterator[TurtleToken]:
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unreadable(Message("This is not Turtle."), line)
        if match.lastgroup != "space":
            yield TurtleToken(match.lastgroup or "", match[0], line)
        line += match[0].count("\n")
        at = match.end()
    yield TurtleToken("end", "", line)


def _unescaped(text: str, line: int) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1] is None:
            number = int(match[0][2:], 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                raise Unreadable(Message("A character is written by a number that none has."), line)
            return chr(number)
        if match[1] not in _PLAIN:
            raise Unreadable(Message("A text has an escape that Turtle does not know."), line)
        return _PLAIN[match[1]]

    return _ESCAPE.sub(plain, text)


class _Document:
    """One document being read; statements found inside others wait in `_found`."""

    def __init__(self, text: str, base: str) -> None:
        self._tokens = _tokens(text)
        self._token = next(self._tokens)
        self._base = base
        self._prefixes: dict[str, str] = {}
        self._found: list[Triple] = []
        self._blanks = self._depth = self._count = 0

    def statements(self) -> Iterator[Triple]:
        while self._token.kind != "end":
            if self._directive():
                continue
            subject, alone = self._subject()
            if not (alone and self._token.text == "."):
                self._properties(subject)
            self._expect(".")
            yield from self._found
            self._found.clear()

    def _next(self) -> TurtleToken:
        token = self._token
        if token.kind != "end":
            self._token = next(self._tokens)
        return token

    def _expect(self, mark: str) -> None:
        if self._token.kind != "mark" or self._token.text != mark:
            raise Unreadable(Message("A “{mark}” is missing."), self._token.line, mark=mark)
        self._next()

    def _directive(self) -> bool:
        said = self._token.text.lower()
        if self._token.kind not in {"at", "word"} or said.lstrip("@") not in {"prefix", "base"}:
            return False
        self._next()
        if said.endswith("prefix"):
            name = self._next()
            if name.kind != "name" or not name.text.endswith(":"):
                raise Unreadable(Message("A prefix has no name."), name.line)
            self._prefixes[name.text[:-1]] = self._iri(self._next())
        else:
            self._base = self._iri(self._next())
        if said.startswith("@"):
            self._expect(".")
        return True

    def _iri(self, token: TurtleToken) -> str:
        if token.kind == "iri":
            return resolved(self._base, _unescaped(token.text[1:-1], token.line))
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix not in self._prefixes:
                raise Unreadable(Message("The prefix “{prefix}:” was not said before."), token.line, prefix=prefix[:40])
            return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
        raise Unreadable(Message("An address is missing."), token.line)

    def _subject(self) -> tuple[str, bool]:
        """What a statement is about, and whether it may stand alone because it says something inside."""
        if self._token.text in {"[", "("} and self._token.kind == "mark":
            return self._nested(), True
        token = self._next()
        return (token.text if token.kind == "blank" else self._iri(token)), False

    def _properties(self, subject: str) -> None:
        while True:
            token = self._next()
            verb = TYPE if token.kind == "word" and token.text == "a" else self._iri(token)
            self._say(subject, verb, self._object())
            while self._token.text == "," and self._token.kind == "mark":
                self._next()
                self._say(subject, verb, self._object())
            if self._token.text != ";":
                return
            while self._token.text == ";":
                self._next()
            if self._token.text in {".", "]"}:
                return

    def _say(self, subject: str, verb: str, thing: str | LiteralText) -> None:
        self._count += 1
        if self._count > MOST_TRIPLES:
            raise TooMuch(Message("The file says more than any thesaurus."), self._token.line)
        self._found.append(Triple(subject, verb, thing))

    def _object(self) -> str | LiteralText:
        token = self._token
        if token.kind in {"string", "long"}:
            return self._literal()
        if token.kind == "number" or (token.kind == "word" and token.text in {"true", "false"}):
            self._next()
            return LiteralText(token.text)
        return self._subject()[0]

    def _literal(self) -> LiteralText:
        token = self._next()
        quotes = 3 if token.kind == "long" else 1
        text = _unescaped(token.text[quotes:-quotes], token.line)
        if self._token.kind == "at":
            return LiteralText(text, self._next().text[1:].lower())
        if self._token.kind == "type":
            self._next()
            self._iri(self._next())
        return LiteralText(text)

    def _nested(self) -> str:
        """`[ … ]` or `( … )`: a thing without a name, and what is said of it."""
        opened = self._next()
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooMuch(Message("The file has things inside things, deeper than any thesaurus."), opened.line)
        self._blanks += 1
        name = f"_:b.{self._blanks}"
        if opened.text == "[":
            if self._token.text != "]":
                self._properties(name)
            self._expect("]")
        else:
            while self._token.text != ")":
                if self._token.kind == "end":
                    raise Unreadable(Message("A “{mark}” is missing."), opened.line, mark=")")
                self._say(name, f"{RDF}li", self._object())
            self._next()
        self._depth -= 1
        return name
