"""The rule of the gate, as a pure function: who may have which form of a testimony, and why.

It starts from *no*. Nothing here reads a database or a clock, so that the rule can be read, tested and reasoned about
in one place; `archive.access.gate` states the same rule in SQL, and a property test holds the two together.

Reading the rule:

- A withdrawn testimony is nothing, to anyone.
- No form implies another, except that whoever may read the full transcript may read the redacted one.
- What tells that a testimony exists needs its listing (`existence`) as well. A quotation or a paraphrase does not:
  words may be sung whose speaker is not to be found here.
- Outside the band, machine drafts are not shown: a transcript needs an approved version. Nor is anything with marks on
  it, until somebody has listened to what the marks leave.
- Nor is the narrator's voice: nobody knows who else is named in a recording that no person has listened to until its
  end. Another's reading of her words has a hearing of its own, without which it does not stand in.
- A narrator's *yes* to everyone does not speak for other people in the story: while there are marks, nobody outside
  the band has the full transcript on the strength of a grant to the public.
- What goes out on the air is heard by everybody, everywhere, for good: only a grant that names broadcasting allows it.
- A steward has what looking after consent needs, and the decision says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive.access import reasons
from archive.access.clock import Moment

PURPOSES = ("listening", "research", "song", "campaign", "broadcast")
BY_NAME_ONLY = frozenset({"broadcast"})
"""Purposes that a grant must name; one that names no purpose is for all the others."""
LEVELS = ("country", "province", "district", "commune")
TRANSCRIPTS = frozenset({"full_transcript", "redacted_transcript"})
SOUNDS = frozenset({"original_sound", "disguised_sound"})
LISTED = frozenset({*TRANSCRIPTS, *SOUNDS, "pseudonym", "name", "place"})
STEWARD_FORMS = frozenset({"existence", *TRANSCRIPTS, *SOUNDS, "pseudonym", "place"})
HEARD_FIRST = frozenset({"redacted_transcript", *SOUNDS})
HEARD_THROUGH_FIRST = frozenset({"original_sound"})

_PURPOSES_OF = {
    "public": ("listening",),
    "researcher": ("listening", "research"),
    "band": ("listening", "song"),
    "steward": ("listening",),
}


class Unknown(LookupError):
    """There is no such thing, or the viewer may not have it; the two are told apart to nobody."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks.

    Attributes:
        role: `public`, `researcher`, `band` or `steward`.
        groups: the alliance groups of the account.
        named: ids of the testimonies for which a steward has granted this researcher's request.
    """

    account_id: str | None = None
    role: str = "public"
    groups: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @property
    def inside(self) -> bool:
        """Whether this is one of the people who make the transcripts."""
        return self.role in {"band", "steward"}

    @property
    def scope(self) -> Viewer:
        """The same viewer without a name: what two of one scope may have is the same."""
        return replace(self, account_id=None)

    @property
    def purposes(self) -> tuple[str, ...]:
        """What this viewer uses the archive for when nothing else is said."""
        return _PURPOSES_OF[self.role]

    @property
    def standing(self) -> frozenset[str]:
        """The audiences of the ledger that the viewer belongs to whatever the testimony."""
        return frozenset({"public", *self.groups, *({"band"} if self.role == "band" else ())})

    def audiences(self, testimony_id: str, form: str = "") -> frozenset[str]:
        """The audiences of the ledger that the viewer belongs to for one testimony.

        Researchers are *named*: a grant to researchers reaches those whose request for that testimony was granted.
        Only its listing reaches every signed-in researcher, who could not ask for it otherwise.
        """
        named = self.role == "researcher" and (form == "existence" or testimony_id in self.named)
        return self.standing | {"researcher"} if named else self.standing


PUBLIC = Viewer()


@dataclass(frozen=True, slots=True)
class Grant:
    """One form for one audience, perhaps for one purpose, from `start` until before `end`."""

    form: str
    audience: str
    purpose: str = ""
    start: datetime | None = None
    end: datetime | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What is known of a testimony when the gate decides.

    Attributes:
        withdrawn: withdrawn, or named by a tombstone.
        grants: what its events add up to; none while it is suspended.
        approved: a person has approved a version of its transcript.
        marks: it has redactions; `heard` says that all of them were listened to.
        heard_through: somebody of the band has listened to the recording until its end, and said so.
    """

    testimony_id: str
    withdrawn: bool = False
    grants: tuple[Grant, ...] = ()
    approved: bool = False
    marks: bool = False
    heard: bool = True
    heard_through: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, and why: a code of `archive.access.reasons`."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed

    def words(self, language: str) -> str:
        return reasons.words(self.reason, language)


