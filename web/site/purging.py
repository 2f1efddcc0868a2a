"""Carrying a withdrawal out beside the site, for whoever has just said so on a page."""

from __future__ import annotations

from archive.withdrawal import carrying_out
from web.site.beside import run_beside


def purge_beside() -> None:
    """Remove what was made of it beside the site; what is broken off is taken up again by the archive's carrier."""
    run_beside("purge", carrying_out.carry_out, "a withdrawal is not yet carried out; it is tried again")
