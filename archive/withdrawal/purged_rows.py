"""The rows that go with a withdrawn testimony: what asks about it, what was described, and with `destroy` all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import CursorResult, Delete, delete, or_, select, update
from sqlalchemy.orm import Session

from archive.gathering import passages
from archive.lyrics import clippings
from archive.models import (
    AccessRequest,
    Arrangement,
    DescriptionChange,
    IndexPoint,
    LineTiming,
    LinkCandidate,
    LyricLine,
    LyricVersion,
    MarkedText,
    Narrator,
    OwnDecision,
    Permission,
    RecorderArrival,
    Recording,
    Redaction,
    Revoicing,
    SetEntry,
    Source,
    StageRun,
    Tagging,
    TappedMoment,
    Testimony,
    ThemeLesson,
    TranscriptEdit,
    TranscriptVersion,
    TypedTranscript,
    UnclaimedRecording,
    VaultEntry,
)
from archive.retrieval import kept_searches
from archive.songs.credits import forget_name


@dataclass(frozen=True, slots=True)
class Purge:
    """What is to be purged: the testimony, its recordings and narrator while their rows are there, and its songs."""

    testimony_id: str
    mode: str
    recording_id: str | None
    narrator_id: str | None
    songs: tuple[str, ...]
    revoiced_id: str | None = None
    named: tuple[str, ...] = ()
    """Recordings that its tombstone names, whether or not their rows are still there."""

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(filter(None, (self.testimony_id, self.recording_id, self.revoiced_id, *self.named)))


def of_restricted(session: Session, wanted: Purge) -> int:
    """What asks about it, and what stood in its description before; returns how many rows went."""
    women = _named_in_history(session, wanted.testimony_id) - {wanted.narrator_id}
    for recording in session.scalars(select(Recording).where(Recording.id.in_(wanted.ids))):
        recording.listening_key = recording.peaks_key = ""
    statements = [
        delete(one).where(one.testimony_id == wanted.testimony_id) for one in (LinkCandidate, DescriptionChange)
    ]
    still = select(Testimony.id).where(Testimony.narrator_id == wanted.narrator_id, Testimony.withdrawn_at.is_(None))
    if session.scalar(still.limit(1)) is None:
        statements.append(delete(DescriptionChange).where(DescriptionChange.narrator_id == wanted.narrator_id))
    return removed(session, [*statements, *_of_women(session, women, wanted.testimony_id)])


def of_destroyed(session: Session, wanted: Purge) -> int:
    """Her words out of every song, and the testimony with all that hangs on it; returns how many rows went."""
    return _remove_words_from_songs(session, wanted) + _remove_testimony(session, wanted)


def _remove_words_from_songs(session: Session, wanted: Purge) -> int:
    """Blank the lines that are her very words, in every version of every song; the band decides what stands there."""
    hers = select(Source).where(Source.testimony_id == wanted.testimony_id)
    sources = list(session.scalars(hers))
    spoken = {source.line_id for source in sources if source.relation == "verbatim"}
    lines = list(session.scalars(select(LyricLine).where(LyricLine.id.in_(spoken)))) if spoken else []
    texts = {line.km for line in lines if line.km} | {line.en for line in lines if line.en}
    versions = select(LyricVersion.id).where(LyricVersion.song_id.in_(wanted.songs))
    for line in session.scalars(select(LyricLine).where(LyricLine.version_id.in_(versions))):
        if line.id in spoken or line.km in texts or line.en in texts:
            line.km = line.en = line.romanised = ""
            line.words, line.held = [], True
            session.execute(delete(LineTiming).where(LineTiming.line_id == line.id))
    desk = clippings.forget_quotes(session, wanted.testimony_id, frozenset(texts))
    for source in sources:
        session.delete(source)
    who = session.get(Narrator, wanted.narrator_id) if wanted.narrator_id else None
    if who is not None:
        forget_name(session, wanted.songs, who)
    session.flush()
    return len(sources) + desk


def _remove_testimony(session: Session, wanted: Purge) -> int:
    mine = wanted.testimony_id
    women = _named_in_history(session, mine) - {wanted.narrator_id}
    statements = [
        delete(kind).where(kind.testimony_id == mine)
        for kind in (
            LinkCandidate,
            ThemeLesson,
            Tagging,
            IndexPoint,
            Redaction,
            MarkedText,
            AccessRequest,
            Permission,
            DescriptionChange,
            RecorderArrival,
            TappedMoment,
            SetEntry,
        )
    ]
    statements += [delete(kind).where(kind.testimony_id == mine) for kind in (TranscriptEdit, TypedTranscript)]
    statements += [delete(kind).where(kind.testimony_id == mine) for kind in (Revoicing, TranscriptVersion)]
    statements.append(delete(Testimony).where(Testimony.id == mine))
    for recording_id in filter(None, (wanted.recording_id, wanted.revoiced_id)):
        statements += [
            delete(StageRun).where(StageRun.recording_id == recording_id),
            delete(Arrangement).where(Arrangement.recording_id == recording_id),
            delete(Recording).where(Recording.id == recording_id),
        ]
    women.add(wanted.narrator_id)
    statements.append(delete(UnclaimedRecording).where(UnclaimedRecording.recording_id.in_(wanted.ids)))
    # That somebody decided by her own code is news; of what is nobody's business any more.
    session.execute(update(OwnDecision).where(OwnDecision.testimony_id == mine).values(testimony_id=""))
    kept_searches.forget_testimony(session, mine)
    passages.forget_testimony(session, mine)
    return removed(session, [*statements, *_of_women(session, women, mine)])


def _of_women(session: Session, narrator_ids: Iterable[str | None], testimony_id: str) -> list[Delete]:
    """What takes the records away that have no testimony but this one."""
    statements: list[Delete] = []
    for narrator_id in sorted(filter(None, narrator_ids)):
        others = select(Testimony.id).where(Testimony.narrator_id == narrator_id, Testimony.id != testimony_id)
        if session.scalar(others.limit(1)) is None:
            chosen = or_(DescriptionChange.before == narrator_id, DescriptionChange.after == narrator_id)
            statements += [
                delete(DescriptionChange).where(DescriptionChange.narrator_id == narrator_id),
                delete(DescriptionChange).where(DescriptionChange.field == "narrator", chosen),
                delete(VaultEntry).where(VaultEntry.narrator_id == narrator_id),
                delete(Narrator).where(Narrator.id == narrator_id),
            ]
    return statements


def _named_in_history(session: Session, testimony_id: str) -> set[str | None]:
    """Narrators whose the testimony once was, by mistake: a record that is left without any bears her name still."""
    chosen = select(DescriptionChange.before, DescriptionChange.after).where(
        DescriptionChange.testimony_id == testimony_id, DescriptionChange.field == "narrator"
    )
    return {one for row in session.execute(chosen) for one in row}


def removed(session: Session, statements: Iterable[Delete]) -> int:
    return sum(cast(CursorResult[()], session.execute(statement)).rowcount for statement in statements)
