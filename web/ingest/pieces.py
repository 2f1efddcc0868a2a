"""Long recordings of whoever has signed in come here in pieces, before their form."""

from __future__ import annotations

from web.ingest.blueprint import ingest
from web.site.resumable import take_pieces
from web.site.viewer import current_account

take_pieces(ingest, lambda: current_account().id)
