"""Passages: the few segments of a transcript that are found and shown together.

The index is filled from these, and snippets are cut from these, so that what was found is what is shown. A passage
comes in an edition: the redacted text, or the full one; what a person has approved, or a draft for those who work on
it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from archive.models import Redaction, Segment, SegmentTranslation, TranscriptVersion
from archive.models.transcript import STAGES
from archive.timing import Span
from archive.transcripts import readable_text

MOST_SEGMENTS = 4
MOST_MS = 45_000
LONGEST_PAUSE_MS = 5_000
REDACTED = frozenset({"redacted_transcript", "draft_redacted"})
MOST_NAMED = 5_000  # ids in one statement; above that, all of a version is read
_RANGES_AT_ONCE = 200  # runs of segments in one statement; SQLite refuses a condition of a thousand parts


@dataclass(frozen=True, slots=True)
class Edition:
    """One form of a testimony's transcript, with the translations that belong to it by language."""

    form: str
    version_id: str
    language: str
    redacted: bool
    translations: Mapping[str, TranscriptVersion]


@dataclass(frozen=True, slots=True)
class PassagePiece:
    """One segment of a passage in one edition: its texts by language, and its words with their times.

    Attributes:
        words: (text, start in ms) of the spoken language, in order.
    """

    segment_id: str
    span: Span
    speaker: str
    texts: Mapping[str, str]
    words: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring pieces; `language` is the one spoken."""

    language: str
    pieces: tuple[PassagePiece, ...]

    @property
    def ref(self) -> str:
        return self.pieces[0].segment_id

    @property
    def span(self) -> Span:
        return Span(self.pieces[0].span.start_ms, max(piece.span.end_ms for piece in self.pieces))

    def texts(self) -> dict[str, str]:
        """The whole text in each language, the spoken one first."""
        languages = dict.fromkeys([self.language, *(name for piece in self.pieces for name in piece.texts)])
        joined = {name: " ".join(filter(None, (p.texts.get(name) for p in self.pieces))) for name in languages}
        return {name: text for name, text in joined.items() if text}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A passage as the index names it."""

    testimony_id: str
    form: str
    segment_id: str
    segments: int


def marks_of(session: Session, testimony_ids: Iterable[str]) -> dict[str, list[Redaction]]:
    """For each testimony that has any, the marks on what is taken out of its redacted form."""
    found: dict[str, list[Redaction]] = {}
    for mark in session.scalars(select(Redaction).where(Redaction.testimony_id.in_(list(testimony_ids)))):
        found.setdefault(mark.testimony_id, []).append(mark)
    return found


def versions_of(session: Session, testimony_ids: Iterable[str]) -> dict[str, list[TranscriptVersion]]:
    """For each testimony that has any, its transcript versions, translations among them."""
    found: dict[str, list[TranscriptVersion]] = {}
    query = select(TranscriptVersion).where(TranscriptVersion.testimony_id.in_(list(testimony_ids)))
    for version in session.scalars(query):
        found.setdefault(version.testimony_id, []).append(version)
    return found


def editions(versions: Sequence[TranscriptVersion], *, marked: bool) -> list[Edition]:
    """The editions in which a testimony's words may be found; none when nothing in it can be trusted yet.

    The version that holds is the last approved one or else the furthest draft (`transcribing.transcripts.current`).

    Args:
        marked: whether something is taken out of it. Otherwise the redacted text is the full one and stands for both.
    """
    spoken = [version for version in versions if version.translates_id is None]
    version = max(spoken, key=lambda v: (STAGES.index(v.stage), v.made_at, v.number), default=None)
    if version is None or (version.stage == "machine" and version.verdict.startswith("needs a person")):
        return []
    others = [one for one in versions if one.translates_id == version.id]
    drafts = {one.language: one for one in sorted(others, key=lambda v: (STAGES.index(v.stage), v.number))}
    approved = {language: one for language, one in drafts.items() if one.stage == "approved"}
    found = []
    for forms, translations, there in (
        (("redacted_transcript", "full_transcript"), approved, version.stage == "approved"),
        (("draft_redacted", "draft_full"), drafts, version.stage != "approved" or drafts != approved),
    ):
        if there:
            found.append(Edition(forms[0], version.id, version.language, True, translations))
            if marked:
                found.append(Edition(forms[1], version.id, version.language, False, translations))
    return found


def passages(session: Session, edition: Edition, marks: Sequence[Redaction]) -> Iterator[Passage]:
    """All passages of an edition, in order. Flagged segments are in none."""
    rows = session.scalars(
        select(Segment).where(Segment.version_id == edition.version_id).order_by(Segment.position)
    ).all()
    texts = _translated(session, [one.id for one in edition.translations.values()], [row.id for row in rows])
    for run in _runs(rows):
        yield Passage(edition.language, tuple(_piece(row, edition, texts, marks) for row in run))


