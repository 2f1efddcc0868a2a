"""What the site says when it cannot give what was asked for: what happened, and what to do.

The page for what may not be seen is the page for what does not exist, to the byte: it names neither the address nor a
reason. No page shows a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from archive.services.gate import Unknown


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


def trouble_page(status: int) -> Response:
    """The page for a status, or for the nearest one we have words for."""
    g.tells_nothing = True
    known = status if status in TROUBLES else (500 if status >= 500 else 400)
    return make_response(render_template("errors/trouble.html", status=status, trouble=TROUBLES[known]), status)


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


def _broken(_error: InternalServerError) -> Response:
    try:
        return trouble_page(500)
    except Exception:  # the page itself is what broke; a person still gets a sentence
        return Response("\n\n".join(TROUBLES[500].words), 500, mimetype="text/plain")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(CSRFError, _token)
    app.register_error_handler(Unknown, _unknown)
