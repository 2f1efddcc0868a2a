"""Work for the search index that nobody waits for, one worker of it for the whole site."""

from __future__ import annotations

from flask import current_app

from archive.retrieval.delayed_indexing import DelayedIndexer
from web.site.viewer import backends


def find_soon(testimony_id: str) -> None:
    """Put the testimony into the search index a little later, for what goes on changing or is one of many."""
    opened = backends()
    soon: DelayedIndexer = current_app.extensions.setdefault(
        "indexed-soon", DelayedIndexer(opened.database, opened.index)
    )
    soon.ask(testimony_id)
