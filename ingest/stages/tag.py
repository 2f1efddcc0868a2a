"""Tag: themes and places of what was heard, as suggestions."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.catalogue import tagging
from archive.transcripts import transcript_versions
from ingest.stages.contract import StageOutcome, Tools, Work

NAME = "tag"
VERSION = 2
KINDS = frozenset({"testimony"})
SHARE = 2


def run(work: Work, tools: Tools) -> StageOutcome:
    """Suggest terms for the version that holds."""
    testimony_id = work.testimony_id
    with tools.backends.database.read() as session:
        taggers = tagging.Taggers.of(session)
    tools.progress(0.5)

    def save(session: Session) -> None:
        version = testimony_id and transcript_versions.current(session, testimony_id, approved_only=False)
        if version:
            tagging.suggest(session, version, taggers)

    return StageOutcome(save, "thesaurus and cues")
