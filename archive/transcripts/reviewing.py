"""The way of a transcript from a machine's words to approved ones, and who may walk it.

The people of the band who may read the whole of a testimony correct it. There is one draft of a testimony at a time, on
which everybody works; approving it seals it, carries the songs' sources over, and from then on a correction is a new
draft made from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.accounts.accounts import people
from archive.catalogue import tagging
from archive.consent import heard_through
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import RivalText, Segment, Testimony, TranscriptVersion, now
from archive.timing import Utterance
from archive.transcripts import marked_words, quotations, transcript_versions

OPEN = ("corrected", "reviewed")


NOT_YET = {
    "flagged": Message(
        "Some places are still marked as doubtful. Listen, then correct them or say that they are right."
    ),
    "rivals": Message("In some places two people wrote different words. Choose between them."),
    "unreviewed": Message("Go through the whole of it first, and mark it as reviewed."),
    "empty": Message("No words have been written yet."),
    "original": Message("It translates words that are not approved yet. Approve both together."),
    "closed": Message("This version is closed already. Start a new correction."),
}


class NotYet(ArchiveError, ValueError):
    """A version cannot go on; its code is one of `NOT_YET`."""

    def __init__(self, code: str) -> None:
        super().__init__(NOT_YET[code], code=code)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is in a version, and how much of it waits for somebody's ear: flagged segments, places with two texts."""

    written: int
    flagged: int
    rivals: int


def require(session: Session, viewer: Viewer, testimony_id: str) -> Testimony:
    """The testimony, for somebody of the band who may read it in full.

    Raises:
        Unknown: for everybody else it is not there.
    """
    if not viewer.inside:
        raise Unknown("There is no such thing here.")
    gate.require(session, viewer, testimony_id, "full_transcript")
    return session.get_one(Testimony, testimony_id)


def required_version(session: Session, viewer: Viewer, version_id: str) -> TranscriptVersion:
    """A version, for somebody of the band who may read its testimony in full. Raises Unknown."""
    testimony_id = session.scalar(select(TranscriptVersion.testimony_id).where(TranscriptVersion.id == version_id))
    require(session, viewer, testimony_id or "")
    return session.get_one(TranscriptVersion, version_id)


def history(session: Session, testimony_id: str) -> list[TranscriptVersion]:
    """Every version of a testimony's words and of their translations, newest first."""
    query = select(TranscriptVersion).where(TranscriptVersion.testimony_id == testimony_id)
    return list(session.scalars(query.order_by(TranscriptVersion.made_at.desc(), TranscriptVersion.number.desc())))


def names(session: Session, versions: Sequence[TranscriptVersion]) -> dict[str, str]:
    """Account id -> name, of everybody who made, reviewed or approved one of these."""
    ids = [who for one in versions for who in (one.made_by_id, one.reviewed_by_id, one.approved_by_id)]
    return people(session, ids)


def draft_of(session: Session, testimony_id: str) -> TranscriptVersion | None:
    """The draft of a testimony on which people work now."""
    query = select(TranscriptVersion).where(
        TranscriptVersion.testimony_id == testimony_id,
        TranscriptVersion.translates_id.is_(None),
        TranscriptVersion.stage.in_(OPEN),
    )
    return session.scalars(query.order_by(TranscriptVersion.number.desc()).limit(1)).one_or_none()


def start(session: Session, testimony_id: str, by_id: str | None) -> TranscriptVersion:
    """The draft to correct: the one there is, or a new one from the last approved text, or from the machine's.

    Where no machine heard a word the draft is empty, and people write it from the sound alone.
    """
    session.execute(select(Testimony.id).where(Testimony.id == testimony_id).with_for_update())
    draft = draft_of(session, testimony_id)
    if draft is not None:
        return draft
    parent = transcript_versions.current(session, testimony_id, approved_only=False)
    made = copy(session, testimony_id, parent, by_id)
    detail = {"version": made.id, "from": parent.id if parent else None}
    audit.note(session, by_id, "transcript.started", f"testimony:{testimony_id}", detail)
    return made


def copy(session: Session, testimony_id: str, parent: TranscriptVersion | None, by_id: str | None) -> TranscriptVersion:
    """A draft with the segments of another version, and with its translations beside them."""
    segments = list(parent.segments) if parent else []
    language = parent.language if parent else session.get_one(Testimony, testimony_id).language or "km"
    made = transcript_versions.add_version(
        session,
        testimony_id,
        language,
        [_said(one) for one in segments],
        stage="corrected",
        parent=parent,
        made_by_id=by_id,
    )
    twins = {old.id: new.id for old, new in zip(segments, made.segments, strict=True)}
    for name, translation in (transcript_versions.translations(session, parent) if parent else {}).items():
        texts = transcript_versions.translated_texts(session, translation)
        carried = {twins[old]: text for old, text in texts.items() if old in twins}
        added = transcript_versions.add_translation(session, made, name, carried, stage="corrected", made_by_id=by_id)
        added.parent_id = translation.id
    session.flush()
    return made


def _said(segment: Segment) -> Utterance:
    return Utterance(
        segment.start_ms,
        segment.end_ms,
        segment.text,
        segment.words,
        tuple(segment.flags),
        segment.confidence,
        segment.speaker or None,
    )


