"""Changes of words: text, translation, choosing between rival texts, speakers, and vouching for what a machine heard.

A person who wrote a segment, or listened and found it right, takes its flags off: it is a machine's doubt no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.language.normalise import tidy
from archive.models import RivalText, Segment, SegmentTranslation, TranscriptVersion
from archive.timing import Word
from archive.transcripts.draft_change import ChangeRefused, DraftChange
from archive.transcripts.text_merge import merged
from archive.transcripts.word_times import carry_times, edited

LONGEST_TEXT = 20_000
LONGEST_NAME = 80


def text(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The text of a segment; of one that is gone meanwhile, kept beside the segment that took its place."""
    before, wanted = given(asked["before"]), given(asked["text"])
    segment = draft.find(asked["segment"])
    if segment is None:
        return _homeless(draft, asked, wanted)
    both = merged(before, wanted, segment.text)
    if both is None:
        draft.keep_beside(segment, wanted)
        return {"did": "rival"}
    reword(draft, segment, both)
    return {"did": "done" if both == wanted else "merged"}


def _homeless(draft: DraftChange, asked: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    heir = draft.at(int(asked.get("at", 0)))
    if not wanted.strip() or (heir is not None and wanted in heir.text):
        return {"did": "done"}
    if heir is None:
        start = max(0, int(asked.get("at", 0)))
        heir = Segment(version_id=draft.version.id, start_ms=start, end_ms=start + 1000, text="", flags=[])
        draft.put(heir, None)
    draft.keep_beside(heir, wanted)
    return {"did": "rival"}


def reword(draft: DraftChange, segment: Segment, wanted: str) -> None:
    """Give a segment other words; every word that was left alone keeps its time."""
    if wanted != segment.text:
        timed = edited(segment.text, segment.words, wanted, segment.span, draft.marks(segment))
        if not segment.text.strip():
            timed = carry_times(wanted, segment.span)
        segment.words, segment.text = timed, wanted
        segment.confidence = None
    segment.flags = []
    draft.touch(segment)


def vouch(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody listened, and the words are right as they stand: neither flagged nor doubtful any longer."""
    segment = draft.find(asked["segment"])
    if segment is None:
        raise ChangeRefused("gone")
    if given(asked["text"]) != segment.text:
        raise ChangeRefused("changed")
    segment.flags, segment.confidence = [], None
    segment.words = tuple(Word(word.text, word.start_ms, word.end_ms) for word in segment.words)
    draft.touch(segment)
    return {"did": "done"}


def translate(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The words that a draft of a translation gives to a segment."""
    before, wanted = given(asked["before"]), given(asked["text"])
    translation = translation_of(draft, asked["translation"])
    if translation.immutable:
        return {"did": "closed"}
    segment = draft.find(asked["segment"]) or draft.at(int(asked.get("at", 0)))
    if segment is None:
        raise ChangeRefused("gone")
    row = draft.translations(segment).get(translation.id)
    theirs = row.text if row else ""
    both = merged(before, wanted, theirs) if segment.id == asked["segment"] else None
    if both is None:
        draft.keep_beside(segment, wanted, translation.id)
        return {"did": "rival"}
    if row is None:
        draft.session.add(SegmentTranslation(version_id=translation.id, segment_id=segment.id, text=both))
    else:
        row.text = both
    draft.touch(segment, changed=False)
    if translation.stage == "reviewed":
        translation.stage, translation.reviewed_by_id, translation.reviewed_at = "corrected", None, None
    return {"did": "done" if both == wanted else "merged"}


def translation_of(draft: DraftChange, version_id: object) -> TranscriptVersion:
    """The translation of the draft with that id. Raises Refused."""
    found = draft.session.get(TranscriptVersion, version_id)
    if found is None or found.translates_id != draft.version.id:
        raise ChangeRefused("gone")
    return found


def settle(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A person has chosen between two texts, or made one of both; the rival goes."""
    segment = draft.find(asked["segment"])
    rival = draft.session.get(RivalText, asked["rival"])
    if segment is None or rival is None or rival.segment_id != segment.id:
        raise ChangeRefused("gone")
    wanted = asked.get("text")
    if wanted is not None and rival.translation_id is None:
        reword(draft, segment, given(wanted))
    elif wanted is not None:
        row = draft.translations(segment).get(rival.translation_id or "")
        if row is None:
            row = SegmentTranslation(version_id=rival.translation_id, segment_id=segment.id, text="")
            draft.session.add(row)
        row.text = given(wanted)
    draft.session.delete(rival)
    draft.touch(segment)
    return {"did": "done"}


def speaker(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Who speaks, in the segments named."""
    name = named(asked["speaker"])
    ids = [one for one in asked["segments"] if isinstance(one, str)]
    for at in range(0, len(ids), 400):
        mine = Segment.version_id == draft.version.id, Segment.id.in_(ids[at : at + 400])
        for segment in draft.session.scalars(select(Segment).where(*mine, Segment.speaker != name)):
            segment.speaker = name
            draft.touch(segment)
    return {"did": "done", "speaker": name}


def rename(draft: DraftChange, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Another name for a speaker, everywhere."""
    name, earlier = named(asked["speaker"]), str(asked["from"])
    _rename(draft.session, draft.version.id, earlier, name)
    draft.changed = True
    return {"did": "done", "speaker": name}


def _rename(session: Session, version_id: str, earlier: str, name: str) -> None:
    statement = update(Segment).where(Segment.version_id == version_id, Segment.speaker == earlier)
    values = {"speaker": name, "revision": Segment.revision + 1}
    session.execute(statement.values(**values).execution_options(synchronize_session=False))
    session.expire_all()


def named(name: object) -> str:
    """A speaker's name as it is stored: one line, no longer than a name."""
    return " ".join(given(name).split())[:LONGEST_NAME]


def given(text: object) -> str:
    """Text as a person typed it, brought to the form in which it is stored: one line, tidied."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise ValueError("not a text")
    return tidy(" ".join(text.replace("\u00a0", " ").splitlines()))
