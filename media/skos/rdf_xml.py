"""RDF/XML, as thesauri are written in it: things by address, what is said of them as text or as other things.

RDF 1.1 XML Syntax, https://www.w3.org/TR/rdf-syntax-grammar/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archive.language.messages import Message
from media.skos.triples import MOST_TRIPLES, RDF, TYPE, LiteralText, Triple, resolved
from media.timed.limits import TooMuch, Unreadable
from media.timed.xml_events import walk

_XML = "http://www.w3.org/XML/1998/namespace}"
_RDF = f"{RDF}}}"
_KIND = Message("RDF/XML")


def read(document: bytes, base: str = "") -> Iterator[Triple]:
    """The statements of a UTF-8 document.

    Raises:
        Unreadable, TooMuch: it is no RDF/XML; names the row.
    """
    listener = _Listener(base)
    walk(document, listener, _KIND)
    if not listener.begun:
        raise Unreadable(Message("The file is not RDF/XML: it does not begin with rdf:RDF."))
    yield from listener.found


@dataclass(slots=True)
class _Element:
    """An open element: a thing (`subject`), a property of one, or one whose content is passed over."""

    kind: str  # root, thing, property, passed
    base: str
    language: str
    subject: str = ""
    verb: str = ""
    answered: bool = False
    text: list[str] = field(default_factory=list)


class _Listener:
    def __init__(self, base: str) -> None:
        self.found: list[Triple] = []
        self.begun = False
        self._open: list[_Element] = []
        self._base = base
        self._blanks = 0

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        outer = self._open[-1] if self._open else _Element("", self._base, "")
        base = resolved(outer.base, attributes.get(f"{_XML}base", outer.base))
        language = attributes.get(f"{_XML}lang", outer.language).lower()
        if outer.kind == "passed":
            made = _Element("passed", base, language)
        elif outer.kind == "":
            self.begun = name == f"{_RDF}RDF"
            made = _Element("root", base, language) if self.begun else self._thing(name, attributes, base, language)
            self.begun = True
        elif outer.kind in {"root", "property"}:
            made = self._thing(name, attributes, base, language)
            if outer.kind == "property":
                outer.answered = True
                self._say(outer.subject, outer.verb, made.subject, line)
        else:
            made = self._property(outer.subject, name, attributes, base, language, line)
        self._open.append(made)

    def text(self, piece: str) -> None:
        if self._open and self._open[-1].kind == "property":
            self._open[-1].text.append(piece)

    def end(self, name: str) -> None:
        done = self._open.pop()
        if done.kind == "property" and not done.answered:
            self._say(done.subject, done.verb, LiteralText("".join(done.text), done.language), 0)

    def _blank(self) -> str:
        self._blanks += 1
        return f"_:x.{self._blanks}"

    def _thing(self, name: str, attributes: Mapping[str, str], base: str, language: str) -> _Element:
        if f"{_RDF}about" in attributes:
            subject = resolved(base, attributes[f"{_RDF}about"])
        elif f"{_RDF}ID" in attributes:
            subject = resolved(base, f"#{attributes[f'{_RDF}ID']}")
        elif f"{_RDF}nodeID" in attributes:
            subject = f"_:{attributes[f'{_RDF}nodeID']}"
        else:
            subject = self._blank()
        if name != f"{_RDF}Description":
            self._say(subject, TYPE, name.replace("}", ""), 0)
        for key, value in attributes.items():
            if "}" in key and not key.startswith((_RDF, _XML)):
                self._say(subject, key.replace("}", ""), LiteralText(value, language), 0)
        return _Element("thing", base, language, subject)

    def _property(
        self, subject: str, name: str, attributes: Mapping[str, str], base: str, language: str, line: int
    ) -> _Element:
        verb = name.replace("}", "")
        made = _Element("property", base, language, subject, verb)
        if (about := attributes.get(f"{_RDF}resource")) is not None:
            self._say(subject, verb, resolved(base, about), line)
            made.answered = True
        elif (node := attributes.get(f"{_RDF}nodeID")) is not None:
            self._say(subject, verb, f"_:{node}", line)
            made.answered = True
        elif (how := attributes.get(f"{_RDF}parseType")) is not None:
            inner = self._blank()
            self._say(subject, verb, inner, line)
            made = _Element("thing" if how == "Resource" else "passed", base, language, inner)
        return made

    def _say(self, subject: str, verb: str, thing: str | LiteralText, line: int) -> None:
        if len(self.found) >= MOST_TRIPLES:
            raise TooMuch(Message("The file says more than any thesaurus."), line or None)
        self.found.append(Triple(subject, verb, thing))
