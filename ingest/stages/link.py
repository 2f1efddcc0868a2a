"""Link: lines of songs that may have come from what was heard, as candidates for a person to look at."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.services.desk import candidates
from archive.services.transcribing import transcripts
from ingest.work import Outcome, Tools, Work

NAME = "link"
VERSION = 1
KINDS = frozenset({"testimony"})
SHARE = 1


def run(work: Work, tools: Tools) -> Outcome:
    """Propose links between the version that holds and the current words of every song."""
    testimony_id = work.testimony_id

    def save(session: Session) -> None:
        version = testimony_id and transcripts.current(session, testimony_id, approved_only=False)
        if version:
            candidates.propose(session, version)

    return Outcome(save, "shared words")
