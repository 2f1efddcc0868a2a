"""Drafts in the index while people write in them.

Every change of a draft is in the database at once. Cutting a whole transcript into words for each would be far too
much, so a testimony is indexed anew once in a while: what the band searches of a draft is never older than that. A
process that ends before it comes to it leaves an index that is behind, which the next start puts right.
"""

from __future__ import annotations

import logging
import threading
import time

from archive.db import Database
from archive.retrieval import indexing
from archive.search.index import SearchIndex

WITHIN_S = 20.0

log = logging.getLogger(__name__)


class DelayedIndexer:
    """Indexes the testimonies it is asked to, each `within_s` seconds after it was first asked, in a thread of its own.

    Any thread may ask. The thread lives only while there is something to do.
    """

    def __init__(self, database: Database, index: SearchIndex, within_s: float = WITHIN_S) -> None:
        self._database = database
        self._index = index
        self._within_s = within_s
        self._lock = threading.Lock()
        self._due: dict[str, float] = {}  # the earliest first, since everything waits equally long
        self._working = False

    def ask(self, testimony_id: str) -> None:
        """Have this testimony's documents made anew; asking again before that is done asks for nothing more."""
        with self._lock:
            self._due.setdefault(testimony_id, time.monotonic() + self._within_s)
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="index-soon", daemon=True).start()

    def _work(self) -> None:
        while (testimony_id := self._next()) is not None:
            try:
                indexing.index_testimony(self._database, self._index, testimony_id)
            except Exception:
                log.exception("a draft could not be indexed; its next change or the next start does it")

    def _next(self) -> str | None:
        """Wait for the next testimony that is due; None when there is none left."""
        while True:
            with self._lock:
                if not self._due:
                    self._working = False
                    return None
                testimony_id, due = next(iter(self._due.items()))
                left = due - time.monotonic()
                if left <= 0:
                    del self._due[testimony_id]
                    return testimony_id
            time.sleep(left)
