"""Keeping: a draft becomes a version that is kept for ever; versions are compared word by word and brought back.

A kept line carries its sources with it, as the clippings quote them now, and what consent no longer covers is held in
the same transaction. A line that did not change keeps the times it is sung at and the words people cut it into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from pycrdt import Map
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.consent import holds
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.language.romanise import romanise
from archive.language.word_diff import ComparedWords, word_diff
from archive.language.words import words
from archive.ledgers import audit
from archive.lyrics import clippings, shared_draft
from archive.lyrics.current_words import current_lyric
from archive.lyrics.shared_draft import DraftLine
from archive.models import (
    Clipping,
    LineTiming,
    LyricLine,
    LyricVersion,
    Song,
    Source,
)
from archive.models.lyric import IS_CURRENT


class NothingToKeep(ArchiveError, ValueError):
    """The draft has no words, or says what the newest version says."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A line in two versions; one that is held shows no words."""

    section: str
    km: tuple[ComparedWords, ...]
    en: tuple[ComparedWords, ...]
    held: bool = False

    @property
    def changed(self) -> bool:
        return any(piece.kind != "same" for piece in (*self.km, *self.en))


def versions(session: Session, song_id: str) -> list[LyricVersion]:
    """Every kept version, newest first."""
    query = select(LyricVersion).where(LyricVersion.song_id == song_id).order_by(LyricVersion.number.desc())
    return list(session.scalars(query))


def version(session: Session, song_id: str, number: int) -> LyricVersion:
    """One kept version.

    Raises:
        Unknown: there is none of that number.
    """
    query = select(LyricVersion).where(LyricVersion.song_id == song_id, LyricVersion.number == number)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def lines_from(session: Session, lyric: LyricVersion | None) -> list[DraftLine]:
    """A kept version's lines as a draft has them; an empty song begins with one empty line."""
    if lyric is None:
        return [DraftLine("first", section="verse 1")]
    return [
        DraftLine(
            ref=f"{lyric.number}-{line.id}",
            section=line.section,
            km=line.km,
            en=line.en,
            romanised=line.romanised,
            own=line.own,
            sources={clippings.of_source(session, one, lyric.song_id).id: one.relation for one in line.sources},
        )
        for line in lyric.lines
    ]


def keep_version(session: Session, song: Song, note: str, by_id: str | None) -> LyricVersion:
    """Keep the draft as the song's newest version; the song's row is locked, so that numbers have no gaps.

    Raises:
        NothingToKeep: see there.
    """
    session.get(Song, song.id, with_for_update=True, populate_existing=True)
    before = current_lyric(session, song.id)
    written = [line for line in shared_draft.draft_lines(session, song.id) if line.km.strip() or line.en.strip()]
    if not written or (before is not None and not differs(session, before, written)):
        raise NothingToKeep(Message("There is nothing new to keep."))
    made = LyricVersion(
        song_id=song.id, number=before.number + 1 if before else 1, note=tidy(note.strip())[:300], made_by_id=by_id
    )
    session.add(made)
    session.flush()
    for position, line in enumerate(written):
        _kept_line(session, made, position, line, by_id)
    session.flush()
    session.refresh(made)
    if before is not None:
        _carry_over(session, before, made)
    for testimony_id in sorted({source.testimony_id for line in made.lines for source in line.sources}):
        holds.hold_lines(session, testimony_id)
    audit.note(session, by_id, "lyric.kept", f"song:{song.id}", {"number": made.number})
    return made


def differs(session: Session, lyric: LyricVersion, written: Sequence[DraftLine]) -> bool:
    """Whether a draft says anything else than a version: other words, sections or sources."""
    kept = [
        (line.section, line.km, line.en, line.own, sorted((s.quote_hash, s.start_ms, s.relation) for s in line.sources))
        for line in lyric.lines
    ]
    drafted = []
    for line in written:
        drawn = []
        for clipping, relation in _clippings(session, line):
            drawn.append((clipping.quote_hash, clipping.start_ms, relation))
        own = line.own and not drawn
        drafted.append((line.section, tidy(line.km.strip()), tidy(line.en.strip()), own, sorted(drawn)))
    return kept != drafted


def _clippings(session: Session, line: DraftLine) -> Iterator[tuple[Clipping, str]]:
    for clipping_id, relation in line.sources.items():
        found = session.get(Clipping, clipping_id)
        if found is not None:
            yield found, relation


def _kept_line(session: Session, lyric: LyricVersion, position: int, line: DraftLine, by_id: str | None) -> None:
    km = tidy(line.km.strip())
    drawn = list(_clippings(session, line))
    made = LyricLine(
        version_id=lyric.id,
        position=position,
        section=line.section.strip(),
        km=km,
        romanised=tidy(line.romanised.strip()) or romanise(km),
        en=tidy(line.en.strip()),
        words=[piece.text for piece in words(km)],
        own=line.own and not drawn,
    )
    session.add(made)
    session.flush()
    for clipping, relation in drawn:
        session.add(
            Source(
                line_id=made.id,
                testimony_id=clipping.testimony_id,
                version_id=clipping.version_id,
                segment_id=clipping.segment_id,
                start_ms=clipping.start_ms,
                end_ms=clipping.end_ms,
                quote=clipping.quote,
                quote_hash=clipping.quote_hash,
                relation=relation,
                state=clipping.state,
                made_by_id=by_id,
            )
        )


