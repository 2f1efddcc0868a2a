"""The whole catalogue as rows of text: every field of every testimony that somebody may know of, with stable ids.

A cell holds what the database keeps: a code, an id, EDTF, or the words themselves. So the same archive gives the same
rows, and a row that comes back unchanged changes nothing. What may not be told to who asks is an empty cell. What was
allowed is not among the columns: consent is a ledger, and no sheet speaks for a narrator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.consent import releases
from archive.describing import fields
from archive.ledgers import audit
from archive.models import DescriptionChange, Tagging, Term, Testimony

COLUMNS = (
    "testimony", "version", "title_km", "title_en", "synopsis_km", "synopsis_en", "language", "recorded_on", "setting",
    "collected_by", "campaign", "themes", "narrator", "narrator_km", "narrator_en", "part", "community", "province",
    "district", "recording", "duration_ms", "sample",
)  # fmt: skip
NAMES = ("narrator_km", "narrator_en")
"""Hers, and changed on her page."""
FIXED = ("recording", "duration_ms", "sample")
CONSENT = frozenset({"consent", "consent_method"})
PAGE = 200
SUBJECT = "catalogue:all"

CatalogueRow = dict[str, str]


def testimonies_for(session: Session, viewer: Viewer) -> list[str]:
    """Ids of every testimony that this viewer may know of, in the order of the rows."""
    return sorted(session.scalars(gate.permitted(viewer, "existence")))


def rows(session: Session, viewer: Viewer, testimony_ids: Sequence[str]) -> Iterator[CatalogueRow]:
    """The rows of these testimonies, a page of the database at a time; of those that may not be known of, none."""
    for start in range(0, len(testimony_ids), PAGE):
        yield from _page(session, viewer, testimony_ids[start : start + PAGE])
        session.expunge_all()


def take_out(session: Session, viewer: Viewer, testimony_ids: Sequence[str], note: str) -> None:
    """Write down that these descriptions leave the archive, and who took them."""
    who = viewer.account_id
    releases.record(session, "export", SUBJECT, testimony_ids, audience="band", account_id=who, note=note)
    audit.note(session, who, "catalogue.exported", SUBJECT, {"testimonies": len(testimony_ids)})


def _page(session: Session, viewer: Viewer, ids: Sequence[str]) -> Iterator[CatalogueRow]:
    known = gate.permitted(viewer, "existence")
    told = select(Testimony).where(Testimony.id.in_(ids), Testimony.id.in_(known)).order_by(Testimony.id)
    found = session.scalars(told).all()
    may = {"pseudonym": set(session.scalars(gate.permitted(viewer, "pseudonym").where(Testimony.id.in_(ids))))}
    for level in ("province", "district"):
        may[level] = set(session.scalars(gate.permitted(viewer, "place", level=level).where(Testimony.id.in_(ids))))
    themes = _themes(session, ids)
    versions = _versions(session, found)
    for one in found:
        row = fields.kept_with(one, themes.get(one.id, [])) | {
            "testimony": one.id,
            "version": str(versions[one.id]),
            "narrator_km": one.narrator.pseudonym_km,
            "narrator_en": one.narrator.pseudonym_en,
            "recording": one.recording_id,
            "duration_ms": str(one.recording.duration_ms or ""),
            "sample": "yes" if one.sample else "",
        }
        hidden = set() if one.id in may["pseudonym"] else {"narrator", "part", *NAMES}
        hidden |= {level for level in ("province", "district") if one.id not in may[level]}
        yield {name: "" if name in hidden else row[name] for name in COLUMNS}


def _themes(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    query = (
        select(Tagging.testimony_id, Tagging.term_id)
        .join(Term)
        .where(Tagging.testimony_id.in_(ids), Tagging.state == "confirmed", Term.kind == "theme")
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for testimony_id, term_id in session.execute(query):
        found.setdefault(testimony_id, []).append(term_id)
    return {testimony_id: sorted(terms) for testimony_id, terms in found.items()}


def _versions(session: Session, found: Sequence[Testimony]) -> dict[str, int]:
    """As `changes.version` of each, by two questions."""
    newest = func.max(DescriptionChange.seq)
    own = select(DescriptionChange.testimony_id, newest).group_by(DescriptionChange.testimony_id)
    hers = select(DescriptionChange.narrator_id, newest).group_by(DescriptionChange.narrator_id)
    of_it = own.where(DescriptionChange.testimony_id.in_([one.id for one in found]))
    of_her = hers.where(DescriptionChange.narrator_id.in_({one.narrator_id for one in found}))
    known = {key: seq for query in (of_it, of_her) for key, seq in session.execute(query)}
    return {one.id: max(known.get(one.id, 0), known.get(one.narrator_id, 0)) for one in found}
