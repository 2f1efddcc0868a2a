"""Consent in the words a narrator would use, in her language: what holds, and what a change would change.

A steward reads these sentences to the narrator before anything is written down, so they say who may do what and until
which day, and never the ledger's own terms. They are made of what the gate answers (`archive.access.answers`) and not
of the grants: with marks on it, or before anybody has listened, the same grants open less.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from archive import time_zone
from archive.access import clock
from archive.access.answers import (
    ANY_RESEARCHER,
    BAND,
    EVERYONE,
    NAMED_RESEARCHER,
    ROLES,
    WHOLE_VOICE,
    GateAnswer,
    answers,
    in_group,
)
from archive.access.clock import Moment
from archive.access.gate import Unknown, consent_state
from archive.access.rule import BY_NAME_ONLY, STEWARD_FORMS, ConsentState, Grant, Viewer, decide
from archive.consent import holds
from archive.consent.decisions import standing_of
from archive.consent.effective import after, checked
from archive.language.messages import Message
from archive.models.account import GROUPS
from archive.models.consent import FORMS

LANGUAGES = ("km", "en")
_MAY = {
    "existence": Message("know that this testimony is here"),
    "original_sound": Message("hear the narrator's own voice"),
    "disguised_sound": Message("hear it in another voice"),
    "full_transcript": Message("read every word, even what is taken out"),
    "redacted_transcript": Message("read the words without what is taken out"),
    "quotation": Message("hear these words in a song"),
    "paraphrase": Message("hear the story told in other words"),
    "pseudonym": Message("see the name the narrator chose"),
    "name": Message("see the real name"),
    "place": Message("know the place, as far as the {level}"),
}
# While nothing is marked, nothing is missing: "without" would say that there is something.
_UNMARKED = {"redacted_transcript": Message("read the words")}
_NOTHING_OUT = Message("Nothing is taken out of them so far.")
_MARKED = {
    WHOLE_VOICE: Message("hear the narrator's own voice, even what is taken out"),
    "original_sound": Message("hear the narrator's own voice without what is taken out"),
}
_LEVELS = {
    "country": Message("country"),
    "province": Message("province"),
    "district": Message("district"),
    "commune": Message("commune or factory"),
}
_WHO = {
    BAND: Message("the band"),
    "MB": Message("MB", "a group"),
    "WNU": Message("WNU", "a group"),
    "WIC": Message("WIC", "a group"),
    "SAC": Message("SAC", "a group"),
    NAMED_RESEARCHER: Message("researchers who were let in by name"),
    ANY_RESEARCHER: Message("researchers with an account"),
}
_IN_GROUP = {
    BAND: Message("those of the band who are in {group}"),
    NAMED_RESEARCHER: Message("researchers who were let in by name and are in {group}"),
    ANY_RESEARCHER: Message("researchers who are in {group}"),
}
_FOR = {
    "listening": Message(", to listen"),
    "research": Message(", for research"),
    "song": Message(", to make songs"),
    "campaign": Message(", for campaigns"),
    "broadcast": Message(", on radio and television"),
}
_ONCE = {
    "not-approved": Message(", once a person has approved the words"),
    "not-heard-through": Message(", once somebody of the band has listened to the end"),
    "not-heard": Message(", once somebody has listened to what was taken out"),
}
_FRAMES = {
    "nobody": Message("Nobody may {what}."),
    "everyone": Message("Everyone may {what}{purpose}{when}."),
    "only": Message("Only {who} may {what}{purpose}{when}."),
    "some": Message("{who} may {what}{purpose}{when}."),
}
_STEWARDS = Message(
    "The stewards, who look after this, may always know of it, read it, hear it and see the songs made of it; "
    "the rest is said of everybody else."
)
_OVER = Message("That time is over.")
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
    state = consent_state(session, testimony_id)
    if state is None:
        raise Unknown("There is no such testimony.")
    then = after(standing_of(session, testimony_id), kind, checked(grants))
    later = replace(state, grants=then.grants, withdrawn=then.withdrawn)
    at = clock.moment(session)
    spoken = [(form, says(form, state, at, language), says(form, later, at, language)) for form in FORMS]
    changes = tuple(FormChange(form, old, new) for form, old, new in spoken if old != new)
    return Preview(changes, tuple(holds.songs_falling(session, testimony_id, then.grants)))


def decided(session: Session, testimony_id: str, language: str = "km", forms: Iterable[str] = FORMS) -> tuple[str, ...]:
    """One passage for each form, in the ledger's order: who may have what, from when, until when; then the stewards."""
    state = consent_state(session, testimony_id) or ConsentState(testimony_id, withdrawn=True)
    return at_a_glance(state, clock.moment(session), language, forms)


