"""A row of a sheet about a recording that is here already: what it says otherwise, and correcting that at its word.

Only cells in which something is written are compared. What the narrator allowed is no part of it: that is a decision of
hers, in the ledger. Nor is the name she chose, which is changed on her page; that a row has another is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.catalogue.field_values import FIELD_NAMES
from archive.describing import changes, history
from archive.describing.changes import AT_THE_MACHINE
from archive.models import Testimony

_DECIDED = frozenset({"consent", "consent_method"})
_NAMES = {"narrator_km": "pseudonym_km", "narrator_en": "pseudonym_en"}


def differs(session: Session, testimony_id: str, given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What the row says otherwise: field -> what stands there, and what the row has, as people read it in English.

    Raises:
        changes.FieldsRefused: something in the row cannot be said of this testimony.
    """
    found = changes.differences(session, AT_THE_MACHINE, testimony_id, _correctable(given))
    shown = {
        name: (_said(session, name, before), _said(session, name, after)) for name, (before, after) in found.items()
    }
    who = session.get_one(Testimony, testimony_id).narrator
    for name, attribute in _NAMES.items():
        if name in given and given[name] != getattr(who, attribute):
            shown[name] = (getattr(who, attribute), given[name])
    return shown


def correct(backends: Backends, testimony_id: str, given: Mapping[str, str], act_id: str) -> tuple[str, ...]:
    """Correct the description as the row says, as part of one act of the whole sheet; returns the fields changed.

    Raises:
        changes.FieldsRefused: as `differs`; nothing of the row is taken then.
    """
    with backends.database.write() as session:
        act = changes.change(session, AT_THE_MACHINE, testimony_id, _correctable(given), act_id=act_id, kind="sheet")
    changes.find_again(backends.database, backends.index, act)
    return act.fields


def _correctable(given: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if name not in _DECIDED and name not in _NAMES}


def _said(session: Session, name: str, kept: str) -> str:
    return history.value(session, AT_THE_MACHINE, name, kept).en


def in_words(found: Mapping[str, tuple[str, str]]) -> str:
    """The differences as one line for a terminal."""
    return "; ".join(
        f"{FIELD_NAMES[name].said('en')} “{_short(before)}” → “{_short(after)}”"
        for name, (before, after) in found.items()
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
