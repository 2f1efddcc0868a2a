"""Index: what may be found of the testimony, made anew from the database."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.retrieval import indexing
from ingest.stages.contract import StageOutcome, Tools, Work

NAME = "index"
VERSION = 1
KINDS = frozenset({"testimony"})
SHARE = 1


def run(work: Work, tools: Tools) -> StageOutcome:
    """Index the testimony. The index is disposable: should the commit after this one be lost, a check puts it right."""
    testimony_id, database, sink = work.testimony_id, tools.backends.database, tools.backends.index

    def save(session: Session) -> None:
        pass

    def after() -> None:
        if testimony_id is not None:
            indexing.index_testimony(database, sink, testimony_id)

    return StageOutcome(save, "search index", after=after)
