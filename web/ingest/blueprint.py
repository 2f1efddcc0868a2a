"""The room where recordings come in, as addresses: it is the band's."""

from __future__ import annotations

from flask import Blueprint

from web.site.guard import admit
from web.site.uploads import CarefulRequest

ingest = Blueprint("ingest", __name__, url_prefix="/ingest")
admit(ingest, "room")
ingest.record_once(lambda state: setattr(state.app, "request_class", CarefulRequest))
