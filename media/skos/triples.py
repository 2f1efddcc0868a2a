"""RDF as its readers here hand it on: a subject, a property, and another thing or a text in a language.

RDF 1.1 Concepts, https://www.w3.org/TR/rdf11-concepts/
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
DCTERMS = "http://purl.org/dc/terms/"
TYPE = f"{RDF}type"
MOST_TRIPLES = 400_000


class LiteralText(NamedTuple):
    """A text; `language` as it was tagged, in small letters, or empty."""

    text: str
    language: str = ""


class Triple(NamedTuple):
    """One statement; things are IRIs, or `_:` and a name where they have none."""

    subject: str
    property: str
    object: str | LiteralText


def resolved(base: str, reference: str) -> str:
    """An IRI that may be relative to the base."""
    if not base or urlsplit(reference).scheme:
        return reference
    return urljoin(base, reference)
