"""The consent room's list: every testimony that is not withdrawn, and what each of them waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access import clock, gate
from archive.access.answers import ANY_RESEARCHER, BAND, EVERYONE, NAMED_RESEARCHER, kinds, viewer_of_kind
from archive.access.clock import Moment
from archive.access.gate import FORM_OF_RELATION, SUNG_FOR, Viewer
from archive.access.rule import ConsentState, Grant, decide
from archive.catalogue.browsing import in_order
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.list_counts import counted
from archive.catalogue.title_lookup import has_words
from archive.consent.effective import INSIDE, effective_consent, sounds_outside
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import (
    AccessRequest,
    ConsentEvent,
    MarkedText,
    Permission,
    Redaction,
    Testimony,
    TranscriptVersion,
    now,
)
from archive.models.consent import FORMS

SOON = timedelta(days=90)
SORTS = ("newest", "title", "told")


@dataclass(frozen=True, slots=True)
class TestimonyRow:
    """A testimony in the steward's list.

    Attributes:
        reach: the widest audience that may have anything of it: `public`, `researcher`, `group`, `band` or `nobody`;
            `listed` where everyone may know of it, and nobody outside the band has more.
        until: the next day on which something closes.
        method: how the narrator last gave her word; empty where no event is known.
        unheard: marks that nobody has listened to.
        unlistened: the voice may be heard outside the band as soon as somebody has listened to the end.
        elsewhere: titles and summaries with marked words in them, of which nobody has decided.
        asked: requests without an answer.
    """

    card: TestimonyCard
    reach: str
    suspended: bool
    until: date | None
    method: str
    unheard: int
    unlistened: bool
    elsewhere: int
    asked: int


def consent_list(session: Session, viewer: Viewer, wanted: ListRequest, language: str) -> ListPage[TestimonyRow]:
    """A page of the testimonies a steward looks after.

    Args:
        wanted: `state` is one of `states`, `sort` one of `SORTS`; others count as none.
        language: in whose titles they are sorted, `km` or `en`.
    """
    found = select(Testimony.id).where(*gate.conditions(viewer, "existence"))
    every = [_count("", found), *(_count(name, found.where(one)) for name, one in states().items())]
    counts = counted(session, ("consent", viewer.scope), union_all(*every))
    everything = counts.get("", 0)
    total = counts.get(wanted.state, 0)
    if wanted.state in states():
        found = found.where(states()[wanted.state])
    else:
        total = everything
    if wanted.words:
        found = found.where(*has_words(viewer, wanted.words))
        total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ids = session.scalars(in_order(found, wanted.sort, language).offset(wanted.offset).limit(PAGE)).all()
    shown = {name: counts[name] for name in states() if counts.get(name)}
    return ListPage(wanted, _rows(session, viewer, ids), total, everything, shown)


def states() -> Mapping[str, ColumnElement[bool]]:
    """What a testimony may wait for, as conditions, in the order in which they press.

    `asked`: somebody waits for an answer. `unlistened`: her voice goes out as soon as somebody has listened to the end.
    `unheard`: nobody has listened to what was taken out. `elsewhere`: marked words stand in a title or a summary too.
    `ending`: something closes within `SOON`. `closed`: nobody may have anything of it.
    """
    soon = now() + SOON
    asked = select(AccessRequest.testimony_id).where(AccessRequest.state == "open")
    sounding = select(Permission.testimony_id).where(
        Permission.form == "original_sound", Permission.audience.not_in(INSIDE)
    )
    unheard = select(Redaction.testimony_id).where(Redaction.heard_at.is_(None))
    ending = select(Permission.testimony_id).where(Permission.end > now(), Permission.end <= soon)
    return {
        "asked": Testimony.id.in_(asked),
        "unlistened": Testimony.heard_through_at.is_(None) & Testimony.id.in_(sounding),
        "unheard": Testimony.id.in_(unheard),
        "elsewhere": Testimony.id.in_(select(MarkedText.testimony_id).where(MarkedText.kept_by_id.is_(None))),
        "ending": Testimony.id.in_(ending),
        "closed": Testimony.id.not_in(select(Permission.testimony_id)),
    }


def _count(name: str, found: Select[str]) -> Select[str, int]:
    return found.with_only_columns(literal(name), func.count())


def _rows(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[TestimonyRow]:
    known = cards(session, viewer, ids)
    unheard = _per_testimony(session, select(Redaction.testimony_id).where(Redaction.heard_at.is_(None)), ids)
    elsewhere = _per_testimony(session, select(MarkedText.testimony_id).where(MarkedText.kept_by_id.is_(None)), ids)
    asked = _per_testimony(session, select(AccessRequest.testimony_id).where(AccessRequest.state == "open"), ids)
    unlistened = set(
        session.scalars(select(Testimony.id).where(Testimony.id.in_(ids), Testimony.heard_through_at.is_(None)))
    )
    marked = set(session.scalars(select(Redaction.testimony_id).where(Redaction.testimony_id.in_(ids)).distinct()))
    approved = _approved(session, ids)
    events: dict[str, list[ConsentEvent]] = {}
    ledger = select(ConsentEvent).where(ConsentEvent.testimony_id.in_(ids)).order_by(ConsentEvent.seq)
    for event in session.scalars(ledger):
        events.setdefault(event.testimony_id, []).append(event)
    moment = clock.moment(session)
    rows = []
    for one in (known[testimony_id] for testimony_id in ids if testimony_id in known):
        own = events.get(one.id, [])
        holds = effective_consent(own)
        state = ConsentState(
            one.id,
            grants=holds.grants,
            approved=one.id in approved,
            marks=one.id in marked,
            heard=one.id not in unheard,
            heard_through=one.id not in unlistened,
        )
        rows.append(
            TestimonyRow(
                card=one,
                reach=_reach(state, moment),
                suspended=holds.suspended,
                until=_closes(moment, holds.grants),
                method=own[-1].method if own else "",
                unheard=unheard.get(one.id, 0),
                unlistened=one.id in unlistened and sounds_outside(holds.grants),
                elsewhere=elsewhere.get(one.id, 0),
                asked=asked.get(one.id, 0),
            )
        )
    return rows


def _per_testimony(session: Session, of: Select[str], ids: Sequence[str]) -> dict[str, int]:
    column = of.selected_columns[0]
    rows = session.execute(of.add_columns(func.count()).where(column.in_(ids)).group_by(column))
    return {row[0]: row[1] for row in rows}


def _approved(session: Session, ids: Sequence[str]) -> set[str]:
    versions = select(TranscriptVersion.testimony_id).where(
        TranscriptVersion.testimony_id.in_(ids),
        TranscriptVersion.stage == "approved",
        TranscriptVersion.translates_id.is_(None),
    )
    return set(session.scalars(versions.distinct()))


def _reach(state: ConsentState, at: Moment) -> str:
    """The widest kind of people to whom the gate opens anything of it now."""
    open_to = {kind: forms for kind in kinds(state.grants) if (forms := _opened(state, kind, at))}
    if everyone := open_to.get(EVERYONE):
        return "listed" if everyone == {"existence"} else "public"
    if open_to.keys() & {NAMED_RESEARCHER, ANY_RESEARCHER}:
        return "researcher"
    if any(not kind.startswith(BAND) for kind in open_to):
        return "group"
    return "band" if open_to else "nobody"


def _opened(state: ConsentState, kind: str, at: Moment) -> set[str]:
    who = viewer_of_kind(kind, state.testimony_id)
    sung = set(FORM_OF_RELATION.values())
    return {form for form in FORMS if decide(state, who, form, at, SUNG_FOR if form in sung else None)}


def _closes(moment: clock.Moment, grants: Iterable[Grant]) -> date | None:
    ends = [grant.end for grant in grants if grant.end and not moment.ended(grant.end)]
    return time_zone.last_day(min(ends)) if ends else None
