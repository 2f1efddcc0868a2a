"""The recorder, as addresses: the band's, and those of whoever was invited. Nowhere else may a browser listen.

An invitation stands behind the address's `#`, which no browser sends to a server by itself: its page is the same for
everybody, and what is sent with it carries it in a header. There is no cookie that another site could misuse.
"""

from __future__ import annotations

from flask import Blueprint, Response

from web.site.guard import admit
from web.site.security import HEADERS, csrf

record = Blueprint("record", __name__, url_prefix="/record")
admit(record, "room")
invited = Blueprint("invited", __name__, url_prefix="/record/with")
csrf.exempt(invited)
_LISTENING = HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")


@record.after_request
@invited.after_request
def may_listen(response: Response) -> Response:
    response.headers["Permissions-Policy"] = _LISTENING
    return response