UNKNOWN = Decision(False, "unknown")


def satisfied_by(form: str) -> tuple[str, ...]:
    """The forms a grant of which answers for `form`."""
    return ("redacted_transcript", "full_transcript") if form == "redacted_transcript" else (form,)


def answering(viewer: Viewer, purpose: str | None) -> frozenset[str]:
    """The purposes of grants that answer for `purpose`, or else for what the viewer's role uses the archive for."""
    asked = frozenset(viewer.purposes if purpose is None else (purpose,))
    return asked if asked <= BY_NAME_ONLY else asked | {""}


def decide(state: ConsentState, viewer: Viewer, form: str, at: Moment, purpose: str | None = None) -> Decision:
    """Whether `viewer` may have `form` of the testimony at that moment.

    Args:
        purpose: what for, one of `PURPOSES`; unless given, what the viewer's role uses the archive for.
    """
    if state.withdrawn:
        return Decision(False, "withdrawn")
    if viewer.role == "steward" and form in STEWARD_FORMS:
        return Decision(True, "steward")
    if form in LISTED:
        listed = _granted(state, viewer, "existence", at, purpose)
        if not listed:
            return Decision(False, "not-listed" if listed.reason == "not-granted" else listed.reason)
    granted = _granted(state, viewer, form, at, purpose)
    if not granted or viewer.inside:
        return granted
    if form in TRANSCRIPTS and not state.approved:
        return Decision(False, "not-approved")
    if form in HEARD_THROUGH_FIRST and not state.heard_through:
        return Decision(False, "not-heard-through")
    if form in HEARD_FIRST and not state.heard:
        return Decision(False, "not-heard")
    return granted


def _granted(state: ConsentState, viewer: Viewer, form: str, at: Moment, purpose: str | None) -> Decision:
    found = tuple(_fitting(state, viewer, form, purpose))
    open_now = [grant for grant in found if at.within(grant.start, grant.end)]
    if open_now:
        if form != "full_transcript" or viewer.inside or not state.marks:
            return Decision(True, "granted")
        mine = any(grant.audience != "public" for grant in open_now)
        return Decision(mine, "granted" if mine else "redacted")
    if any(not at.ended(grant.end) for grant in found):
        return Decision(False, "not-yet")
    return Decision(False, "ended" if found else "not-granted")


def _fitting(state: ConsentState, viewer: Viewer, form: str, purpose: str | None) -> Iterator[Grant]:
    purposes = answering(viewer, purpose)
    audiences = viewer.audiences(state.testimony_id, form)
    forms = satisfied_by(form)
    return (g for g in state.grants if g.form in forms and g.audience in audiences and g.purpose in purposes)


def finest_place(state: ConsentState, viewer: Viewer, at: Moment, purpose: str | None = None) -> str | None:
    """How exactly the place may be told, one of `LEVELS`; None where it may not be told at all.

    A grant that does not say how exactly allows the country and no more.

    Args:
        purpose: as in `decide`.
    """
    if not decide(state, viewer, "place", at, purpose):
        return None
    if viewer.role == "steward":
        return LEVELS[-1]
    open_now = (g for g in _fitting(state, viewer, "place", purpose) if at.within(g.start, g.end))
    return LEVELS[max((rank(grant.level) for grant in open_now), default=0)]


def rank(level: str) -> int:
    """How exact a level is, 0 for the country and for a level nobody knows."""
    return LEVELS.index(level) if level in LEVELS else 0


def strictest(decisions: Iterable[Decision]) -> Decision:
    """The first *no*, or the first *yes* when there is none; without any decision, *no*: it has no parent."""
    answers = tuple(decisions) or (Decision(False, "no-parent"),)
    return next((answer for answer in answers if not answer.allowed), answers[0])
