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
from archive.catalogue import parts
from archive.consent import decisions
from archive.consent.effective import covers
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import Narrator, Testimony, VaultEntry
from archive.narrators.known import testimonies_of
from archive.songs.credits import follow_name

LONGEST_NAME = 120

CHOOSE_SOME = Message("Choose some of the testimonies, and leave at least one.")


class NotAName(ArchiveError, ValueError):
    """A chosen name that is too long, or none in either language where there was one."""


class CannotMerge(ArchiveError, ValueError):
    """The two records cannot become one; `reasons` says why, as `MergePreview.reasons`."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(Message("These two records cannot become one: {why}."), why=", ".join(reasons))
        self.reasons = reasons


class CannotSplit(ArchiveError, ValueError):
    """None of the record's testimonies was chosen, or all of them."""


class CannotMove(ValueError):
    """A testimony cannot become another record's; `reasons` as `MergePreview.reasons`, or `code`: one of the two women
    comes back by a code, which would reach it no more or anew, so that a steward decides."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(f"This testimony cannot be the other narrator's: {', '.join(reasons)}.")
        self.reasons = reasons


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
        raise NotAName(Message("Write a name, of {n} characters at most."), n=LONGEST_NAME)
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
    parts.keep_apart(session, kept.id, seen.moved)
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
        raise CannotSplit(CHOOSE_SOME)
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


def move(session: Session, testimony_id: str, narrator_id: str, by_id: str | None, *, steward: bool) -> None:
    """Say that another known narrator told a testimony. A record that is left without any stays, for the way back.

    Raises:
        CannotMove: see there.
        Unknown: the testimony or the narrator is not there.
    """
    testimony = session.get(Testimony, testimony_id)
    if testimony is None:
        raise Unknown("There is no such thing here.")
    before_id = testimony.narrator_id
    _locked(session, sorted({before_id, narrator_id}))
    before, chosen = _both(session, before_id, narrator_id)
    if reasons := _against_moving(session, testimony_id, before, chosen, steward=steward):
        raise CannotMove(reasons)
    testimony.narrator_id = chosen.id
    session.flush()
    session.expire(testimony, ["narrator"])
    if not testimonies_of(session, before.id):
        follow_name(session, chosen, (before.pseudonym_km, before.pseudonym_en))
    audit.note(session, by_id, "narrator.chosen", f"testimony:{testimony_id}", {"from": before_id, "to": chosen.id})


def _against_moving(
    session: Session, testimony_id: str, before: Narrator, chosen: Narrator, *, steward: bool
) -> tuple[str, ...]:
    """Why not; a record without testimonies is told nowhere, so that nothing of it can be told more widely."""
    found = ["code"] if not steward and (before.code_hash or chosen.code_hash) else []
    own = testimonies_of(session, chosen.id)
    if own:
        found += _told_more_widely(session, chosen, before, (testimony_id,), own)
        kept = select(VaultEntry.id).where(VaultEntry.narrator_id == chosen.id).limit(1)
        if session.scalar(kept) is not None and _wider(session, (testimony_id,), own, "name"):
            found.append("legal-name")
    return tuple(found)


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
    found = _told_more_widely(session, kept, other, moved, own)
    if len(legal) == 2:
        found.append("legal-names")
    elif legal and _wider(session, *((moved, own) if kept.id in legal else (own, moved)), "name"):
        found.append("legal-name")
    return found


def _told_more_widely(
    session: Session, kept: Narrator, other: Narrator, told_with: Collection[str], allowed: Collection[str]
) -> list[str]:
    """What `kept` says and `other` does not, that would be told with more than its own testimonies allowed."""
    names, place = (kept.pseudonym_km, kept.pseudonym_en), (kept.province, kept.district)
    found = []
    if any(names) and names != (other.pseudonym_km, other.pseudonym_en):
        found += ["name"] if _wider(session, told_with, allowed, "pseudonym") else []
    if kept.province and place != (other.province, other.district):
        found += ["place"] if _wider(session, told_with, allowed, "place") else []
    if kept.community != other.community and _wider(session, told_with, allowed, "existence"):
        found.append("community")
    return found


def _wider(session: Session, told_with: Collection[str], allowed: Collection[str], form: str) -> bool:
    """Whether something would be told with testimonies of `told_with` to whom it is told with none of `allowed`.

    What is suspended tells nothing now, and as much as before once its narrator confirms it.
    """
    will = [grant for one in told_with for grant in decisions.standing_of(session, one).given]
    does = [grant for one in allowed for grant in decisions.standing_of(session, one).grants]
    own = [one for one in does if one.form == form]
    return any(not any(covers(mine, one) for mine in own) for one in will if one.form == form)
