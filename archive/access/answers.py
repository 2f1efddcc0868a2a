"""What the gate answers, to whom and when: its own answers, gathered so that they can be said in sentences.

Nothing is decided here. For each kind of person, each purpose and each stretch of time in which no grant begins or
ends, the rule is asked; where it says *not yet heard* or *not yet approved*, it is asked again as if that had been
done, and the answer says what it waits for. So a sentence that is read to a narrator knows no other rule than the gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.access.clock import Moment
from archive.access.rule import (
    BY_NAME_ONLY,
    LEVELS,
    PURPOSES,
    ConsentState,
    Grant,
    Viewer,
    decide,
    finest_place,
    rank,
    satisfied_by,
)
from archive.models.account import GROUPS

EVERYONE = "public"
ANY_RESEARCHER = "any-researcher"
NAMED_RESEARCHER = "researcher"
BAND = "band"
ROLES = (BAND, NAMED_RESEARCHER, ANY_RESEARCHER)
"""As whom people have an account, besides the stewards; a stranger may have nothing that any of them may not."""

WHOLE_VOICE = "whole_voice"
"""Not a form of the ledger: the voice with what is marked in it, which needs the full transcript as well."""

_DONE: dict[str, dict[str, bool]] = {
    "not-approved": {"approved": True},
    "not-heard": {"heard": True},
    "not-heard-through": {"heard_through": True},
}


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """One *yes*: all these kinds of people may have it, for this purpose, from `start` until before `end`.

    Attributes:
        who: kinds of people: a role, a role in a group as `in_group` names it, or `EVERYONE`.
        purpose: empty where it is for all but those that a grant must name.
        start: None where it is so already.
        level: of a place, how exactly.
        once: what has to happen first, as reasons of the gate.
    """

    who: frozenset[str]
    purpose: str
    start: datetime | None
    end: datetime | None
    level: str = ""
    once: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class _Run:
    """Between two days on which something changes, the same answer."""

    start: datetime | None
    end: datetime | None
    level: str
    once: tuple[str, ...]


def in_group(role: str, group: str) -> str:
    """The kind of people who have an account of this role and are in this group."""
    return f"{role}+{group}"


def kinds(grants: Iterable[Grant]) -> list[str]:
    """The kinds of people whom these grants can tell apart."""
    named = {grant.audience for grant in grants}
    groups = [group for group in GROUPS if group in named]
    return [*ROLES, *(in_group(role, group) for group in groups for role in ROLES), EVERYONE]


def viewer_of_kind(kind: str, testimony_id: str) -> Viewer:
    """Somebody of a kind, who belongs to no other audience than it must."""
    role, _, group = kind.partition("+")
    groups = frozenset({group}) if group else frozenset[str]()
    if role == EVERYONE:
        return Viewer()
    if role == BAND:
        return Viewer(role="band", groups=groups)
    return Viewer(role="researcher", groups=groups, named=frozenset({testimony_id} if role == NAMED_RESEARCHER else ()))


def answers(state: ConsentState, form: str, at: Moment) -> list[GateAnswer]:
    """Every *yes* of the gate about one form, from this moment on; empty where nobody may have it."""
    forms = ("original_sound", "full_transcript") if form == WHOLE_VOICE else (form,)
    state = replace(state, grants=_concerning(state.grants, forms))
    moments = _moments(state.grants, at)
    found: dict[tuple[str, _Run], set[str]] = {}
    for kind in kinds(state.grants):
        viewer = viewer_of_kind(kind, state.testimony_id)
        runs = {purpose: tuple(_runs(state, viewer, forms, moments, purpose)) for purpose in PURPOSES}
        for purpose, run in _said_together(runs):
            found.setdefault((purpose, run), set()).add(kind)
    ordered = sorted(found.items(), key=lambda item: (item[0][0], *_order(item[0][1])))
    return [GateAnswer(frozenset(who), purpose, r.start, r.end, r.level, r.once) for (purpose, r), who in ordered]


def _order(run: _Run) -> tuple[str, str, tuple[str, ...], int]:
    return (str(run.start or ""), str(run.end or ""), run.once, -rank(run.level))


def _concerning(grants: Iterable[Grant], forms: Sequence[str]) -> tuple[Grant, ...]:
    wanted = {"existence", *(one for form in forms for one in satisfied_by(form))}
    return tuple(grant for grant in grants if grant.form in wanted)


def _moments(grants: Iterable[Grant], at: Moment) -> list[Moment]:
    """This moment, and each later one at which an answer may change."""
    days = {day for grant in grants for day in (grant.start, grant.end) if day and day > at.clock}
    return [at, *(Moment(day, max(day, at.mark)) for day in sorted(days))]


def _runs(
    state: ConsentState, viewer: Viewer, forms: Sequence[str], moments: Sequence[Moment], purpose: str
) -> Iterator[_Run]:
    run: _Run | None = None
    for index, moment in enumerate(moments):
        said = _asked(state, viewer, forms, moment, purpose)
        if run is not None and said == (run.level, run.once):
            continue
        if run is not None:
            yield replace(run, end=moment.clock)
        run = _Run(moment.clock if index else None, None, *said) if said else None
    if run is not None:
        yield run


def _asked(
    state: ConsentState, viewer: Viewer, forms: Sequence[str], at: Moment, purpose: str
) -> tuple[str, tuple[str, ...]] | None:
    """How exactly, and what has to happen first; None where the gate says no, whatever happens."""
    once: list[str] = []
    for form in forms:
        while not _may(state, viewer, form, at, purpose):
            reason = decide(state, viewer, form, at, purpose).reason
            if reason not in _DONE:
                return None
            once.append(reason)
            state = replace(state, **_DONE[reason])  # type: ignore[arg-type]
    if "place" not in forms:
        return "", tuple(once)
    return finest_place(state, viewer, at, purpose) or finest_place(state, viewer, at) or LEVELS[0], tuple(once)


def _may(state: ConsentState, viewer: Viewer, form: str, at: Moment, purpose: str) -> bool:
    if decide(state, viewer, form, at, purpose):
        return True
    # Whoever uses the archive for two things may know of it for the one and have it for the other.
    if purpose not in viewer.purposes or not decide(state, viewer, form, at):
        return False
    return not any(decide(state, viewer, form, at, one) for one in viewer.purposes)


def _said_together(runs: dict[str, tuple[_Run, ...]]) -> Iterator[tuple[str, _Run]]:
    """What is so for every purpose but those that must be named, once without a purpose; the rest with theirs."""
    general = [set(runs[purpose]) for purpose in PURPOSES if purpose not in BY_NAME_ONLY]
    always = set.intersection(*general)
    for run in always:
        yield "", run
    for purpose, ones in runs.items():
        for run in ones:
            if purpose in BY_NAME_ONLY or run not in always:
                yield purpose, run
