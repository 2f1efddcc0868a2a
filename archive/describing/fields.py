"""The fields that can be corrected, each with how it is read from what somebody wrote, kept, and put in its place.

What is kept is a text: a code, an id, EDTF, or the words themselves. So a field's value before and after a change can
be laid into the history and put back from there. Names that a narrator chose are not among the fields: they are hers,
and are changed on her page. What she allowed is not either: that is written into the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.access.rule import LEVELS
from archive.catalogue import parts, tagging
from archive.catalogue.campaigns import campaign_named, campaigns
from archive.catalogue.field_values import CHOICES, DescriptionInvalid, choose, read_day, read_place, read_text
from archive.days import Day
from archive.language.messages import Message
from archive.models import Campaign, Narrator, Tagging, Term, Testimony
from archive.narrators import known, records
from archive.narrators.records import CannotMove

TEXTS = ("title_km", "title_en", "synopsis_km", "synopsis_en", "setting")
OF_THE_NARRATOR = ("community", "province", "district")
"""Said of her, and so of everything she told."""
FIELDS = (*TEXTS, "language", "recorded_on", "collected_by", "campaign", "themes", "narrator", "part", *OF_THE_NARRATOR)
_OF_A_PLACE = {"province": "province", "district": "district", "setting": "district"}
"""Field -> how exactly the place must be told to whoever sees it; where it was told is free text that may name one."""
NEW = "+"
"""Before the name of a campaign that is made when the change is."""
_NO_NARRATOR = Message("there is no such narrator")
_NO_THEME = Message("“{value}” is no theme that can be set here")
_CANNOT_MOVE: Mapping[str, Message] = {
    "code": Message("she, or the other woman, has a code of her own: a steward decides whose this is"),
    "name": Message("her name would be told to more people than she allowed"),
    "place": Message("her place would be told to more people than she allowed"),
    "community": Message("her community would be told to more people than she allowed"),
    "legal-name": Message("her real name in the vault could be told to more people than she allowed"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """A testimony under correction, its rows locked, and who corrects it."""

    session: Session
    viewer: Viewer
    testimony: Testimony

    @property
    def narrator(self) -> Narrator:
        return self.testimony.narrator


def fields_for(session: Session, viewer: Viewer, testimony_id: str) -> tuple[str, ...]:
    """The fields that this viewer may see and correct: of a name or a place that may not be told, nothing.

    Raises:
        Unknown: there is no such testimony, or this viewer is not of those who work on it.
    """
    gate.require(session, viewer, testimony_id, "existence")
    if not viewer.inside:
        raise Unknown("There is no such thing here.")
    hidden = set() if gate.may(session, viewer, testimony_id, "pseudonym") else {"narrator", "part"}
    level = gate.place_level(session, viewer, testimony_id)
    told = -1 if level is None else LEVELS.index(level)
    hidden |= {field for field, needed in _OF_A_PLACE.items() if told < LEVELS.index(needed)}
    return tuple(field for field in FIELDS if field not in hidden)


def undone_by(session: Session, viewer: Viewer, testimony_id: str) -> frozenset[str]:
    """The fields that this viewer may put back: a district goes and comes with its province. Raises Unknown."""
    mine = frozenset(fields_for(session, viewer, testimony_id))
    return mine | {"district"} if "province" in mine else mine


def current(session: Session, testimony: Testimony) -> dict[str, str]:
    """Every field as it is kept now."""
    return kept_with(testimony, _themes(session, testimony.id))


def kept_with(testimony: Testimony, themes: Sequence[str]) -> dict[str, str]:
    """As `current`, where the ids of its themes are known already."""
    narrator = testimony.narrator
    return {
        **{field: getattr(testimony, field) for field in (*TEXTS, "language", "collected_by")},
        "recorded_on": str(testimony.recorded_on or ""),
        "campaign": testimony.campaign_id or "",
        "themes": " ".join(themes),
        "narrator": testimony.narrator_id,
        "part": parts.kept_part(testimony),
        "community": narrator.community,
        "province": narrator.province or "",
        "district": narrator.district or "",
    }


def _themes(session: Session, testimony_id: str) -> list[str]:
    confirmed = (
        select(Tagging.term_id)
        .join(Term)
        .where(Tagging.testimony_id == testimony_id, Tagging.state == "confirmed", Term.kind == "theme")
    )
    return sorted(set(session.scalars(confirmed)))


def read(of: Described, field: str, raw: str) -> str:
    """What somebody wrote into a field, as it would be kept; nothing is changed. A place is read by `read_places`.

    Raises:
        DescriptionInvalid: it cannot be so.
    """
    text = read_text(field, raw)
    if field in CHOICES:
        return choose(field, text, CHOICES[field])
    if field == "recorded_on":
        return str(read_day(text)) if text else ""
    if field == "campaign":
        return _read_campaign(of, text) if text else ""
    if field == "themes":
        return _read_themes(of, text)
    if field == "narrator":
        return _read_narrator(of, text)
    if field == "part":
        return parts.read_part(text)
    return " ".join(text.split()) if field in ("title_km", "title_en", "setting") else text


def read_places(given: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Province and district of which one or both were written; another province alone leaves no district.

    Raises:
        DescriptionInvalid: there is none such.
    """
    province = read_text("province", given["province"]) if "province" in given else now["province"]
    if "district" in given:
        district = read_text("district", given["district"])
    else:
        district = now["district"] if read_place(province, "")[0] == (now["province"] or None) else ""
    codes = read_place(province, district)
    return {"province": codes[0] or "", "district": str(codes[1] or "")}