def start_translation(
    session: Session, original: TranscriptVersion, language: str, by_id: str | None
) -> TranscriptVersion:
    """The draft of a translation beside a version: the one there is, or a new one from the last approved."""
    known = transcript_versions.translations(session, original).get(language)
    drafts = select(TranscriptVersion).where(
        TranscriptVersion.translates_id == original.id,
        TranscriptVersion.language == language,
        TranscriptVersion.stage.in_(OPEN),
    )
    draft = session.scalars(drafts.limit(1)).one_or_none()
    if draft is not None:
        return draft
    texts = transcript_versions.translated_texts(session, known) if known else {}
    made = transcript_versions.add_translation(session, original, language, texts, stage="corrected", made_by_id=by_id)
    made.parent_id = known.id if known else None
    detail: dict[str, object] = {"version": made.id, "language": language}
    audit.note(session, by_id, "translation.started", f"testimony:{original.testimony_id}", detail)
    return made


def open_translations(session: Session, version: TranscriptVersion) -> list[TranscriptVersion]:
    """The drafts of translations of a version on which people work now, also of one that is approved already."""
    drafts = select(TranscriptVersion).where(
        TranscriptVersion.translates_id == version.id, TranscriptVersion.stage.in_(OPEN)
    )
    return list(session.scalars(drafts.order_by(TranscriptVersion.language, TranscriptVersion.number)))


def beside(session: Session, version: TranscriptVersion) -> dict[str, TranscriptVersion]:
    """Language -> the translation to work at beside a version: its draft, or else the one that holds."""
    drafts = {one.language: one for one in open_translations(session, version)}
    return transcript_versions.translations(session, version) | drafts


def doubt(session: Session, version: TranscriptVersion) -> Doubt:
    """What is still open in a version."""
    rivals = session.scalar(select(func.count()).select_from(RivalText).where(_rivals_of(version))) or 0
    if version.translates_id is not None:
        texts = transcript_versions.translated_texts(session, version)
        return Doubt(sum(bool(text.strip()) for text in texts.values()), 0, rivals)
    rows = session.execute(select(Segment.flags, Segment.text).where(Segment.version_id == version.id)).all()
    return Doubt(sum(bool(text.strip()) for _, text in rows), sum(bool(flags) for flags, _ in rows), rivals)


def _rivals_of(version: TranscriptVersion) -> ColumnElement[bool]:
    if version.translates_id is not None:
        return RivalText.translation_id == version.id
    return (RivalText.version_id == version.id) & RivalText.translation_id.is_(None)


def mark_reviewed(session: Session, version: TranscriptVersion, by_id: str | None) -> None:
    """Somebody has gone through the whole of it. Raises NotYet."""
    session.refresh(version, with_for_update=True)
    _ready(session, version)
    if version.stage != "corrected":
        raise NotYet("closed")
    version.stage, version.reviewed_by_id, version.reviewed_at = "reviewed", by_id, now()
    session.flush()
    audit.note(session, by_id, "transcript.reviewed", f"testimony:{version.testimony_id}", {"version": version.id})


def approve(
    session: Session,
    version: TranscriptVersion,
    by_id: str | None,
    translations: Collection[str] = (),
    *,
    heard: bool = False,
) -> list[str]:
    """Seal a reviewed version; the sources of songs are found again in it or marked for review.

    Args:
        translations: ids of drafts of translations of it that are sealed with it.
        heard: whoever approves it has listened to the recording until its end, and says so with the same act.

    Returns:
        Ids of the sources that now wait for a person.

    Raises:
        NotYet: something in it is still open.
    """
    session.refresh(version, with_for_update=True)
    if version.translates_id and session.get_one(TranscriptVersion, version.translates_id).stage != "approved":
        raise NotYet("original")
    _ready(session, version)
    if version.stage != "reviewed":
        raise NotYet("unreviewed" if version.stage == "corrected" else "closed")
    replaced = _replaced(session, version)
    for draft in transcript_versions.translations(session, version).values():
        if draft.id in translations and draft.stage in OPEN:
            _ready(session, draft)
            transcript_versions.approve(session, draft, by_id)
    transcript_versions.approve(session, version, by_id)
    if heard:
        heard_through.hear(session, version.testimony_id, by_id)
    doubtful = [one.id for old in replaced for one in quotations.carry_over_all(session, old, version)]
    tagging.suggest(session, session.get_one(TranscriptVersion, version.translates_id or version.id))
    marked_words.look_again(session, version.testimony_id)
    detail: dict[str, object] = {"version": version.id, "sources to look at": len(doubtful)}
    audit.note(session, by_id, "transcript.approved", f"testimony:{version.testimony_id}", detail)
    return doubtful


def _ready(session: Session, version: TranscriptVersion) -> None:
    still_open = doubt(session, version)
    if still_open.flagged:
        raise NotYet("flagged")
    if still_open.rivals:
        raise NotYet("rivals")
    if not still_open.written:
        raise NotYet("empty")


def _replaced(session: Session, version: TranscriptVersion) -> list[TranscriptVersion]:
    """The approved versions in the same language that this one comes after."""
    translates = TranscriptVersion.translates_id
    query = select(TranscriptVersion).where(
        TranscriptVersion.testimony_id == version.testimony_id,
        TranscriptVersion.language == version.language,
        TranscriptVersion.stage == "approved",
        TranscriptVersion.id != version.id,
        translates.is_(None) if version.translates_id is None else translates.is_not(None),
    )
    return list(session.scalars(query.order_by(TranscriptVersion.number)))
