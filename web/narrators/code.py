"""Giving a narrator her code: shown once, as a card to print, with the archive's address and a picture of both.

In the picture the code stands behind the address's `#`, which no browser sends to a server, and so no log can hold it.
"""

from __future__ import annotations

import segno
from flask import make_response, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from archive.language.messages import Message
from archive.narrators import known
from archive.withdrawal import codes
from web.narrators.blueprint import narrators
from web.site.viewer import current_steward, database, viewer

CARD = {
    "title": Message("Your words in the archive of the Messenger Band"),
    "open": Message("Photograph this picture with a telephone, or open this address and write the code:"),
    "may": Message(
        "You can listen, see what it became, narrow it or take it back, at any time, without asking anybody."
    ),
    "keep": Message("Keep this card well, and show it to nobody. If it is lost, a steward can give you another."),
}
"""The card is in Khmer whatever language the steward reads."""


@narrators.post("/<narrator_id>/code")
def give_code(narrator_id: str) -> Response:
    by_id = current_steward().id
    with database().write() as session:
        row = known.one(session, viewer(), narrator_id)
        code = codes.issue_code(session, narrator_id, by_id)
    address = url_for("own_words.enter", _external=True)
    drawn = segno.make(f"{address}#{code}", micro=False, error="m")
    picture = Markup(drawn.svg_inline(scale=5, border=3, light="#ffffff", omitsize=True))  # noqa: S704 - drawn here
    card = {name: text.said("km") for name, text in CARD.items()}
    response = make_response(
        render_template("narrators/card.html", row=row, code=code, address=address, picture=picture, card=card)
    )
    response.headers["Cache-Control"] = "no-store"
    return response
