"""What the site says when it cannot give what was asked for: what happened, and what to do.

The page for what may not be seen is the page for what does not exist, to the byte: it names neither the address nor a
reason. No page shows a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from archive.access.rule import Unknown
from archive.troubles import Trouble as StorageTrouble
from archive.troubles import trouble_of


@dataclass(frozen=True, slots=True)
class Trouble:
    """A title and a sentence, each in Khmer and English."""

    title: tuple[str, str]
    words: tuple[str, str]


TROUBLES = {
    400: Trouble(
        ("ទម្រង់នេះហួសពេលហើយ", "This form has waited too long"),
        ("សូមត្រឡប់ទៅវិញ ផ្ទុកទំព័រឡើងវិញ រួចផ្ញើម្ដងទៀត។", "Go back, load the page again, and send it once more."),
    ),
    403: Trouble(
        ("ទំព័រនេះមិនមែនសម្រាប់គណនីរបស់អ្នកទេ", "This page is not for your account"),
        (
            "សូមចូលដោយប្រើគណនីផ្សេង ឬសួរអ្នកថែរក្សាបណ្ណសារ។",
            "Sign in with another account, or ask a steward of the archive.",
        ),
    ),
    404: Trouble(
        ("រកមិនឃើញអ្វីនៅទីនេះទេ", "There is nothing here"),
        (
            "អាសយដ្ឋានអាចខុស ឬអ្វីដែលធ្លាប់នៅទីនេះលែងមានទៀតហើយ។ សូមចាប់ផ្ដើមពីបទចម្រៀង។",
            "The address may be wrong, or what was here is here no longer. Start again from the songs.",
        ),
    ),
    405: Trouble(
        ("មិនអាចធ្វើបែបនេះនៅទីនេះបានទេ", "That cannot be done here"),
        ("សូមត្រឡប់ទៅវិញ ហើយប្រើប៊ូតុងនៅលើទំព័រ។", "Go back and use the buttons on the page."),
    ),
    413: Trouble(
        ("ឯកសារនេះធំពេក", "This file is too large"),
        ("សូមជ្រើសឯកសារតូចជាងនេះ ឬកាត់វាជាពីរ។", "Choose a smaller file, or cut it in two."),
    ),
    416: Trouble(
        ("មិនមានផ្នែកនោះនៅក្នុងសំឡេងទេ", "The sound has no such part"),
        ("សូមចាក់ឡើងវិញពីដំបូង។", "Play it again from the beginning."),
    ),
    429: Trouble(
        ("សូមរង់ចាំបន្តិច", "Please wait a moment"),
        (
            "មានសំណើច្រើនពេកពីកន្លែងតែមួយ។ សូមសាកម្ដងទៀតក្នុងមួយនាទី។",
            "Too many requests came from one place. Try again in a minute.",
        ),
    ),
    500: Trouble(
        ("មានអ្វីមួយខូចនៅខាងយើង", "Something broke on our side"),
        (
            "មិនមែនកំហុសរបស់អ្នកទេ ហើយអ្វីដែលបានរក្សាទុកមិនបាត់ទេ។ សូមសាកម្ដងទៀតបន្តិចក្រោយ។",
            "It is not your fault, and nothing that was saved is lost. Try again in a little while.",
        ),
    ),
    503: Trouble(
        ("សូមរង់ចាំបន្តិច", "Please wait a moment"),
        (
            "មានការថតសំឡេងច្រើនកំពុងចូលមកក្នុងពេលតែមួយ។ សូមផ្ញើម្ដងទៀតក្នុងប៉ុន្មាននាទីទៀត។",
            "Several recordings are coming in at this moment. Send yours again in a few minutes.",
        ),
    ),
}


_STEWARD = ("សូមប្រាប់អ្នកថែរក្សាបណ្ណសារ។", "Tell the steward of the archive.")


def _kept(title: tuple[str, str], km: str, en: str) -> Trouble:
    return Trouble(title, (f"{km} {_STEWARD[0]}", f"{en} {_STEWARD[1]}"))


OF_STORAGE: dict[StorageTrouble, Trouble] = {
    "full": _kept(
        ("គ្មានកន្លែងទំនេរទៀតទេ", "There is no room left"),
        "ថាសរបស់បណ្ណសារពេញហើយ។ អ្វីដែលអ្នកទើបផ្ញើមិនត្រូវបានរក្សាទុកទេ។ សូមទុកវាសិន។",
        "The archive's disk is full. What you just sent was not kept; hold on to it.",
    ),
    "read-only": _kept(
        ("មិនអាចសរសេរបានទេ", "Nothing can be written"),
        "បណ្ណសារអាចអានបាន តែមិនអាចរក្សាទុកអ្វីថ្មីបានទេ។ សូមទុកអ្វីដែលអ្នកផ្ញើសិន។",
        "The archive can be read, but nothing new can be kept; hold on to what you sent.",
    ),
    "locked": _kept(
        ("បណ្ណសារកំពុងរវល់", "The archive is busy"),
        "កម្មវិធីផ្សេងកំពុងប្រើទិន្នន័យ។ គ្មានអ្វីត្រូវបានប្ដូរទេ។ សូមសាកម្ដងទៀតក្នុងមួយនាទី។ បើនៅតែដដែល",
        "Another program is using its data, and nothing was changed. Try again in a minute. If it stays so:",
    ),
    "damaged": _kept(
        ("ទិន្នន័យខូច", "The database is damaged"),
        "សំឡេងដែលបានរក្សាទុកមិនបាត់ទេ តែត្រូវយកច្បាប់ចម្លងទុកមកដាក់វិញ។",
        "The sound is not lost, but a backup of the database has to be put back.",
    ),
    "failing": _kept(
        ("ថាសមានបញ្ហា", "The disk fails"),
        "មិនអាចអាន ឬសរសេរលើថាសបានទេ។ គ្មានអ្វីត្រូវបានប្ដូរទេ។",
        "The disk could not be read or written. Nothing was changed.",
    ),
    "database-away": _kept(
        ("ទិន្នន័យមិនឆ្លើយទេ", "The database does not answer"),
        "គ្មានអ្វីត្រូវបានប្ដូរទេ។ សូមសាកម្ដងទៀតបន្តិចក្រោយ។",
        "Nothing was changed. Try again in a little while.",
    ),
    "store-away": _kept(
        ("កន្លែងទុកសំឡេងមិនឆ្លើយទេ", "The store of sound does not answer"),
        "គ្មានអ្វីត្រូវបានប្ដូរទេ។ សូមសាកម្ដងទៀតបន្តិចក្រោយ។",
        "Nothing was changed. Try again in a little while.",
    ),
    "store-refuses": _kept(
        ("កន្លែងទុកសំឡេងមិនទទួលទេ", "The store of sound refuses"),
        "គ្មានអ្វីត្រូវបានប្ដូរទេ។ សូមទុកអ្វីដែលអ្នកផ្ញើសិន។",
        "Nothing was changed; hold on to what you sent.",
    ),
}


def trouble_page(status: int) -> Response:
    """The page for a status, or for the nearest one we have words for."""
    g.tells_nothing = True
    known = status if status in TROUBLES else (500 if status >= 500 else 400)
    return make_response(render_template("errors/trouble.html", status=status, trouble=TROUBLES[known]), status)


def kept_page(kept: StorageTrouble) -> Response:
    """The page for a place that is full, locked, damaged or away: 507 where there is no room, else 503."""
    status, trouble = (507 if kept == "full" else 503), OF_STORAGE[kept]
    try:
        g.tells_nothing = True
        page = make_response(render_template("errors/trouble.html", status=status, trouble=trouble), status)
    except Exception:  # the page asks the database who is looking, and that is what does not answer
        page = Response("\n\n".join(trouble.words), status, mimetype="text/plain")
    if kept == "locked":
        page.headers["Retry-After"] = "30"
    return page


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = trouble_page(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Content-Range", "Retry-After"}:
            response.headers[name] = value
    return response


def _unknown(_error: Unknown) -> Response:
    return trouble_page(404)


def _token(_error: CSRFError) -> Response:
    return trouble_page(400)


def _broken(error: InternalServerError) -> Response:
    kept = trouble_of(error.original_exception) if error.original_exception is not None else None
    if kept is not None:
        return kept_page(kept)
    try:
        return trouble_page(500)
    except Exception:  # the page itself is what broke; a person still gets a sentence
        return Response("\n\n".join(TROUBLES[500].words), 500, mimetype="text/plain")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(CSRFError, _token)
    app.register_error_handler(Unknown, _unknown)
