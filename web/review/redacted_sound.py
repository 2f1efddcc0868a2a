"""What follows a redaction: the sound without the marked words, and the index, both made beside the site."""

from __future__ import annotations

from archive.backends import Backends
from archive.retrieval import indexing
from ingest.stages.redacted_sound import make_redacted
from web.site.beside import run_beside


def sound_anew(testimony_id: str) -> None:
    """Make the index and the redacted sound as the marks are now; broken off, the next mark or start makes them."""

    def make(opened: Backends) -> None:
        indexing.index_testimony(opened.database, opened.index, testimony_id)
        make_redacted(opened, testimony_id)

    run_beside("after-a-mark", make, "the sound without its marked words could not be made")