def allowing(session: Session, testimony_id: str, grants: Iterable[Grant], language: str = "km") -> tuple[str, ...]:
    """As `decided`, if exactly this were allowed from now on."""
    state = consent_state(session, testimony_id) or ConsentState(testimony_id)
    would = replace(state, withdrawn=False, grants=tuple(grants))
    return at_a_glance(would, clock.moment(session), language)


def each_allowed(
    session: Session, testimony_id: str, grants: Iterable[Grant], language: str = "km"
) -> list[tuple[Grant, str]]:
    """What each of these grants opens of itself, with all that is so of the testimony now."""
    state = consent_state(session, testimony_id) or ConsentState(testimony_id)
    at = clock.moment(session)
    return [(grant, says_of(grant, state, at, language)) for grant in grants]


def opened_by_name(session: Session, testimony_id: str, language: str = "km") -> tuple[str, ...]:
    """What a researcher has by being let in by name and not without; empty where letting in would open nothing."""
    state = consent_state(session, testimony_id) or ConsentState(testimony_id, withdrawn=True)
    at = clock.moment(session)
    named = frozenset({NAMED_RESEARCHER})
    return tuple(
        _sentence(form, replace(one, who=named), language, marks=state.marks)
        for form in FORMS
        for one in answers(state, form, at)
        if NAMED_RESEARCHER in one.who and ANY_RESEARCHER not in one.who
    )


def at_a_glance(state: ConsentState, at: Moment, language: str = "km", forms: Iterable[str] = FORMS) -> tuple[str, ...]:
    """As `decided`, of a state of consent."""
    steward = Viewer(role="steward")
    always = all(decide(state, steward, form, at) for form in STEWARD_FORMS)
    return (*(says(form, state, at, language) for form in forms), *((_STEWARDS.said(language),) if always else ()))


def says_of(grant: Grant, state: ConsentState, at: Moment, language: str = "km") -> str:
    """What one grant opens of itself, where whoever it is for may know of the testimony."""
    if at.ended(grant.end):
        return f"{_plain(grant, language)} {_OVER.said(language)}"
    known = (Grant("existence", grant.audience), Grant("existence", grant.audience, "broadcast"))
    alone = (grant,) if grant.form == "existence" else (grant, *known)
    lone = replace(state, withdrawn=False, grants=alone)
    forms = [grant.form, *(["redacted_transcript"] if grant.form == "full_transcript" and state.marks else [])]
    found = [(form, answers(lone, form, at)) for form in forms]
    said = [_sentence(form, one, language, marks=state.marks) for form, ones in found for one in ones]
    return " ".join(said) or _plain(grant, language)


def _plain(grant: Grant, language: str) -> str:
    everybody_there = (grant.form, grant.audience) == ("existence", "researcher")
    mine = (grant.audience,) if grant.audience not in GROUPS else (in_group(role, grant.audience) for role in ROLES)
    who = frozenset({ANY_RESEARCHER} if everybody_there else mine)
    answer = GateAnswer(who, grant.purpose, grant.start, grant.end, grant.level)
    return _sentence(grant.form, answer, language, marks=False)


