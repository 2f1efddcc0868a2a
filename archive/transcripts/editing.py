"""Editing a draft of a transcript: every change is an operation, applied once, in the order the archive got them.

An editor may be cut off, closed or beside another, so an operation says what it was made on: the text as it was there
then. Where that is still so it is done; where somebody changed the text meanwhile both changes go into one text if they
do not touch, and otherwise both texts are kept, for a person to choose (`RivalText`). No words are ever turned away.
An operation that comes twice is answered the same and done once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.models import TranscriptEdit, TranscriptVersion
from archive.transcripts import segment_changes, speaker_spans, text_changes
from archive.transcripts.draft_change import ChangeRefused, DraftChange

MOST_AT_ONCE = 200
_ID = re.compile(r"[A-Za-z0-9-]{8,40}")


class NotAnEdit(ValueError):
    """An operation lacks what its kind needs; only a broken program sends such a thing."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a batch of operations: an answer for each, by its id, and the number of the last change."""

    answers: tuple[dict[str, Any], ...]
    seq: int


@dataclass(slots=True)
class Since:
    """What happened to a draft after some change: who looks at it draws these again.

    Attributes:
        touched, removed: ids of segments.
        renamed: speakers who got another name everywhere, as (before, after), in order.
    """

    seq: int
    touched: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    renamed: list[tuple[str, str]] = field(default_factory=list)


_KINDS: dict[str, Callable[[DraftChange, Mapping[str, Any]], dict[str, Any]]] = {
    "text": text_changes.text,
    "translate": text_changes.translate,
    "settle": text_changes.settle,
    "vouch": text_changes.vouch,
    "split": segment_changes.split,
    "merge": segment_changes.merge,
    "time": segment_changes.time,
    "add": segment_changes.add,
    "remove": segment_changes.remove,
    "restore": segment_changes.restore,
    "speaker": text_changes.speaker,
    "rename": text_changes.rename,
    "span": speaker_spans.span,
    "unspan": speaker_spans.unspan,
}


def apply(
    session: Session, version: TranscriptVersion, operations: Sequence[Mapping[str, Any]], by_id: str | None
) -> Answers:
    """Apply operations in their order, each once; `version` must not be immutable, except for its translations.

    Raises:
        NotAnEdit: an operation is not one; nothing of the batch is done.
    """
    session.refresh(version, with_for_update=True)
    seq = _last(session, version.id)
    answers = []
    for operation in operations[:MOST_AT_ONCE]:
        _check(operation)
        done = session.get(TranscriptEdit, operation["id"])
        if done is not None:
            answers.append(done.answer if done.version_id == version.id else {"id": operation["id"], "did": "refused"})
            continue
        draft = DraftChange(session, version, by_id)
        answer = {"id": operation["id"], **_done(draft, operation)}
        seq += 1
        session.add(
            TranscriptEdit(
                id=operation["id"],
                testimony_id=version.testimony_id,
                version_id=version.id,
                seq=seq,
                kind=operation["kind"],
                asked=dict(operation),
                answer=answer,
                touched=sorted(draft.touched - draft.removed),
                removed=sorted(draft.removed),
                by_id=by_id,
            )
        )
        if version.stage == "reviewed" and draft.changed:
            version.stage, version.reviewed_by_id, version.reviewed_at = "corrected", None, None
        session.flush()
        answers.append(answer)
    return Answers(tuple(answers), seq)


def _done(draft: DraftChange, operation: Mapping[str, Any]) -> dict[str, Any]:
    if draft.version.immutable and operation["kind"] != "translate":
        return {"did": "closed"}
    try:
        return _KINDS[operation["kind"]](draft, operation)
    except ChangeRefused as refused:
        return {"did": "refused", "why": refused.code}
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnEdit(f"Not an edit of the kind {operation['kind']}.") from error


def _check(operation: Mapping[str, Any]) -> None:
    named = isinstance(operation, Mapping) and isinstance(operation.get("id"), str)
    if not named or not _ID.fullmatch(operation["id"]) or operation.get("kind") not in _KINDS:
        raise NotAnEdit("An edit has an id and one of the kinds.")


def _last(session: Session, version_id: str) -> int:
    return session.scalar(select(func.max(TranscriptEdit.seq)).where(TranscriptEdit.version_id == version_id)) or 0


def since(session: Session, version_id: str, seq: int) -> Since:
    """What changed after the change of that number."""
    query = select(TranscriptEdit).where(TranscriptEdit.version_id == version_id, TranscriptEdit.seq > seq)
    found = Since(seq)
    for edit in session.scalars(query.order_by(TranscriptEdit.seq)):
        found.seq = edit.seq
        found.touched |= set(edit.touched)
        found.touched -= set(edit.removed)
        found.removed = (found.removed - set(edit.touched)) | set(edit.removed)
        if edit.kind == "rename":
            found.renamed.append((str(edit.asked["from"]), str(edit.answer.get("speaker", ""))))
    return found


def last_change(session: Session, version_id: str) -> int:
    """The number of the last change of a version; 0 before the first."""
    return _last(session, version_id)
