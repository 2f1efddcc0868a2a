"""Who speaks, for a stretch of the recording at once: it remembers who spoke there before, and is undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from archive.models import Segment, TranscriptEdit
from archive.timing import Span
from archive.transcripts.draft_change import ChangeRefused, DraftChange
from archive.transcripts.text_changes import named


def span(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One speaker in the segments whose middle lies in a stretch; the answer says who spoke in each before."""
    name, stretch = named(asked["speaker"]), Span(int(asked["start"]), int(asked["end"]))
    query = select(Segment).where(
        Segment.version_id == draft.version.id,
        Segment.start_ms < stretch.end_ms,
        Segment.end_ms >= stretch.start_ms,
    )
    before = []
    for segment in draft.session.scalars(query.order_by(Segment.position)).all():
        middle = (segment.start_ms + segment.end_ms) // 2
        if stretch.start_ms <= middle < stretch.end_ms and segment.speaker != name:
            before.append([segment.id, segment.speaker])
            segment.speaker = name
            draft.touch(segment)
    return {"did": "done", "speaker": name, "before": before}


def unspan(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Undo one `span`; a segment that somebody gave another speaker since keeps that one."""
    edit = draft.session.get(TranscriptEdit, asked["of"])
    if edit is None or edit.version_id != draft.version.id or edit.kind != "span":
        raise ChangeRefused("gone")
    name, before = edit.answer["speaker"], edit.answer["before"]
    for segment_id, earlier in before if isinstance(before, list) else []:
        segment = draft.find(segment_id)
        if segment is not None and segment.speaker == name:
            segment.speaker = earlier
            draft.touch(segment)
    return {"did": "done"}
