"""What follows a redaction: the sound without the marked words, and the index, both made beside the site."""

from __future__ import annotations

import logging
import threading

from archive.retrieval import indexing
from ingest.stages.redacted_sound import make_redacted
from web.site.viewer import backends

log = logging.getLogger(__name__)


def sound_anew(testimony_id: str) -> None:
    """Make the index and the redacted sound as the marks are now; broken off, the next mark or start makes them."""
    opened = backends()

    def run() -> None:
        try:
            indexing.index_testimony(opened.database, opened.index, testimony_id)
            make_redacted(opened, testimony_id)
        except Exception:
            log.exception("the sound without its marked words could not be made")

    threading.Thread(target=run, name="after-a-mark").start()