def says(form: str, state: ConsentState, at: Moment, language: str = "km") -> str:
    """Who may have one form, in one sentence for each set of conditions.

    What everyone may hear in a song may not go out on the air for that; nobody would know unless it is said. Of a voice
    with marks it is said who hears it with them and who without; whether the words were taken out makes no difference
    to whoever may read even those.
    """
    asked = replace(state, marks=True) if form == "full_transcript" else state
    if form == "original_sound" and state.marks:
        whole, cut = answers(state, WHOLE_VOICE, at), answers(state, form, at)
        spoken = _spoken(WHOLE_VOICE, whole, language, marks=True) if whole else []
        if cut != whole or not whole:
            spoken += _spoken(form, cut, language, marks=True)
        return " ".join(spoken)
    return " ".join(_spoken(form, answers(asked, form, at), language, marks=state.marks))


def _spoken(form: str, found: list[GateAnswer], language: str, *, marks: bool) -> list[str]:
    if not found:
        return [_FRAMES["nobody"].said(language, what=_what(form, "country", language, marks=marks))]
    sentences = [_sentence(form, one, language, alone=len(found) == 1, marks=marks) for one in found]
    if _off_air(form, found):
        sentences.append(_OFF_AIR.said(language))
    if form == "redacted_transcript" and not marks:
        sentences.append(_NOTHING_OUT.said(language))
    return sentences


def _off_air(form: str, found: list[GateAnswer]) -> bool:
    purposes = {one.purpose for one in found if EVERYONE in one.who}
    return form in _SUNG and bool(purposes) and not purposes & BY_NAME_ONLY


def _sentence(form: str, answer: GateAnswer, language: str, *, marks: bool, alone: bool = False) -> str:
    frame = "everyone" if EVERYONE in answer.who else "only" if alone else "some"
    sentence = _FRAMES[frame].said(
        language,
        who=_AND.said(language).join(_named(answer.who, language)),
        what=_what(form, answer.level, language, marks=marks),
        purpose=_FOR[answer.purpose].said(language) if answer.purpose else "",
        when=_when(answer.start, answer.end, language) + "".join(_ONCE[one].said(language) for one in answer.once),
    )
    sentence = _LATIN_BEFORE_KHMER.sub(" ", sentence)
    return sentence[0].upper() + sentence[1:]


def _named(who: frozenset[str], language: str) -> list[str]:
    """The kinds of people as they are named: whoever is named already among others is not named twice."""
    said = [_WHO[role].said(language) for role in ROLES if role in who and not _among(role, who)]
    for group in GROUPS:
        mine = [role for role in ROLES if in_group(role, group) in who]
        more = [role for role in mine if role not in who and not _among(role, {*who, *mine})]
        if more and {BAND, ANY_RESEARCHER} <= set(mine):
            said.append(_WHO[group].said(language))
        else:
            said += [_IN_GROUP[role].said(language, group=_WHO[group].said(language)) for role in more]
    return said


def _among(role: str, who: Collection[str]) -> bool:
    return role == NAMED_RESEARCHER and ANY_RESEARCHER in who


def _what(form: str, level: str, language: str, *, marks: bool) -> str:
    words = (_MARKED if marks else _UNMARKED).get(form) or _MAY[form]
    return words.said(language, level=_LEVELS[level or "country"].said(language))


def _when(start: datetime | None, end: datetime | None, language: str) -> str:
    first = _WHEN["from"].said(language, day=_day(time_zone.day_of(start), language)) if start else ""
    # An end is the first moment that is closed; people name the last day that is open.
    last = _WHEN["until"].said(language, day=_day(time_zone.last_day(end), language)) if end else ""
    return first + last


def _day(day: date, language: str) -> str:
    month = _MONTHS[day.month - 1].said(language)
    return _DAY.said(language, day=day.day, month=month, year=day.year)
