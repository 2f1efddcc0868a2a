"""What a steward wants to write down, read from a form before anything is.

The same fields go from the form to the preview and from the preview to the ledger, so that what was read out to the
narrator is what is written. An answer is one of the usual ones, or what is allowed is said one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from werkzeug.datastructures import MultiDict

from archive.access.rule import Grant
from archive.catalogue.descriptions import CONSENTS
from archive.consent import effective
from archive.consent.decisions import ConsentGiven
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models.consent import METHODS
from archive.pages import steward_desk
from archive.time_zone import closes_after, opens_on
from web.site.language import language
from web.site.moments import NotAMoment, written_moment

KINDS: Final = ("narrow", "grant", "suspend", "reconfirm", "restrict", "destroy")
WITH_ANSWER: Final = frozenset({"narrow", "grant"})
WITHDRAWING: Final = frozenset({"restrict", "destroy"})
ONE_BY_ONE: Final = "one-by-one"
LONGEST_NOTE: Final = 500
MOST_GRANTS: Final = 120
ROW: Final = ("form", "audience", "purpose", "start", "end", "level")


class NotSaid(ArchiveError, ValueError):
    """The form leaves out, or muddles, something that must be said."""


@dataclass(frozen=True, slots=True)
class ConsentWish:
    """A change that a narrator asks for.

    Attributes:
        kind: one of `KINDS`; the last two withdraw.
        answer: which of the usual answers holds afterwards, or is added; `ONE_BY_ONE` where `single` says it.
        evidence: from where to where in the recording she says so, in milliseconds.
    """

    kind: str
    answer: str
    until: date | None
    method: str
    evidence: tuple[int, int] | None
    note: str
    single: tuple[Grant, ...] = ()

    @property
    def event(self) -> str:
        """The kind of event in the ledger."""
        return "withdraw" if self.kind in WITHDRAWING else self.kind

    @property
    def grants(self) -> tuple[Grant, ...]:
        if self.answer == ONE_BY_ONE:
            return self.single
        return steward_desk.proposed(self.answer, self.until) if self.answer else ()

    @property
    def opens_sound(self) -> bool:
        """Whether it leaves, or makes, the narrator's voice one that is heard outside the band."""
        return effective.sounds_outside(self.grants)

    def given(self, account_id: str, blob: str | None = None) -> ConsentGiven:
        said: dict[str, object] = {}
        if self.evidence:
            said |= {"start_ms": self.evidence[0], "end_ms": self.evidence[1]}
        if blob:
            said["blob"] = blob
        return ConsentGiven(self.method, account_id, said, script_language=language(), note=self.note)

    def fields(self) -> list[tuple[str, str]]:
        """The form's fields again, to be sent on."""
        start, end = self.evidence or (None, None)
        return [
            ("kind", self.kind),
            ("answer", self.answer),
            ("until", self.until.isoformat() if self.until else ""),
            ("method", self.method),
            ("from_s", "" if start is None else f"{start / 1000:.3f}"),
            ("to_s", "" if end is None else f"{end / 1000:.3f}"),
            ("note", self.note),
            *(("keep", written(grant)) for grant in self.single),
        ]


def read(form: MultiDict[str, str], *, kind: str | None = None) -> ConsentWish:
    """The wish in a form.

    Args:
        kind: where the page leaves no choice of it.

    Raises:
        NotSaid: something is missing or cannot be.
    """
    kind, method, answer = kind or form.get("kind", ""), form.get("method", ""), form.get("answer", "")
    if kind not in KINDS:
        raise NotSaid(Message("Choose what the narrator wants."))
    if method not in METHODS:
        raise NotSaid(Message("Choose how the narrator said so."))
    if answer not in CONSENTS and answer != ONE_BY_ONE and (answer or kind in WITH_ANSWER):
        raise NotSaid(Message("Choose one of the answers."))
    if kind not in WITH_ANSWER and kind != "reconfirm":
        answer = ""
    until = _day(form.get("until", "")) if answer in CONSENTS else None
    note = " ".join(form.get("note", "").split())[:LONGEST_NOTE]
    single = _single(form) if answer == ONE_BY_ONE else ()
    return ConsentWish(kind, answer, until, method, _span(form), note, single)


def _single(form: MultiDict[str, str]) -> tuple[Grant, ...]:
    """The grants that were kept, and those in the rows of the form that were filled in."""
    rows = zip(*(form.getlist(name) for name in ROW), strict=False)
    kept = [_grant(dict(zip(ROW, text.split("|"), strict=False))) for text in form.getlist("keep")]
    added = [_grant(dict(zip(ROW, row, strict=True)), days=True) for row in rows if row[0]]
    if not kept and not added:
        raise NotSaid(Message("Say at least one thing that is allowed."))
    if len(kept) + len(added) > MOST_GRANTS:
        raise NotSaid(Message("That is too much at once."))
    return tuple(dict.fromkeys([*kept, *added]))


def _grant(row: dict[str, str], *, days: bool = False) -> Grant:
    if days:
        first, last = _day(row.get("start", "")), _day(row.get("end", ""))
        if first and last and last < first:
            raise NotSaid(Message("The last day must not come before the first."))
        row = row | {"start": opens_on(first).isoformat() if first else ""}
        row |= {"end": closes_after(last).isoformat() if last else ""}
        row |= {"level": row.get("level", "") if row["form"] == "place" else ""}
    try:
        return effective.read(row)
    except effective.NotAGrant:
        raise NotSaid(Message("A row is not whole: it must say what, and who may have it.")) from None


def written(grant: Grant) -> str:
    """A grant as one field of a form."""
    row = effective.write(grant)
    return "|".join(str(row[name] or "") for name in ROW)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NotSaid(Message("Write a day as 2027-03-31.")) from None


def _span(form: MultiDict[str, str]) -> tuple[int, int] | None:
    texts = [form.get(name, "").strip() for name in ("from_s", "to_s")]
    if not any(texts):
        return None
    try:
        start, end = (written_moment(text) for text in texts)
    except NotAMoment:
        raise NotSaid(Message("Write both moments as the page shows them, 0:27, or in seconds.")) from None
    if end <= start:
        raise NotSaid(Message("The end must come after the beginning."))
    return start, end
