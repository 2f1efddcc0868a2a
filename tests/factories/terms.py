"""What testimonies and songs are described and gathered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from archive.models import Campaign, Term, TermLabel
from tests.factories.rows import kept


def term(session: Session, name: str, labels: Mapping[str, Sequence[str]], **given: Any) -> Term:
    """A theme that everybody may know, with its labels in each language, the first of them the preferred one."""
    written = [
        TermLabel(language=language, text=text, preferred=number == 0)
        for language, texts in labels.items()
        for number, text in enumerate(texts)
    ]
    return kept(session, Term, {"id": name, "kind": "theme", "labels": written, "known_to_all": True}, given)


def campaign(session: Session, **given: Any) -> Campaign:
    """A campaign on debt."""
    return kept(session, Campaign, {"name_km": "បំណុល", "name_en": "Debt"}, given)
