"""The steward's room, as an address: who comes in, and what its pages share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import sound
from archive.access.rule import LEVELS, PURPOSES
from archive.accounts import accounts
from archive.catalogue.descriptions import CONSENTS
from archive.consent import redaction, vault
from archive.models import Account
from archive.models.account import GROUPS
from archive.models.consent import AUDIENCES, FORMS
from archive.pages import steward_desk
from web.site import recording_words
from web.site.language import language, say
from web.site.security import csrf
from web.site.uploads import path_of, takes_files
from web.site.viewer import account, backends, database, viewer

steward = Blueprint("steward", __name__, url_prefix="/steward")

LARGEST_PAPER = 32 * 1024 * 1024


@steward.before_request
def only_stewards() -> AnyResponse | None:
    """Who is not signed in is asked to, and told nothing; to anybody else there is nothing here."""
    if viewer().role == "steward":
        return None
    if account() is None and request.method == "GET" and request.endpoint == "steward.room":
        return redirect(url_for("account.sign_in", next=url_for("steward.room")), 303)
    return abort(404)


def the_steward() -> Account:
    """Who is signed in; the door has let nobody else through."""
    who = account()
    if who is None:
        abort(404)
    return who


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
            wrong=wrong,
            legal_name=legal_name,
            has_sound=redacted_key(testimony_id) is not None,
            key_away=found.sealed and not vault.has_sound_key(backends().settings, found.testimony.recording_id),
            making=steward_desk.sound_under_way(session, testimony_id, ("redact",)),
            reasons=redaction.REASONS,
            members=accounts.members(session),
        )


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
        "form": [(name, say(*words_of(FORM_WORDS, name))) for name in FORMS],
        "audience": [(name, say(*words_of(AUDIENCE_WORDS, name))) for name in AUDIENCES if name not in {"MB"}],
        "purpose": [("", say(*NO_PURPOSE)), *((n, say(*words_of(PURPOSE_WORDS, n))) for n in PURPOSES)],
        "level": [(name, say(*words_of(LEVEL_WORDS, name))) for name in LEVELS],
    }


def words_of(table: dict[str, tuple[str, str]], name: str) -> tuple[str, str]:
    return table.get(name, (name, name))


FORM_WORDS = {
    "existence": ("ដឹងថាមាន", "That it is here"),
    "original_sound": ("សំឡេងពិត", "The voice itself"),
    "disguised_sound": ("សំឡេងអ្នកអានជំនួស", "Another’s reading of it"),
    "full_transcript": ("ពាក្យទាំងអស់", "Every word"),
    "redacted_transcript": ("ពាក្យ ដោយលុបផ្នែកខ្លះ", "The words, some taken out"),
    "quotation": ("ពាក្យផ្ទាល់ក្នុងបទចម្រៀង", "The very words in a song"),
    "paraphrase": ("រឿង ក្នុងពាក្យផ្សេង", "The story in other words"),
    "pseudonym": ("ឈ្មោះដែលបានជ្រើស", "The chosen name"),
    "name": ("ឈ្មោះពិត", "The real name"),
    "place": ("ទីកន្លែង", "The place"),
}
AUDIENCE_WORDS = {
    "band": ("ក្រុមអ្នកនាំសារ", "The band"),
    "researcher": ("អ្នកស្រាវជ្រាវតាមឈ្មោះ", "Researchers let in by name"),
    "public": ("អ្នកណាក៏បាន", "Everyone"),
    **{name: (f"ក្រុម {name}", name) for name in GROUPS},
}
NO_PURPOSE = ("គ្រប់យ៉ាង លើកលែងវិទ្យុ និងទូរទស្សន៍", "Anything but radio and television")
PURPOSE_WORDS = {
    "listening": ("ស្ដាប់", "Listening"),
    "research": ("ស្រាវជ្រាវ", "Research"),
    "song": ("បទចម្រៀង", "Songs"),
    "campaign": ("យុទ្ធនាការ", "Campaigns"),
    "broadcast": ("វិទ្យុ និងទូរទស្សន៍", "Radio and television"),
}
LEVEL_WORDS = {
    "country": ("ប្រទេស", "The country"),
    "province": ("ខេត្ត", "The province"),
    "district": ("ស្រុក", "The district"),
    "commune": ("ឃុំ ឬរោងចក្រ", "The commune or factory"),
}
