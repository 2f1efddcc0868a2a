"""A thesaurus written as SKOS, in Turtle or RDF/XML, the same bytes for the same thesaurus.

Turtle: https://www.w3.org/TR/turtle/; RDF/XML: https://www.w3.org/TR/rdf-syntax-grammar/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from media.skos.concepts import LANGUAGES, Concept
from media.skos.triples import DCTERMS, OWL, RDF, SKOS

_PREFIXES = {"rdf": RDF, "skos": SKOS, "owl": OWL, "dcterms": DCTERMS}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def turtle(concepts: Sequence[Concept], scheme: str, titles: dict[str, str]) -> str:
    """The concepts of a scheme as Turtle."""
    lines = [f"@prefix {name}: <{address}> ." for name, address in _PREFIXES.items()]
    said = [f"dcterms:title {_text(text, language)}" for language, text in titles.items()]
    lines += ["", f"<{scheme}> a skos:ConceptScheme ;", "    " + " ;\n    ".join(said) + " ."]
    for one in concepts:
        said = [
            f"{name} {_text(value, language)}" if language is not None else f"{name} {value}"
            for name, value, language in _said(one, scheme, address="<{}>".format, yes="true")
        ]
        lines += ["", f"<{one.iri}> a skos:Concept ;", "    " + " ;\n    ".join(said) + " ."]
    return "\n".join(lines) + "\n"


def rdf_xml(concepts: Sequence[Concept], scheme: str, titles: dict[str, str]) -> str:
    """The concepts of a scheme as RDF/XML."""
    spaces = "".join(f"\n  xmlns:{name}={quoteattr(address)}" for name, address in _PREFIXES.items())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<rdf:RDF{spaces}>"]
    lines.append(f"<skos:ConceptScheme rdf:about={quoteattr(scheme)}>")
    lines += [_element("dcterms:title", text, language) for language, text in titles.items()]
    lines.append("</skos:ConceptScheme>")
    for one in concepts:
        lines.append(f"<skos:Concept rdf:about={quoteattr(one.iri)}>")
        for name, value, language in _said(one, scheme, address=str, yes=""):
            if language is not None:
                lines.append(_element(name, value, language))
            elif value:
                lines.append(f"  <{name} rdf:resource={quoteattr(value)}/>")
            else:
                boolean = "http://www.w3.org/2001/XMLSchema#boolean"
                lines.append(f'  <{name} rdf:datatype="{boolean}">true</{name}>')
        lines.append("</skos:Concept>")
    return "\n".join([*lines, "</rdf:RDF>"]) + "\n"


def _said(one: Concept, scheme: str, address: Callable[[str], str], yes: str) -> Iterator[tuple[str, str, str | None]]:
    """What is said of a concept: the property, its value, and the language of a text."""
    yield "skos:inScheme", address(scheme), None
    for language in LANGUAGES:
        for number, name in enumerate(one.names.get(language, ())):
            yield ("skos:altLabel" if number else "skos:prefLabel"), name, language
    for broader in one.broader:
        yield "skos:broader", address(broader), None
    if not one.broader and not one.into:
        yield "skos:topConceptOf", address(scheme), None
    if one.retired or one.into:
        yield "owl:deprecated", yes, None
    if one.into:
        yield "dcterms:isReplacedBy", address(one.into), None


def _text(text: str, language: str) -> str:
    return f'"{text.translate(_ESCAPES)}"@{language}'


def _element(name: str, text: str, language: str) -> str:
    return f'  <{name} xml:lang="{language}">{escape(text)}</{name}>'
