"""Carrying a withdrawal out beside the site, for whoever has just said so on a page."""

from __future__ import annotations

import logging
import threading

from archive.withdrawal import carrying_out
from web.site.viewer import backends

log = logging.getLogger(__name__)


def purge_beside() -> None:
    """Remove what was made of it beside the site; what is broken off is taken up again by the archive's carrier."""
    opened = backends()

    def run() -> None:
        try:
            carrying_out.carry_out(opened)
        except Exception:
            log.exception("a withdrawal is not yet carried out; it is tried again")

    threading.Thread(target=run, name="purge").start()
