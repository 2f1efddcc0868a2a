"""Consent in the words a narrator would use, in Khmer and in English: what holds, and what a change would change.

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
from archive.models.consent import AUDIENCES, FORMS

LANGUAGES = ("km", "en")
_MAY = {
    "existence": {"km": "ដឹងថាមានទីបន្ទាល់នេះ", "en": "know that this testimony is here"},
    "original_sound": {"km": "ស្ដាប់សំឡេងពិតរបស់អ្នកនិទាន", "en": "hear the narrator's own voice"},
    "disguised_sound": {"km": "ស្ដាប់ជាសំឡេងផ្សេង", "en": "hear it in another voice"},
    "full_transcript": {"km": "អានគ្រប់ពាក្យទាំងអស់", "en": "read every word"},
    "redacted_transcript": {"km": "អានអត្ថបទដែលបានលុបផ្នែកខ្លះចេញ", "en": "read it with some parts taken out"},
    "quotation": {"km": "ឮពាក្យទាំងនេះក្នុងបទចម្រៀង", "en": "hear these words in a song"},
    "paraphrase": {"km": "ឮរឿងនេះនិទានដោយពាក្យផ្សេង", "en": "hear the story told in other words"},
    "pseudonym": {"km": "ឃើញឈ្មោះដែលអ្នកនិទានបានជ្រើស", "en": "see the name the narrator chose"},
    "name": {"km": "ឃើញឈ្មោះពិត", "en": "see the real name"},
    "place": {"km": "ដឹងទីកន្លែង ត្រឹម{level}", "en": "know the place, as far as the {level}"},
}
_LEVELS = {
    "country": {"km": "ប្រទេស", "en": "country"},
    "province": {"km": "ខេត្ត", "en": "province"},
    "district": {"km": "ស្រុក", "en": "district"},
    "commune": {"km": "ឃុំ ឬរោងចក្រ", "en": "commune or factory"},
}
_WHO = {
    "band": {"km": "ក្រុមអ្នកនាំសារ", "en": "the band"},
    "MB": {"km": "ក្រុមអ្នកនាំសារ", "en": "the band"},
    "WNU": {"km": "ក្រុម WNU", "en": "WNU"},
    "WIC": {"km": "ក្រុម WIC", "en": "WIC"},
    "SAC": {"km": "ក្រុម SAC", "en": "SAC"},
    "researcher": {"km": "អ្នកស្រាវជ្រាវដែលបានទទួលការអនុញ្ញាត", "en": "researchers who were let in by name"},
}
_ANY_RESEARCHER = {"km": "អ្នកស្រាវជ្រាវដែលមានគណនី", "en": "researchers with an account"}
_FOR = {
    "": {"km": "", "en": ""},
    "listening": {"km": " សម្រាប់ស្ដាប់", "en": ", to listen"},
    "research": {"km": " សម្រាប់ការស្រាវជ្រាវ", "en": ", for research"},
    "song": {"km": " សម្រាប់ធ្វើបទចម្រៀង", "en": ", to make songs"},
    "campaign": {"km": " សម្រាប់យុទ្ធនាការ", "en": ", for campaigns"},
    "broadcast": {"km": " សម្រាប់ផ្សាយតាមវិទ្យុ និងទូរទស្សន៍", "en": ", on radio and television"},
}
_FRAMES = {
    "nobody": {"km": "គ្មានអ្នកណាអាច{what}បានទេ។", "en": "Nobody may {what}."},
    "everyone": {"km": "អ្នកណាក៏អាច{what}បាន{purpose}{when}។", "en": "Everyone may {what}{purpose}{when}."},
    "only": {"km": "មានតែ{who}ប៉ុណ្ណោះដែលអាច{what}បាន{purpose}{when}។", "en": "Only {who} may {what}{purpose}{when}."},
    "some": {"km": "{who}អាច{what}បាន{purpose}{when}។", "en": "{who} may {what}{purpose}{when}."},
}
_OFF_AIR = {
    "km": "នេះមិនរួមបញ្ចូលវិទ្យុ និងទូរទស្សន៍ទេ។",
    "en": "This does not include radio and television.",
}
_SUNG = frozenset({"quotation", "paraphrase"})
_WHEN = {
    "from": {"km": " ចាប់ពី{day}", "en": ", from {day}"},
    "until": {"km": " រហូតដល់{day}", "en": ", until {day}"},
}
_AND = {"km": " និង", "en": " and "}
_MONTHS = {
    "km": ["មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ"],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_LATIN_BEFORE_KHMER = re.compile(r"(?<=[A-Za-z])(?=[\u1780-\u17ff])")
_KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
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
        return _FRAMES["nobody"][language].format(what=_what(form, "country", language))
    ordered = sorted(groups.items(), key=lambda group: tuple(str(part or "") for part in group[0]))
    sentences = [_sentence(form, key, who, language, alone=len(groups) == 1) for key, who in ordered]
    if _off_air(form, grants):
        sentences.append(_OFF_AIR[language])
    return " ".join(sentences)


def _off_air(form: str, grants: tuple[Grant, ...]) -> bool:
    purposes = {grant.purpose for grant in grants if (grant.form, grant.audience) == (form, "public")}
    return form in _SUNG and bool(purposes) and not purposes & BY_NAME_ONLY


def _sentence(form: str, condition: _Condition, audiences: set[str], language: str, *, alone: bool = False) -> str:
    purpose, start, end, level = condition
    frame = "everyone" if "public" in audiences else "only" if alone else "some"
    names = dict.fromkeys(_who(one, form)[language] for one in AUDIENCES if one in audiences and one != "public")
    sentence = _FRAMES[frame][language].format(
        who=_AND[language].join(names),
        what=_what(form, level, language),
        purpose=_FOR[purpose][language],
        when=_when(start, end, language),
    )
    sentence = _LATIN_BEFORE_KHMER.sub(" ", sentence)
    return sentence[0].upper() + sentence[1:]


def _who(audience: str, form: str) -> dict[str, str]:
    # Whoever may ask for a testimony must be able to see that it is there.
    return _ANY_RESEARCHER if audience == "researcher" and form == "existence" else _WHO[audience]


def _what(form: str, level: str, language: str) -> str:
    return _MAY[form][language].format(level=_LEVELS[level or "country"][language])


def _when(start: datetime | None, end: datetime | None, language: str) -> str:
    first = _WHEN["from"][language].format(day=day(start, language)) if start else ""
    # An end is the first moment that is closed; people name the last day that is open.
    last = _WHEN["until"][language].format(day=day(end - timedelta(microseconds=1), language)) if end else ""
    return first + last


def day(moment: datetime, language: str) -> str:
    """The day of a moment in Cambodia, written out."""
    local = moment.astimezone(PHNOM_PENH)
    month = _MONTHS[language][local.month - 1]
    if language == "en":
        return f"{local.day} {month} {local.year}"
    return f"ថ្ងៃទី{local.day} ខែ{month} ឆ្នាំ{local.year}".translate(_KHMER_DIGITS)
