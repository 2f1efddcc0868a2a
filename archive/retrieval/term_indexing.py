"""What the index says of themes, after stewards have changed them.

A theme is found under its names at once. Testimonies are indexed anew where their facets or the names of their points
are others now: a few at once, and many by whoever does that beside the site. Until then a merged theme is found under
both ids (`labels.Thesaurus.as_indexed`), and at the next start an index that is behind is put right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from archive.catalogue.term_history import testimonies_under
from archive.db import Database
from archive.retrieval import documents, indexing
from archive.search.index import IndexBusy, SearchIndex

AT_ONCE = 25


def index_terms(
    database: Database, index: SearchIndex, term_ids: Collection[str], later: Callable[[str], object]
) -> None:
    """Let these themes be found as they are now.

    Args:
        later: asked to index a testimony anew, for each beyond the first `AT_ONCE`.
    """
    with database.read() as session:
        for term_id in term_ids:
            found = documents.term_documents(session, term_id)
            try:
                if found:
                    index.replace(f"term:{term_id}", found)
                else:
                    index.drop_groups([f"term:{term_id}"])
            except IndexBusy:
                indexing.log.warning("the index is being made anew; a theme that was changed is put right after that")
        touched = testimonies_under(session, *term_ids)
    for number, testimony_id in enumerate(touched):
        if number < AT_ONCE:
            indexing.index_testimony(database, index, testimony_id)
        else:
            later(testimony_id)