def _read_campaign(of: Described, text: str) -> str:
    """The id of a campaign that this person may know of, by id or name; else its name, to be made."""
    offered = list(of.session.scalars(select(Campaign).where(Campaign.id == of.testimony.campaign_id)))
    if of.viewer.role == "steward":
        offered += of.session.scalars(select(Campaign).order_by(Campaign.id))
    else:
        offered += campaigns(of.session, of.viewer)
    wanted = text.removeprefix(NEW).strip()
    for one in offered:  # its own comes first: of two with one name it stays the one it is
        if wanted in {one.id, one.name_km, one.name_en}:
            return one.id
    return f"{NEW}{wanted}"


def _read_themes(of: Described, text: str) -> str:
    wanted = sorted(set(text.replace(",", " ").replace(";", " ").split()))
    for one in wanted:
        if not tagging.offered(of.session, of.testimony.id, one):
            raise DescriptionInvalid(_NO_THEME, "themes", value=one)
    return " ".join(wanted)


def _read_narrator(of: Described, text: str) -> str:
    if text == of.testimony.narrator_id:
        return text
    try:
        return known.one(of.session, of.viewer, text).id
    except Unknown:
        raise DescriptionInvalid(_NO_NARRATOR, "narrator") from None


def put(of: Described, field: str, value: str) -> str:
    """Put what is kept into its place; returns it as it stands there then.

    Raises:
        DescriptionInvalid: it cannot be there any more, or may not.
    """
    testimony = of.testimony
    if field == "recorded_on":
        testimony.recorded_on = Day.of(value) if value else None
    elif field == "campaign":
        if value.startswith(NEW):
            value = campaign_named(of.session, value.removeprefix(NEW)) or ""
        found = of.session.get(Campaign, value) if value else None
        value = found.id if found is not None else ""
        testimony.campaign_id = value or None
    elif field == "themes":
        _put_themes(of, set(value.split()))
    elif field == "narrator":
        _put_narrator(of, value)
    elif field == "part":
        parts.put_part(testimony, value)
    elif field in OF_THE_NARRATOR:
        setattr(of.narrator, field, value if field == "community" else value or None)
    else:
        setattr(testimony, field, value)
    of.session.flush()
    return value


def _put_themes(of: Described, wanted: set[str]) -> None:
    there = set(_themes(of.session, of.testimony.id))
    by_id = of.viewer.account_id
    for one in sorted(there ^ wanted):
        tagging.decide(of.session, of.testimony.id, one, by_id, confirm=one in wanted)


def _put_narrator(of: Described, narrator_id: str) -> None:
    steward = of.viewer.role == "steward"
    try:
        records.move(of.session, of.testimony.id, narrator_id, of.viewer.account_id, steward=steward)
    except CannotMove as error:
        raise DescriptionInvalid(_CANNOT_MOVE[error.reasons[0]], "narrator") from None
    except Unknown:
        raise DescriptionInvalid(_NO_NARRATOR, "narrator") from None
    of.session.refresh(of.testimony, ["narrator", "narrator_id"])
