"""Sound that nobody claims, as stewards look after it: the list that is kept of it, and what they want done with each.

Looking through the store takes as long as the store is large, so it is done at a start and when somebody asks, and
what was found is kept as rows. What somebody wants done may have to copy or to hash an hour of sound: it is written
down, and the workers do it; whoever is killed in it leaves the wish, and the next worker takes it up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.access.rule import Grant
from archive.backends import Backends
from archive.days import Day
from archive.models import Tombstone, UnclaimedRecording
from archive.models.unclaimed import DEEDS
from archive.originals.unclaimed import unclaimed
from archive.preservation import adopting, sidecars

PAGE = 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class FoundSound:
    """A recording that nobody claims, with what is said of it beside its sound.

    Attributes:
        size: of its original in bytes; 0 where only things made of it are left.
        grants: what its narrator allowed when the description was written.
    """

    recording_id: str
    aside: bool
    wanted: str
    why_not: str
    size: int
    sealed: bool
    described: bool
    title_km: str = ""
    title_en: str = ""
    name_km: str = ""
    name_en: str = ""
    community: str = ""
    language: str = ""
    recorded_on: Day | None = None
    kind: str = "testimony"
    grants: tuple[Grant, ...] = ()


def look(backends: Backends) -> int:
    """Look through the store and keep the list of what was found; returns how many wait for a decision."""
    with backends.database.read() as session:
        waiting = {one for one in unclaimed(session, backends.store) if _NAME.fullmatch(one)}
    aside = {key.split("/")[2] for key in backends.store.keys(adopting.ASIDE) if key.count("/") >= 2}
    aside = {one for one in aside if _NAME.fullmatch(one)} - waiting
    with backends.database.write() as session:
        known = {row.recording_id: row for row in session.scalars(select(UnclaimedRecording))}
        for gone in known.keys() - waiting - aside:
            session.delete(known[gone])
        for one in waiting | aside:
            if one in known:
                known[one].aside = one in aside
            else:
                session.add(UnclaimedRecording(recording_id=one, aside=one in aside))
    return len(waiting)


def count(session: Session) -> int:
    """How many wait for a decision, as last looked for."""
    return session.scalar(select(func.count()).where(UnclaimedRecording.aside.is_(False))) or 0


def some(backends: Backends, viewer: Viewer, *, aside: bool = False, after: str = "") -> list[FoundSound]:
    """A page of them and one more if there are more, by name, from the one after `after`.

    Raises:
        Unknown: for anybody but a steward there is no such list.
    """
    _steward(viewer)
    rows = select(UnclaimedRecording).where(
        UnclaimedRecording.aside.is_(aside), UnclaimedRecording.recording_id > after
    )
    with backends.database.read() as session:
        found = session.scalars(rows.order_by(UnclaimedRecording.recording_id).limit(PAGE + 1)).all()
        return [_described(backends, session, row) for row in found]


def one(backends: Backends, viewer: Viewer, recording_id: str) -> FoundSound:
    """One of them. Raises Unknown."""
    _steward(viewer)
    with backends.database.read() as session:
        row = session.get(UnclaimedRecording, recording_id)
        if row is None:
            raise Unknown("There is no such thing here.")
        return _described(backends, session, row)


def ask(backends: Backends, viewer: Viewer, recording_id: str, deed: str) -> None:
    """Write down what a steward wants done with one; whoever calls this asks the queue for `carry_out`.

    Raises:
        Unknown: there is none, or nothing of this kind can be done with it where it lies.
    """
    _steward(viewer)
    with backends.database.write() as session:
        row = session.get(UnclaimedRecording, recording_id)
        if row is None or deed not in DEEDS or row.aside != (deed == "put-back"):
            raise Unknown("There is no such thing here.")
        row.wanted, row.why_not, row.asked_by_id = deed, "", viewer.account_id


def wishes(session: Session) -> list[str]:
    """Names of those with which something is to be done."""
    return list(session.scalars(select(UnclaimedRecording.recording_id).where(UnclaimedRecording.wanted != "")))


def carry_out(backends: Backends, recording_id: str) -> None:
    """Do what is wanted with one, if anything still is; what cannot be done leaves a reason in its row."""
    with backends.database.read() as session:
        row = session.get(UnclaimedRecording, recording_id)
        if row is None or not row.wanted:
            return
        wanted, by_id = row.wanted, row.asked_by_id
    act = {"adopt": adopting.adopt, "set-aside": adopting.set_aside, "put-back": adopting.put_back}[wanted]
    why_not = ""
    try:
        act(backends, recording_id, by_id)
    except adopting.CannotAdopt as error:
        why_not = error.code
    with backends.database.write() as session:
        row = session.get(UnclaimedRecording, recording_id)
        if row is None:
            return
        if why_not == "gone" or (wanted == "adopt" and not why_not):
            session.delete(row)
            return
        row.wanted, row.why_not = "", why_not
        row.aside = row.aside if why_not else wanted == "set-aside"


def _described(backends: Backends, session: Session, row: UnclaimedRecording) -> FoundSound:
    """From the description beside the sound; of what lies in the lost-and-found, only its name."""
    state: dict[str, Any] = {"aside": row.aside, "wanted": row.wanted, "why_not": row.why_not}
    try:
        there = None if row.aside else adopting.one_found(session, backends.store, row.recording_id)
    except adopting.CannotAdopt:
        there = None
    if there is None:
        return FoundSound(row.recording_id, **state, size=0, sealed=False, described=False)
    said = sidecars.read(backends.store, row.recording_id) or {}
    told = str(said.get("testimony") or said.get("reading_of") or "")
    if told in backends.withdrawals.closed() or (told and session.get(Tombstone, told) is not None):
        state["why_not"], said = "taken-back", {}
    who = said.get("narrator") or {}
    return FoundSound(
        row.recording_id,
        **state,
        size=there.size,
        sealed=there.original.endswith(".age"),
        described=bool(said),
        title_km=str(said.get("title_km") or ""),
        title_en=str(said.get("title_en") or ""),
        name_km=str(who.get("pseudonym_km") or ""),
        name_en=str(who.get("pseudonym_en") or ""),
        community=str(who.get("community") or ""),
        language=str(said.get("language") or ""),
        recorded_on=adopting.day_said(said),
        kind=str(said.get("kind") or "testimony"),
        grants=adopting.allowed_by(said),
    )


def _steward(viewer: Viewer) -> None:
    if viewer.role != "steward":
        raise Unknown("There is no such thing here.")