def _carry_over(session: Session, before: LyricVersion, after: LyricVersion) -> None:
    """Lines that say the same keep their words as people cut them, and when they are sung."""
    columns = [column.key for column in inspect(LineTiming).column_attrs if column.key != "line_id"]
    for old, new in _unchanged(before.lines, after.lines):
        if old.km and old.km == new.km and old.words:
            new.words = list(old.words)
        for timing in session.scalars(select(LineTiming).where(LineTiming.line_id == old.id)).all():
            session.add(LineTiming(line_id=new.id, **{name: getattr(timing, name) for name in columns}))
    session.flush()


def _unchanged(old: Sequence[LyricLine], new: Sequence[LyricLine]) -> Iterator[tuple[LyricLine, LyricLine]]:
    matcher = SequenceMatcher(None, [_sung(one) for one in old], [_sung(one) for one in new], autojunk=False)
    for block in matcher.get_matching_blocks():
        yield from zip(old[block.a : block.a + block.size], new[block.b : block.b + block.size], strict=True)


def _sung(line: LyricLine | DraftLine) -> str:
    return line.km.strip() or line.en.strip()


def restore(session: Session, song: Song, number: int, by_id: str | None) -> str:
    """Bring a kept version back into the draft; the lines that stood there are taken out and can be put back.

    Returns:
        The name of this change, for `undo_restore`.

    Raises:
        Unknown: there is no such version.
    """
    lyric = version(session, song.id, number)
    draft = shared_draft.begin(session, song, lines_from(session, lyric), by_id)
    change = f"back-{number}-{draft.revision}"
    added = [
        DraftLine(f"{change}-{n}", one.section, one.km, one.en, one.romanised, one.own, one.sources)
        for n, one in enumerate(lines_from(session, lyric))
    ]

    def bring_back(lines: Map[object]) -> None:
        for line in shared_draft.lines_of(draft.state):
            lines[line.ref]["gone"] = change  # type: ignore[index]
        shared_draft.put(lines, added)

    shared_draft.rewrite(session, song.id, bring_back, by_id)
    return change


def undo_restore(session: Session, song: Song, change: str, by_id: str | None) -> None:
    """Put back the lines that a restore took out, and take out those it put in."""
    if not change.startswith("back-"):
        raise Unknown("There is no such thing here.")
    lines = shared_draft.lines_of(shared_draft.begin(session, song, (), by_id).state, gone=True)

    def put_back(held_lines: Map[object]) -> None:
        for line in lines:
            if line.gone == change:
                held_lines[line.ref]["gone"] = ""  # type: ignore[index]
            elif line.ref.startswith(f"{change}-"):
                held_lines[line.ref]["gone"] = f"undone-{change}"[: shared_draft.LONGEST_NAME]  # type: ignore[index]

    shared_draft.rewrite(session, song.id, put_back, by_id)


def compare(
    session: Session, viewer: Viewer, old: Iterable[LyricLine | DraftLine], new: Iterable[LyricLine | DraftLine]
) -> list[Compared]:
    """Two versions of a song line by line, word by word; lines that are held show no words."""
    before, after = list(old), list(new)
    matcher = SequenceMatcher(None, [_sung(one) for one in before], [_sung(one) for one in after], autojunk=False)
    hidden = closed(session, viewer, [*before, *after])
    found = []
    for _, a, b, c, d in matcher.get_opcodes():
        for first, second in zip_longest(before[a:b], after[c:d]):
            line = second or first
            assert line is not None
            names = {one.id if isinstance(one, LyricLine) else one.ref for one in (first, second) if one is not None}
            found.append(_compared(line.section, first, second, hide=bool(names & hidden)))
    return found


def closed(session: Session, viewer: Viewer, lines: Iterable[LyricLine | DraftLine]) -> set[str]:
    """Those whose words this viewer may not have, by id or by name: the gate closes them, or, in a draft, they are her
    very words and what they draw on is held."""
    lines = list(lines)
    kept = [line.id for line in lines if isinstance(line, LyricLine)]
    found = set(session.scalars(gate.closed_lines(viewer).where(LyricLine.id.in_(kept)))) if kept else set()
    drawn = [(line, *one) for line in lines if isinstance(line, DraftLine) for one in _clippings(session, line)]
    verbatim = [(line, clipping) for line, clipping, relation in drawn if relation == "verbatim"]
    gone = {one.clipping.id for one in clippings.shown(session, viewer, [one for _, one in verbatim]) if one.held}
    return found | {line.ref for line, clipping in verbatim if clipping.id in gone}


def _compared(
    section: str, first: LyricLine | DraftLine | None, second: LyricLine | DraftLine | None, *, hide: bool
) -> Compared:
    if hide:
        return Compared(section, (), (), held=True)
    km = first.km if first else "", second.km if second else ""
    en = first.en if first else "", second.en if second else ""
    return Compared(section, tuple(word_diff(*km)), tuple(word_diff(*en)))


def trouble(session: Session, song: Song) -> tuple[int, int]:
    """How many lines of the song's newest words are held, and how many of its sources have moved."""
    current = select(LyricVersion.id).where(LyricVersion.song_id == song.id, IS_CURRENT)
    lines = select(func.count()).select_from(LyricLine).where(LyricLine.version_id.in_(current))
    sources = select(func.count()).select_from(Source).join(LyricLine, LyricLine.id == Source.line_id)
    held = session.scalar(lines.where(LyricLine.held.is_(True))) or 0
    moved = session.scalar(sources.where(LyricLine.version_id.in_(current), Source.state == "review")) or 0
    return held, moved
