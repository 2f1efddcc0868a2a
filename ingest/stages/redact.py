"""Redact: the sound that others hear, made again from the original without what is marked.

The last stage: when a mark is set or taken away, this and the index are done anew and nothing else is.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from ingest.stages.contract import StageOutcome, Tools, Work
from ingest.stages.redacted_sound import make_redacted

NAME = "redact"
VERSION = 1
KINDS = frozenset({"testimony"})
SHARE = 1


def run(work: Work, tools: Tools) -> StageOutcome:
    """Make the redacted sound that fits the marks as they are now, where it is not there yet."""
    made = work.testimony_id is not None and make_redacted(tools.backends, work.testimony_id, tools.progress)

    def save(session: Session) -> None:
        pass

    return StageOutcome(save, "aac", "made" if made else "nothing to do")