def load(session: Session, wanted: Sequence[Wanted]) -> dict[Wanted, Passage]:
    """Passages by their names, as they are now; one that the transcript has moved away from is left out."""
    testimonies = {one.testimony_id for one in wanted}
    marks, versions = marks_of(session, testimonies), versions_of(session, testimonies)
    editions_now = {
        (testimony_id, edition.form): edition
        for testimony_id in testimonies
        for edition in editions(versions.get(testimony_id, ()), marked=testimony_id in marks)
    }
    runs = _runs_at(session, wanted)
    chosen = [
        (one, editions_now[one.testimony_id, one.form], runs[one])
        for one in wanted
        if (one.testimony_id, one.form) in editions_now and one in runs
    ]
    fitting = [(one, edition, rows) for one, edition, rows in chosen if rows[0].version_id == edition.version_id]
    texts = _translated(
        session,
        {version.id for _, edition, _ in fitting for version in edition.translations.values()},
        {row.id for _, _, rows in fitting for row in rows},
    )
    return {
        one: Passage(
            edition.language, tuple(_piece(row, edition, texts, marks.get(one.testimony_id, ())) for row in rows)
        )
        for one, edition, rows in fitting
    }


def _runs_at(session: Session, wanted: Sequence[Wanted]) -> dict[Wanted, list[Segment]]:
    """The segments of each passage, where they are all there and none is flagged."""
    ids = {one.segment_id for one in wanted}
    firsts = {row.id: row for row in session.scalars(select(Segment).where(Segment.id.in_(ids)))} if ids else {}
    ranges = [
        and_(
            Segment.version_id == firsts[one.segment_id].version_id,
            Segment.position.between(
                firsts[one.segment_id].position, firsts[one.segment_id].position + one.segments - 1
            ),
        )
        for one in wanted
        if one.segment_id in firsts and one.segments > 1
    ]
    rows = {(row.version_id, row.position): row for row in firsts.values()}
    for begin in range(0, len(ranges), _RANGES_AT_ONCE):
        some = select(Segment).where(or_(*ranges[begin : begin + _RANGES_AT_ONCE]))
        rows |= {(row.version_id, row.position): row for row in session.scalars(some)}
    found: dict[Wanted, list[Segment]] = {}
    for one in wanted:
        first = firsts.get(one.segment_id)
        if first is not None:
            places = range(first.position, first.position + one.segments)
            run = [rows[first.version_id, place] for place in places if (first.version_id, place) in rows]
            if len(run) == one.segments and not any(row.flags for row in run):
                found[one] = run
    return found


def _translated(
    session: Session, version_ids: Collection[str], segment_ids: Collection[str]
) -> dict[tuple[str, str], str]:
    """(Translation's version id, segment id) -> text."""
    if not version_ids:
        return {}
    query = select(SegmentTranslation.version_id, SegmentTranslation.segment_id, SegmentTranslation.text).where(
        SegmentTranslation.version_id.in_(list(version_ids))
    )
    if len(segment_ids) <= MOST_NAMED:
        query = query.where(SegmentTranslation.segment_id.in_(list(segment_ids)))
    return {(version_id, segment_id): text for version_id, segment_id, text in session.execute(query)}


def _runs(rows: Iterable[Segment]) -> Iterator[list[Segment]]:
    run: list[Segment] = []
    for row in rows:
        if run and (row.flags or not _belongs(run, row)):
            yield run
            run = []
        if not row.flags:
            run.append(row)
    if run:
        yield run


def _belongs(run: Sequence[Segment], row: Segment) -> bool:
    return (
        len(run) < MOST_SEGMENTS
        and row.end_ms - run[0].start_ms <= MOST_MS
        and row.start_ms - run[-1].end_ms <= LONGEST_PAUSE_MS
    )


def _piece(
    row: Segment, edition: Edition, texts: Mapping[tuple[str, str], str], marks: Sequence[Redaction]
) -> PassagePiece:
    spoken, words = row.text, row.words
    others = {
        language: texts[version.id, row.id]
        for language, version in edition.translations.items()
        if (version.id, row.id) in texts
    }
    taken = [mark for mark in marks if readable_text.touches(mark.span, row)] if edition.redacted else []
    if taken:
        spoken, words = readable_text.without(row, [mark.span for mark in taken])
        others = {
            language: readable_text.without_translated(edition.translations[language], text, taken)
            for language, text in others.items()
        }
    said = tuple((word.text, word.start_ms) for word in words)
    return PassagePiece(row.id, row.span, row.speaker, {edition.language: spoken, **others}, said)
