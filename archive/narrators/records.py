"""Changing who is who: another chosen name, two records that are one woman's, one that is two women's.

What a narrator allowed stays with each testimony and moves with it; nothing in the ledger is rewritten. But a record
also says a name, a place and a community, and those are told with every testimony of it. So two records become one only
where what the kept one says is told no more widely than its own testimonies allowed; else it is refused, and she
is asked first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.consent import decisions
from archive.consent.effective import covers
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import Narrator, Testimony, VaultEntry
from archive.narrators.known import testimonies_of
from archive.songs.credits import follow_name

LONGEST_NAME = 120


class NotAName(ValueError):
    """A chosen name that is too long, or none in either language where there was one."""


class CannotMerge(ValueError):
    """The two records cannot become one; `reasons` says why, as `MergePreview.reasons`."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(f"These two records cannot become one: {', '.join(reasons)}.")
        self.reasons = reasons


class CannotSplit(ValueError):
    """None of the record's testimonies was chosen, or all of them."""


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What would be if the other record became part of the kept one.

    Attributes:
        moved: ids of the testimonies that come over; `own` are those that are there.
        code: whose code reaches all of them then: `kept`, `other`, or empty for no code.
        ended: the other record's code would reach nothing any more, since the kept one has a code of its own.
        reasons: why it cannot be: `same` record; `name`, `place`, `community` or `legal-name` would be told more widely
            than allowed; `legal-names` are kept of both, and somebody has to look which is right.
    """

    own: tuple[str, ...]
    moved: tuple[str, ...]
    code: str
    ended: bool
    reasons: tuple[str, ...]


def rename(session: Session, narrator_id: str, name_km: str, name_en: str, by_id: str) -> None:
    """Give a narrator another chosen name; what songs are credited with follows.

    Raises:
        NotAName: see there.
        Unknown: there is no such narrator.
    """
    narrator = _locked(session, [narrator_id])[0]
    names = [" ".join(tidy(name).split()) for name in (name_km, name_en)]
    if max(map(len, names)) > LONGEST_NAME or (not any(names) and (narrator.pseudonym_km or narrator.pseudonym_en)):
        raise NotAName(f"A chosen name has at most {LONGEST_NAME} characters, and is there in one language at least.")
    before = (narrator.pseudonym_km, narrator.pseudonym_en)
    narrator.pseudonym_km, narrator.pseudonym_en = names
    session.flush()
    follow_name(session, narrator, before)
    audit.note(session, by_id, "narrator.renamed", f"narrator:{narrator.id}")


def preview(session: Session, kept_id: str, other_id: str) -> MergePreview:
    """What merging would do. Raises Unknown."""
    return _preview(session, *_both(session, kept_id, other_id))


def merge(session: Session, kept_id: str, other_id: str, by_id: str) -> None:
    """Make two records one, under the kept one's name, place and community.

    Raises:
        CannotMerge: see there.
        Unknown: one of them is not there.
    """
    _locked(session, sorted({kept_id, other_id}))
    kept, other = _both(session, kept_id, other_id)
    seen = _preview(session, kept, other)
    if seen.reasons:
        raise CannotMerge(seen.reasons)
    before = (other.pseudonym_km, other.pseudonym_en)
    session.execute(update(Testimony).where(Testimony.narrator_id == other.id).values(narrator_id=kept.id))
    session.execute(update(VaultEntry).where(VaultEntry.narrator_id == other.id).values(narrator_id=kept.id))
    kept.code_hash = kept.code_hash or other.code_hash
    session.flush()
    session.expire_all()
    follow_name(session, kept, before)
    session.delete(other)
    session.flush()
    detail = {"from": other_id, "testimonies": list(seen.moved)}
    audit.note(session, by_id, "narrator.merged", f"narrator:{kept_id}", detail)


def split(session: Session, narrator_id: str, testimony_ids: Collection[str], by_id: str) -> str:
    """Make a record of their own of some of a narrator's testimonies: another woman's, under the same name at first.

    The code and the legal name stay where they are; a code then reaches only what is left there.

    Returns:
        The id of the new record.

    Raises:
        CannotSplit: see there.
        Unknown: there is no such narrator, or one of the testimonies is not hers.
    """
    narrator = _locked(session, [narrator_id])[0]
    hers, chosen = set(testimonies_of(session, narrator.id)), set(testimony_ids)
    if chosen - hers:
        raise Unknown("There is no such thing here.")
    if not chosen or chosen == hers:
        raise CannotSplit("Choose some of the testimonies, and leave at least one.")
    made = Narrator(
        pseudonym_km=narrator.pseudonym_km,
        pseudonym_en=narrator.pseudonym_en,
        community=narrator.community,
        province=narrator.province,
        district=narrator.district,
    )
    session.add(made)
    session.flush()
    session.execute(update(Testimony).where(Testimony.id.in_(chosen)).values(narrator_id=made.id))
    session.expire_all()
    detail = {"from": narrator_id, "testimonies": sorted(chosen)}
    audit.note(session, by_id, "narrator.split", f"narrator:{made.id}", detail)
    return made.id


def _locked(session: Session, narrator_ids: list[str]) -> list[Narrator]:
    rows = select(Narrator).where(Narrator.id.in_(narrator_ids)).order_by(Narrator.id).with_for_update()
    found = list(session.scalars(rows))
    if len(found) != len(narrator_ids):
        raise Unknown("There is no such thing here.")
    return found


def _both(session: Session, kept_id: str, other_id: str) -> tuple[Narrator, Narrator]:
    kept, other = session.get(Narrator, kept_id), session.get(Narrator, other_id)
    if kept is None or other is None:
        raise Unknown("There is no such thing here.")
    return kept, other


def _preview(session: Session, kept: Narrator, other: Narrator) -> MergePreview:
    own, moved = (tuple(testimonies_of(session, one.id)) for one in (kept, other))
    return MergePreview(
        own=own,
        moved=moved,
        code="kept" if kept.code_hash else "other" if other.code_hash else "",
        ended=bool(kept.code_hash and other.code_hash),
        reasons=("same",) if kept.id == other.id else tuple(_reasons(session, kept, other, own, moved)),
    )


def _reasons(
    session: Session, kept: Narrator, other: Narrator, own: Collection[str], moved: Collection[str]
) -> list[str]:
    legal = set(session.scalars(select(VaultEntry.narrator_id).where(VaultEntry.narrator_id.in_((kept.id, other.id)))))
    names = (kept.pseudonym_km, kept.pseudonym_en)
    found = []
    if any(names) and names != (other.pseudonym_km, other.pseudonym_en) and _wider(session, moved, own, "pseudonym"):
        found.append("name")
    place = (kept.province, kept.district)
    if kept.province and place != (other.province, other.district) and _wider(session, moved, own, "place"):
        found.append("place")
    if kept.community != other.community and _wider(session, moved, own, "existence"):
        found.append("community")
    if len(legal) == 2:
        found.append("legal-names")
    elif legal and _wider(session, *((moved, own) if kept.id in legal else (own, moved)), "name"):
        found.append("legal-name")
    return found


def _wider(session: Session, told_with: Collection[str], allowed: Collection[str], form: str) -> bool:
    """Whether something would be told with testimonies of `told_with` to whom it is told with none of `allowed`.

    What is suspended tells nothing now, and as much as before once its narrator confirms it.
    """
    will = [grant for one in told_with for grant in decisions.standing_of(session, one).given]
    does = [grant for one in allowed for grant in decisions.standing_of(session, one).grants]
    own = [one for one in does if one.form == form]
    return any(not any(covers(mine, one) for mine in own) for one in will if one.form == form)
