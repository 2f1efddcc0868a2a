"""Changes of segments: cut in two, joined, moved in time, added, taken away, and put back as they were.

Whatever is cut or joined, every word keeps its own time, and so does every edge that was not the one moved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from archive.language.spoken_time import moments
from archive.models import Recording, RivalText, Segment, SegmentTranslation, Testimony
from archive.models.base import ID_LENGTH
from archive.timing import FLAGS, Span, Word
from archive.transcripts import text_changes
from archive.transcripts.draft_change import ChangeRefused, DraftChange
from archive.transcripts.text_merge import moved
from archive.transcripts.word_times import fitted, placed

SHORTEST_MS = 100
_SEGMENT_ID = re.compile(f"[a-z0-9]{{{ID_LENGTH}}}")


def split(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Cut a segment before the character `at` of the text as the editor had it; the second half gets the id `new`."""
    segment = _found(draft, asked["segment"])
    at = moved(text_changes.given(asked["before"]), segment.text, int(asked["at"]))
    left, right = segment.text[:at].rstrip(), segment.text[at:].lstrip()
    mine, others, moment = _cut(segment, at)
    half = Segment(
        id=_fresh(draft, asked["new"]),
        version_id=draft.version.id,
        start_ms=moment,
        end_ms=segment.end_ms,
        speaker=segment.speaker,
        text=right,
        flags=list(segment.flags),
        confidence=segment.confidence,
    )
    half.words = others
    segment.text, segment.words = left, mine
    segment.end_ms = min(moment, segment.end_ms)
    draft.touch(segment)
    draft.put(half, segment)
    return {"did": "done"}


def _cut(segment: Segment, at: int) -> tuple[tuple[Word, ...], tuple[Word, ...], int]:
    """The words before and after a place in the text, and the moment between them."""
    before, after = list[Word](), list[Word]()
    for start, word in placed(segment.text, segment.words):
        end = start + len(word.text)
        if end <= at:
            before.append(word)
        elif start >= at:
            after.append(word)
        else:
            one, two = word.text[: at - start].rstrip(), word.text[at - start :].lstrip()
            moment = moments(word.text, [at - start], word.start_ms, word.end_ms)[0]
            before += [Word(one, word.start_ms, moment, word.confidence)] if one else []
            after += [Word(two, moment, word.end_ms, word.confidence)] if two else []
    if before and after:
        moment = (before[-1].end_ms + max(after[0].start_ms, before[-1].end_ms)) // 2
    else:
        moment = moments(segment.text, [at], segment.start_ms, segment.end_ms)[0]
        moment = max([moment, *(word.end_ms for word in before[-1:])])
        moment = min([moment, *(word.start_ms for word in after[:1])])
    return tuple(before), tuple(after), min(max(moment, segment.start_ms), segment.end_ms)


