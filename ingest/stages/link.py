"""Link: lines of songs that may have come from what was heard, as candidates for a person to look at."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.lyrics import suggestions
from archive.transcripts import transcript_versions
from ingest.stages.contract import StageOutcome, Tools, Work

NAME = "link"
VERSION = 1
KINDS = frozenset({"testimony"})
SHARE = 1


def run(work: Work, tools: Tools) -> StageOutcome:
    """Propose links between the version that holds and the current words of every song."""
    testimony_id = work.testimony_id

    def save(session: Session) -> None:
        version = testimony_id and transcript_versions.current(session, testimony_id, approved_only=False)
        if version:
            suggestions.propose(session, version)

    return StageOutcome(save, "shared words")
