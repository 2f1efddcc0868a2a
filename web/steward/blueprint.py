"""The steward's room, as an address: who comes in, and what its pages share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from archive.access import sound
from archive.access.rule import LEVELS, PURPOSES
from archive.accounts import accounts
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.descriptions import CONSENTS
from archive.consent import decisions, redaction, vault
from archive.models import Testimony
from archive.models.account import GROUPS
from archive.models.consent import AUDIENCES, FORMS
from archive.pages import steward_desk
from archive.withdrawal import own_visits
from web.site import recording_words
from web.site.guard import admit, is_steward
from web.site.language import _l, language, lazy_pgettext
from web.site.security import csrf
from web.site.uploads import path_of, takes_files
from web.site.viewer import backends, database, viewer

steward = Blueprint("steward", __name__, url_prefix="/steward")
admit(steward, "room", is_steward)

LARGEST_PAPER = 32 * 1024 * 1024


@contextmanager
def a_form_with_a_file(largest: int = LARGEST_PAPER) -> Iterator[None]:
    """Read a form that may bring a file; its token is asked for here, and not before it may be read at all."""
    request.max_content_length = largest
    with takes_files():
        csrf.protect()
        yield


def file_of(name: str) -> Path | None:
    """Where an uploaded file lies for as long as the request lasts; None where none was chosen."""
    found = request.files.get(name)
    return path_of(found.stream) if found is not None and found.filename else None


def dossier_page(testimony_id: str, wrong: str = "", *, legal_name: str | None = None) -> str:
    """The page of one testimony, with what went wrong; `legal_name` only right after it was asked for."""
    with database().read() as session:
        found = steward_desk.dossier(session, viewer(), testimony_id, language())
        return render_template(
            "steward/testimony.html",
            dossier=found,
            card=found.card,
            words=recording_words,
            consents=CONSENTS,
            given=request.args,
            marking=request.form if request.endpoint == "steward.mark" else {},
            wrong=wrong,
            legal_name=legal_name,
            has_sound=redacted_key(testimony_id) is not None,
            key_away=found.sealed and not vault.has_sound_key(backends().settings, found.testimony.recording_id),
            making=steward_desk.sound_under_way(session, testimony_id, ("redact",)),
            reasons=redaction.REASONS,
            members=accounts.members(session),
            telling=_telling(session, found.testimony),
            note_of=decisions.note_of,
        )


def _telling(session: Session, testimony: Testimony) -> list[TestimonyCard]:
    """The parts of the telling that it belongs to, in their order; none where it stands alone."""
    tellings = own_visits.tellings(session, testimony.narrator_id)
    ids = next((one for one in tellings if testimony.id in one and len(one) > 1), ())
    known = cards(session, viewer(), ids)
    return [known[one] for one in ids if one in known]


def redacted_key(testimony_id: str) -> str | None:
    """The key of the sound without the marked spans; None where there are no marks or it is not made yet."""
    with database().read() as session:
        found = steward_desk.dossier(session, viewer(), testimony_id, language())
        spans = sound.redacted_spans(session, testimony_id)
        recording_id = found.card.recording_id
    if not spans or recording_id is None:
        return None
    key = sound.redacted_keys(recording_id, spans).listening
    return key if backends().store.exists(key) else None


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the selects of a single grant offer: value and words."""
    return {
        "form": [(name, str(FORM_WORDS[name])) for name in FORMS],
        "audience": [(name, str(AUDIENCE_WORDS[name])) for name in AUDIENCES if name not in {"MB"}],
        "purpose": [("", str(NO_PURPOSE)), *((n, str(PURPOSE_WORDS[n])) for n in PURPOSES)],
        "level": [(name, str(LEVEL_WORDS[name])) for name in LEVELS],
    }


FORM_WORDS = {
    "existence": _l("That it is here"),
    "original_sound": _l("The voice itself"),
    "disguised_sound": _l("Another’s reading of it"),
    "full_transcript": _l("Every word"),
    "redacted_transcript": _l("The words, some taken out"),
    "quotation": _l("The very words in a song"),
    "paraphrase": _l("The story in other words"),
    "pseudonym": _l("The chosen name"),
    "name": _l("The real name"),
    "place": _l("The place"),
}
AUDIENCE_WORDS = {
    "band": _l("The band"),
    "researcher": _l("Researchers let in by name"),
    "public": _l("Everyone"),
    **{name: lazy_pgettext("a group", name) for name in GROUPS},
}
NO_PURPOSE = _l("Anything but radio and television")
PURPOSE_WORDS = {
    "listening": _l("Listening"),
    "research": _l("Research"),
    "song": _l("Songs"),
    "campaign": _l("Campaigns"),
    "broadcast": _l("Radio and television"),
}
LEVEL_WORDS = {
    "country": _l("The country"),
    "province": _l("The province"),
    "district": _l("The district"),
    "commune": _l("The commune or factory"),
}