def merge(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Join a segment with the one behind it, which has to be the one the editor saw there."""
    segment = _found(draft, asked["segment"])
    other = draft.after(segment)
    if other is None or other.id != asked["next"]:
        raise ChangeRefused("changed")
    mine, others = draft.translations(segment), draft.translations(other)
    for version_id, row in others.items():
        if version_id in mine:
            mine[version_id].text = f"{mine[version_id].text} {row.text}".strip()
        else:
            draft.session.add(SegmentTranslation(version_id=version_id, segment_id=segment.id, text=row.text))
    words = (*segment.words, *other.words) if segment.words or not segment.text.strip() else ()
    segment.words = () if other.text.strip() and not other.words else words
    segment.text = f"{segment.text.rstrip()} {other.text.lstrip()}".strip()
    segment.end_ms = max(segment.end_ms, other.end_ms)
    segment.flags = list(dict.fromkeys([*segment.flags, *other.flags]))
    segment.confidence = None
    draft.touch(segment)
    draft.take(other, segment)
    return {"did": "done"}


def time(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Move the edges of a segment that are named; they stay in the recording and between the segments around it."""
    segment = _found(draft, asked["segment"])
    start, end = segment.start_ms, segment.end_ms
    if asked.get("start") is not None:
        low = before.start_ms if (before := draft.before(segment)) else 0
        high = after.start_ms if (after := draft.after(segment)) else _length(draft)
        start = min(max(int(asked["start"]), low), high)
    if asked.get("end") is not None:
        end = min(int(asked["end"]), _length(draft))
    if end - start < SHORTEST_MS:
        raise ChangeRefused("edge")
    segment.start_ms, segment.end_ms = start, end
    draft.touch(segment)
    return {"did": "done"}


def add(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A new, empty segment where somebody hears speech that nobody wrote down."""
    start, end = max(0, int(asked["start"])), min(int(asked["end"]), _length(draft))
    if end - start < SHORTEST_MS:
        raise ChangeRefused("edge")
    found = draft.at(start)
    before = found if found is not None and found.start_ms <= start else None
    made = Segment(
        id=_fresh(draft, asked["new"]),
        version_id=draft.version.id,
        start_ms=start,
        end_ms=end,
        speaker=text_changes.named(asked.get("speaker", "")),
        text="",
        flags=[],
    )
    draft.put(made, before)
    return {"did": "done"}


def remove(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Take a segment away; one whose words somebody changed meanwhile stays."""
    segment = _found(draft, asked["segment"])
    if text_changes.given(asked["before"]) != segment.text:
        raise ChangeRefused("changed")
    draft.take(segment, draft.before(segment) or draft.after(segment))
    return {"did": "done"}


def restore(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Put segments in the place of others, as undoing does; nothing is done if somebody changed one of them since.

    `take` are the segments as the editor has them now, `put` as they were before.
    """
    taken = [_unchanged(draft, one) for one in asked["take"]]
    wanted: Sequence[Mapping[str, Any]] = asked["put"]
    ids = {one["id"] for one in wanted}
    anchor = _anchor(draft, taken, wanted)
    for segment in taken:
        if segment.id not in ids:
            draft.take(segment, next((one for one in taken if one.id in ids), None))
    for one in wanted:
        segment = draft.find(one["id"]) or Segment(id=_fresh(draft, one["id"]), version_id=draft.version.id, text="")
        _put_back(segment, one)
        if segment.position is None:
            draft.put(segment, anchor)
        else:
            draft.touch(segment)
        _put_back_translations(draft, segment, one.get("tr", {}))
        _put_back_rivals(draft, segment, one.get("rivals", []))
        anchor = segment
    return {"did": "done"}


def _unchanged(draft: DraftChange, seen: Mapping[str, Any]) -> Segment:
    segment = _found(draft, seen["id"])
    if segment.text != text_changes.given(seen["text"]) or [segment.start_ms, segment.end_ms] != [seen["s"], seen["e"]]:
        raise ChangeRefused("changed")
    return segment


def _anchor(draft: DraftChange, taken: Sequence[Segment], wanted: Sequence[Mapping[str, Any]]) -> Segment | None:
    """The segment behind which the restored ones stand."""
    if taken:
        return draft.before(min(taken, key=lambda one: one.position))
    start = min((int(one["s"]) for one in wanted), default=0)
    found = draft.at(start)
    return found if found is not None and found.start_ms <= start else None


def _put_back(segment: Segment, one: Mapping[str, Any]) -> None:
    span = Span(int(one["s"]), int(one["e"]))
    segment.start_ms, segment.end_ms = span.start_ms, span.end_ms
    segment.text, segment.speaker = text_changes.given(one["text"]), text_changes.named(one.get("who", ""))
    segment.flags = [flag for flag in one.get("flags", []) if flag in FLAGS]
    sure = one.get("conf")
    segment.confidence = float(sure) if sure is not None else None
    timed = [Word(text_changes.given(row[0]), int(row[1]), int(row[2]), _sure(row)) for row in one["words"]]
    segment.words = fitted(segment.text, timed, span) if timed else ()


def _sure(row: Sequence[Any]) -> float | None:
    return None if len(row) < 4 or row[3] is None else min(1.0, max(0.0, float(row[3])))


def _put_back_translations(draft: DraftChange, segment: Segment, texts: Mapping[str, str]) -> None:
    rows = draft.translations(segment)
    for version_id, text in texts.items():
        if version_id in rows:
            rows[version_id].text = text_changes.given(text)
        elif text:
            text_changes.translate(
                draft, {"before": "", "text": text, "translation": version_id, "segment": segment.id}
            )


def _put_back_rivals(draft: DraftChange, segment: Segment, rivals: Sequence[Mapping[str, Any]]) -> None:
    """Choosing between two texts is undone as well: the one that was turned down is there again."""
    there = set(draft.session.scalars(select(RivalText.text).where(RivalText.segment_id == segment.id)))
    for rival in rivals:
        translation = rival.get("tr")
        if rival["text"] not in there and (translation is None or text_changes.translation_of(draft, translation)):
            draft.keep_beside(segment, text_changes.given(rival["text"]), translation)


def _found(draft: DraftChange, segment_id: object) -> Segment:
    found = draft.find(segment_id)
    if found is None:
        raise ChangeRefused("gone")
    return found


def _fresh(draft: DraftChange, segment_id: object) -> str:
    if not isinstance(segment_id, str) or not _SEGMENT_ID.fullmatch(segment_id):
        raise ValueError("not an id")
    if draft.session.get(Segment, segment_id) is not None:
        raise ChangeRefused("changed")
    return segment_id


def _length(draft: DraftChange) -> int:
    testimony = draft.session.get_one(Testimony, draft.version.testimony_id)
    recording = draft.session.get_one(Recording, testimony.recording_id)
    return recording.duration_ms or 48 * 3600 * 1000
