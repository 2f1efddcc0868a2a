"""What the site says when it cannot give what was asked for: what happened, and what to do.

The page for what may not be seen is the page for what does not exist, to the byte: it names neither the address nor a
reason. No page shows a traceback.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from archive.access.rule import Unknown
from archive.language.messages import Message, languages
from archive.troubles import Trouble as StorageTrouble
from archive.troubles import trouble_of
from web.site import signed_out, viewer
from web.site.language import _


@dataclass(frozen=True, slots=True)
class Trouble:
    """A title, and what is said below it."""

    title: Message
    words: tuple[Message, ...]

    def in_each_language(self) -> str:
        """What is said, as plain text."""
        return "\n\n".join(" ".join(one.said(language) for one in self.words) for language in languages())


DATA = "/api/v1/"
"""Below this address programs ask, who are answered with the same words as data; at it stands a page about it."""

TROUBLES = {
    400: Trouble(
        Message("This form has waited too long"),
        (Message("Go back, load the page again, and send it once more."),),
    ),
    401: Trouble(
        Message("This needs a token that holds"),
        (Message("It has ended, was taken back, or none was sent. Make one on the page of your account."),),
    ),
    403: Trouble(
        Message("This page is not for your account"),
        (Message("Sign in with another account, or ask a steward of the archive."),),
    ),
    404: Trouble(
        Message("There is nothing here"),
        (Message("The address may be wrong, or what was here is here no longer. Start again from the songs."),),
    ),
    405: Trouble(
        Message("That cannot be done here"),
        (Message("Go back and use the buttons on the page."),),
    ),
    413: Trouble(
        Message("This file is too large"),
        (Message("Choose a smaller file, or cut it in two."),),
    ),
    416: Trouble(
        Message("The sound has no such part"),
        (Message("Play it again from the beginning."),),
    ),
    429: Trouble(
        Message("Please wait a moment"),
        (Message("Too many requests came from one place. Try again in a minute."),),
    ),
    500: Trouble(
        Message("Something broke on our side"),
        (Message("It is not your fault, and nothing that was saved is lost. Try again in a little while."),),
    ),
    503: Trouble(
        Message("Please wait a moment"),
        (Message("Several recordings are coming in at this moment. Send yours again in a few minutes."),),
    ),
}


ONLY_READ = Trouble(Message("That cannot be done here"), (Message("Programs only read here: ask with GET."),))

_STEWARD = Message("Tell the steward of the archive.")


def _kept(title: Message, words: Message) -> Trouble:
    return Trouble(title, (words, _STEWARD))


OF_STORAGE: dict[StorageTrouble, Trouble] = {
    "full": _kept(
        Message("There is no room left"),
        Message("The archive's disk is full. What you just sent was not kept; hold on to it."),
    ),
    "read-only": _kept(
        Message("Nothing can be written"),
        Message("The archive can be read, but nothing new can be kept; hold on to what you sent."),
    ),
    "locked": _kept(
        Message("The archive is busy"),
        Message("Another program is using its data, and nothing was changed. Try again in a minute. If it stays so:"),
    ),
    "damaged": _kept(
        Message("The database is damaged"),
        Message("The sound is not lost, but a backup of the database has to be put back."),
    ),
    "failing": _kept(
        Message("The disk fails"),
        Message("The disk could not be read or written. Nothing was changed."),
    ),
    "database-away": _kept(
        Message("The database does not answer"),
        Message("Nothing was changed. Try again in a little while."),
    ),
    "store-away": _kept(
        Message("The store of sound does not answer"),
        Message("Nothing was changed. Try again in a little while."),
    ),
    "store-refuses": _kept(
        Message("The store of sound refuses"),
        Message("Nothing was changed; hold on to what you sent."),
    ),
}


def trouble_page(status: int) -> Response:
    """The page for a status, or for the nearest one we have words for."""
    g.tells_nothing = True
    known = status if status in TROUBLES else (500 if status >= 500 else 400)
    if _for_a_program():
        return _problem(status, ONLY_READ if status == 405 else TROUBLES[known])
    return make_response(render_template("errors/trouble.html", status=status, trouble=TROUBLES[known]), status)


def _for_a_program() -> bool:
    return request.path.startswith(DATA) and request.path != DATA


def _problem(status: int, trouble: Trouble) -> Response:
    """As RFC 9457 has it, in the words of the page."""
    g.no_language = True
    said = {
        "type": "about:blank",
        "title": _(trouble.title),
        "status": status,
        "detail": " ".join(map(_, trouble.words)),
    }
    response = Response(json.dumps(said, ensure_ascii=False), status, content_type="application/problem+json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Authorization")
    return response


def kept_page(kept: StorageTrouble) -> Response:
    """The page for a place that is full, locked, damaged or away: 507 where there is no room, else 503."""
    status, trouble = (507 if kept == "full" else 503), OF_STORAGE[kept]
    try:
        g.tells_nothing = True
        if _for_a_program():
            page = _problem(status, trouble)
        else:
            page = make_response(render_template("errors/trouble.html", status=status, trouble=trouble), status)
    except Exception:  # the page asks the database who is looking, and that is what does not answer
        page = Response(trouble.in_each_language(), status, mimetype="text/plain")
    if kept == "locked":
        page.headers["Retry-After"] = "30"
    return page


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = trouble_page(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Content-Range", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _unknown(_error: Unknown) -> Response:
    return trouble_page(404)


def _token(_error: CSRFError) -> Response:
    viewer.load()  # the token is looked at before anybody asks who is there
    return cast(Response, signed_out.too_late()) or trouble_page(400)


def _broken(error: InternalServerError) -> Response:
    kept = trouble_of(error.original_exception) if error.original_exception is not None else None
    if kept is not None:
        return kept_page(kept)
    try:
        return trouble_page(500)
    except Exception:  # the page itself is what broke; a person still gets a sentence
        return Response(TROUBLES[500].in_each_language(), 500, mimetype="text/plain")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(CSRFError, _token)
    app.register_error_handler(Unknown, _unknown)
