"""Consent in the words a narrator would use, in her language: what holds, and what a change would change.

A steward reads these sentences to the narrator before anything is written down, so they say who may do what and until
which day, and never the ledger's own terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from archive.access.clock import PHNOM_PENH
from archive.access.gate import Unknown, consent_state
from archive.access.rule import BY_NAME_ONLY, Grant
from archive.consent import holds
from archive.consent.decisions import standing_of
from archive.consent.effective import after, checked
from archive.language.messages import Message
from archive.models.consent import AUDIENCES, FORMS

LANGUAGES = ("km", "en")
_MAY = {
    "existence": Message("know that this testimony is here"),
    "original_sound": Message("hear the narrator's own voice"),
    "disguised_sound": Message("hear it in another voice"),
    "full_transcript": Message("read every word"),
    "redacted_transcript": Message("read it with some parts taken out"),
    "quotation": Message("hear these words in a song"),
    "paraphrase": Message("hear the story told in other words"),
    "pseudonym": Message("see the name the narrator chose"),
    "name": Message("see the real name"),
    "place": Message("know the place, as far as the {level}"),
}
_LEVELS = {
    "country": Message("country"),
    "province": Message("province"),
    "district": Message("district"),
    "commune": Message("commune or factory"),
}
_WHO = {
    "band": Message("the band"),
    "MB": Message("the band"),
    "WNU": Message("WNU", "a group"),
    "WIC": Message("WIC", "a group"),
    "SAC": Message("SAC", "a group"),
    "researcher": Message("researchers who were let in by name"),
}
_ANY_RESEARCHER = Message("researchers with an account")
_FOR = {
    "listening": Message(", to listen"),
    "research": Message(", for research"),
    "song": Message(", to make songs"),
    "campaign": Message(", for campaigns"),
    "broadcast": Message(", on radio and television"),
}
_FRAMES = {
    "nobody": Message("Nobody may {what}."),
    "everyone": Message("Everyone may {what}{purpose}{when}."),
    "only": Message("Only {who} may {what}{purpose}{when}."),
    "some": Message("{who} may {what}{purpose}{when}."),
}
_OFF_AIR = Message("This does not include radio and television.")
_SUNG = frozenset({"quotation", "paraphrase"})
_WHEN = {
    "from": Message(", from {day}"),
    "until": Message(", until {day}"),
}
_AND = Message(" and ", "audiences")
_MONTHS = (
    Message("January", "a month"),
    Message("February", "a month"),
    Message("March", "a month"),
    Message("April", "a month"),
    Message("May", "a month"),
    Message("June", "a month"),
    Message("July", "a month"),
    Message("August", "a month"),
    Message("September", "a month"),
    Message("October", "a month"),
    Message("November", "a month"),
    Message("December", "a month"),
)
_DAY = Message("{day} {month} {year}")
_LATIN_BEFORE_KHMER = re.compile(r"(?<=[A-Za-z])(?=[\u1780-\u17ff])")
_Condition = tuple[str, datetime | None, datetime | None, str]


@dataclass(frozen=True, slots=True)
class FormChange:
    """What one form allows before and after, in sentences."""

    form: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen if a change were written down; nothing is, by looking.

    Attributes:
        changes: only the forms whose sentence changes.
        songs: with the lines that would be held at once.
    """

    changes: tuple[FormChange, ...]
    songs: tuple[holds.SongUse, ...]


def preview(
    session: Session, testimony_id: str, kind: str, grants: Iterable[Grant] = (), language: str = "km"
) -> Preview:
    """What an event of this kind with these grants would change.

    Raises:
        Unknown: there is no such testimony.
        NotAGrant: a grant means nothing.
    """
    if consent_state(session, testimony_id) is None:
        raise Unknown("There is no such testimony.")
    before = standing_of(session, testimony_id)
    then = after(before, kind, checked(grants))
    spoken = [(form, says(form, before.grants, language), says(form, then.grants, language)) for form in FORMS]
    changes = tuple(FormChange(form, old, new) for form, old, new in spoken if old != new)
    return Preview(changes, tuple(holds.songs_falling(session, testimony_id, then.grants)))


def at_a_glance(grants: Iterable[Grant], language: str = "km") -> list[str]:
    """One sentence for each form, in the ledger's order: who may have what, from when, until when."""
    grants = tuple(grants)
    return [says(form, grants, language) for form in FORMS]


def says_of(grant: Grant, language: str = "km") -> str:
    """What one grant allows, in a sentence that leaves the others open."""
    return _sentence(grant.form, (grant.purpose, grant.start, grant.end, grant.level), {grant.audience}, language)


def says(form: str, grants: Iterable[Grant], language: str = "km") -> str:
    """Who may have one form, in one sentence for each set of conditions.

    What everyone may hear in a song may not go out on the air for that; nobody would know unless it is said.
    """
    grants = tuple(grants)
    groups: dict[_Condition, set[str]] = {}
    for grant in grants:
        if grant.form == form:
            groups.setdefault((grant.purpose, grant.start, grant.end, grant.level), set()).add(grant.audience)
    if not groups:
        return _FRAMES["nobody"].said(language, what=_what(form, "country", language))
    ordered = sorted(groups.items(), key=lambda group: tuple(str(part or "") for part in group[0]))
    sentences = [_sentence(form, key, who, language, alone=len(groups) == 1) for key, who in ordered]
    if _off_air(form, grants):
        sentences.append(_OFF_AIR.said(language))
    return " ".join(sentences)


def _off_air(form: str, grants: tuple[Grant, ...]) -> bool:
    purposes = {grant.purpose for grant in grants if (grant.form, grant.audience) == (form, "public")}
    return form in _SUNG and bool(purposes) and not purposes & BY_NAME_ONLY


def _sentence(form: str, condition: _Condition, audiences: set[str], language: str, *, alone: bool = False) -> str:
    purpose, start, end, level = condition
    frame = "everyone" if "public" in audiences else "only" if alone else "some"
    names = dict.fromkeys(_who(one, form).said(language) for one in AUDIENCES if one in audiences and one != "public")
    sentence = _FRAMES[frame].said(
        language,
        who=_AND.said(language).join(names),
        what=_what(form, level, language),
        purpose=_FOR[purpose].said(language) if purpose else "",
        when=_when(start, end, language),
    )
    sentence = _LATIN_BEFORE_KHMER.sub(" ", sentence)
    return sentence[0].upper() + sentence[1:]


def _who(audience: str, form: str) -> Message:
    # Whoever may ask for a testimony must be able to see that it is there.
    return _ANY_RESEARCHER if audience == "researcher" and form == "existence" else _WHO[audience]


def _what(form: str, level: str, language: str) -> str:
    return _MAY[form].said(language, level=_LEVELS[level or "country"].said(language))


def _when(start: datetime | None, end: datetime | None, language: str) -> str:
    first = _WHEN["from"].said(language, day=day(start, language)) if start else ""
    # An end is the first moment that is closed; people name the last day that is open.
    last = _WHEN["until"].said(language, day=day(end - timedelta(microseconds=1), language)) if end else ""
    return first + last


def day(moment: datetime, language: str) -> str:
    """The day of a moment in Cambodia, written out."""
    local = moment.astimezone(PHNOM_PENH)
    month = _MONTHS[local.month - 1].said(language)
    return _DAY.said(language, day=local.day, month=month, year=local.year)
