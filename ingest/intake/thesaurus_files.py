"""The thesaurus as a SKOS file, in and out: between the concepts of a file and the themes of the archive.

A theme is called by its address on the site, `…/theme/debt`, and known again by the end of it, wherever the file was
written. A concept from elsewhere gets an id made of the end of its own address, so that the same file can come again.
"""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import terms
from archive.catalogue.term_import import OfferedTheme
from archive.language.messages import gettext_in
from archive.models import Term
from media.skos import writing
from media.skos.concepts import LANGUAGES, Concept, read

ENDINGS = {"ttl": "text/turtle", "rdf": "application/rdf+xml"}
NO_SITE = "urn:messenger-band"


def themes_in(data: bytes) -> list[OfferedTheme]:
    """The themes of a file. Raises media.skos.concepts.NotSkos."""
    return [_offered(one) for one in read(data)]


def _offered(one: Concept) -> OfferedTheme:
    return OfferedTheme(
        key=one.iri,
        id=_id_in(one.iri),
        names={language: tuple(names) for language, names in one.names.items() if language in LANGUAGES},
        broader=tuple(_id_in(above) for above in one.broader),
        retired=one.retired and not one.into,
        into=_id_in(one.into) if one.into else "",
        several=tuple(one.several),
    )


def _id_in(iri: str) -> str:
    end = re.split(r"[/#:?=]", iri.rstrip("/#"))[-1]
    return end if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", end) else terms.slug_of(end)


def written(session: Session, ending: str, site: str = "") -> str:
    """Every theme as a file.

    Args:
        ending: of `ENDINGS`.
        site: the address of the site, without a slash at its end.
    """
    base = f"{site}/theme/" if site else f"{NO_SITE}:theme:"
    every = session.scalars(select(Term).where(Term.kind == terms.THEME).order_by(Term.id))
    concepts = [
        Concept(
            iri=base + one.id,
            names={language: list(one.names(language)) for language in LANGUAGES if one.names(language)},
            broader=[base + one.broader_id] if one.broader_id else [],
            retired=one.retired_at is not None,
            into=base + one.merged_into_id if one.merged_into_id else "",
        )
        for one in every
    ]
    titles = {language: gettext_in(language, "Themes of the Messenger Band archive") for language in LANGUAGES}
    write = writing.turtle if ending == "ttl" else writing.rdf_xml
    return write(concepts, f"{site}/theme" if site else f"{NO_SITE}:themes", titles)
