"""Learning from people's answers: what was confirmed and taken off moves the trust in cues, and teaches words.

Plain counts. A cue begins with the trust it is shipped with, as if so many people had answered already; each yes and
each no moves it, and those to its theme as a whole move it a little. A word that nobody listed becomes a hint of a
theme once passages of two testimonies that were confirmed for the theme hold it, the less the more often it stands
elsewhere.

Nothing is learnt from a passage that is flagged or marked, or from a testimony that its narrator has closed to the
band: the gate is asked when counts are taken and again whenever they are used, and they go with their testimony.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue.spoken_units import sentences
from archive.catalogue.theme_finder import SAID_OF_IT, ThemeFinder, spoken_words
from archive.models import Redaction, Segment, SegmentTranslation, Tagging, ThemeLesson, TranscriptVersion

BAND = Viewer(role="band")
ALREADY = 3.0  # answers that the trust a cue begins with counts as
THEME_ALREADY = 6.0  # answers about its theme that move what it begins with half way
SUREST = 0.95  # that the answers about its theme can make a cue
WORD_DOUBT = 3.0  # passages without the theme that every word is taken to have stood in besides
FEWEST_TESTIMONIES = 2  # that a word has to be learnt from
MOST_TRUSTED = 0.6  # of a learnt word
LEAST_TRUSTED = 0.3  # below that a word says nothing
MOST_PASSAGES = 3  # of one testimony that teach about one theme
SHORTEST_WORD = 4  # letters of a word in Latin script that may be learnt
LONGEST_WORD = 60

Trust = dict[tuple[str, str], float]
Words = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Counts of one cue or word for one theme in one testimony."""

    testimony_id: str
    term_id: str
    kind: str  # cue or word
    said: str
    confirmed: int
    rejected: int


def lessons_of(
    finder: ThemeFinder, testimony_id: str, term_id: str, texts: Iterable[str], *, confirmed: bool
) -> list[Lesson]:
    """What one answer teaches: the cues that led to the theme in these texts, and the words that stand there."""
    said: Counter[tuple[str, str]] = Counter()
    for text in texts:
        said.update({("cue", by) for found in finder.weigh(text) if found.term_id == term_id for by in found.by})
        said.update({("word", word) for word in _words(text)})
    yes, no = (1, 0) if confirmed else (0, 1)
    return [
        Lesson(testimony_id, term_id, kind, one, count * yes, count * no) for (kind, one), count in sorted(said.items())
    ]


def _words(text: str) -> Iterator[str]:
    for sentence in sentences(text):
        for word, numbers in spoken_words(sentence.units):
            unit = sentence.units[numbers[0]]
            long_enough = len(numbers) > 1 if unit.khmer else len(unit.word) >= SHORTEST_WORD and unit.word.isalpha()
            if long_enough and len(word) <= LONGEST_WORD:
                yield word


def learnt(finder: ThemeFinder, lessons: Iterable[Lesson]) -> tuple[Trust, Words]:
    """The trust in cues and the words of each theme, after these lessons."""
    yes: Counter[tuple[str, str, str]] = Counter()
    no: Counter[tuple[str, str, str]] = Counter()
    told_by: dict[tuple[str, str], set[str]] = defaultdict(set)
    anywhere: Counter[str] = Counter()
    for one in lessons:
        key = (one.kind, one.term_id, one.said)
        yes[key] += one.confirmed
        no[key] += one.rejected
        if one.kind == "word":
            anywhere[one.said] += one.confirmed + one.rejected
            if one.confirmed:
                told_by[one.term_id, one.said].add(one.testimony_id)
    trust: Trust = {}
    moved = _by_theme(yes, no)
    for (term, said), start in finder.shipped.items():
        if term in moved:
            right, wrong = yes["cue", term, said], no["cue", term, said]
            begins = min(SUREST, start * moved[term])
            trust[term, said] = (ALREADY * begins + right) / (ALREADY + right + wrong)
    words: Words = defaultdict(dict)
    for kind, term, said in list(yes):
        if kind == "word" and len(told_by[term, said]) >= FEWEST_TESTIMONIES:
            trusted = yes[kind, term, said] / (anywhere[said] + WORD_DOUBT)
            if trusted >= LEAST_TRUSTED:
                words[term][said] = min(MOST_TRUSTED, trusted)
    return trust, dict(words)


def _by_theme(yes: Counter[tuple[str, str, str]], no: Counter[tuple[str, str, str]]) -> dict[str, float]:
    """By how much the answers about a theme's cues, taken together, move the trust in every one of them."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for (kind, term, _), count in yes.items():
        right[term] += count if kind == "cue" else 0
    for (kind, term, _), count in no.items():
        wrong[term] += count if kind == "cue" else 0
    return {
        term: (THEME_ALREADY * SAID_OF_IT + right[term]) / (THEME_ALREADY + right[term] + wrong[term]) / SAID_OF_IT
        for term in right.keys() | wrong.keys()
    }


def relearn(session: Session, testimony_id: str, finder: ThemeFinder) -> None:
    """Count anew what the answers on a testimony teach; what was counted before goes."""
    session.execute(delete(ThemeLesson).where(ThemeLesson.testimony_id == testimony_id))
    if not gate.may(session, BAND, testimony_id, "redacted_transcript"):
        return
    answered: dict[tuple[str, bool], list[tuple[str, ...]]] = defaultdict(list)
    for term_id, state, passage in _answers(session, testimony_id):
        passages = answered[term_id, state == "confirmed"]
        if len(passages) < MOST_PASSAGES:
            passages.append(passage)
    counts: dict[tuple[str, str, str], list[int]] = {}
    for (term_id, confirmed), passages in answered.items():
        texts = [text for passage in passages for text in passage]
        for one in lessons_of(finder, testimony_id, term_id, texts, confirmed=confirmed):
            both = counts.setdefault((one.term_id, one.kind, one.said), [0, 0])
            both[0] += one.confirmed
            both[1] += one.rejected
    session.add_all(
        ThemeLesson(testimony_id=testimony_id, term_id=term, kind=kind, said=said, confirmed=yes, rejected=no)
        for (term, kind, said), (yes, no) in counts.items()
    )
    session.flush()


def _answers(session: Session, testimony_id: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Term, answer and words, in every language, of each passage that a person has answered about.

    Without what is flagged or marked.
    """
    marks = [one.span for one in session.scalars(select(Redaction).where(Redaction.testimony_id == testimony_id))]
    query = (
        select(Tagging.term_id, Tagging.state, Segment)
        .join(Segment, Segment.id == Tagging.segment_id)
        .where(Tagging.testimony_id == testimony_id, Tagging.state != "suggested")
        .order_by(Segment.position, Tagging.term_id)
    )
    rows = [
        row
        for row in session.execute(query)
        if not row[2].flags and not any(mark.overlaps(row[2].span) for mark in marks)
    ]
    others = translated(session, {segment.version_id for _, _, segment in rows})
    return [(term, state, (segment.text, *others.get(segment.id, {}).values())) for term, state, segment in rows]


def translated(session: Session, versions: Collection[str]) -> dict[str, dict[str, str]]:
    """Segment id -> language -> text of the newest translation of these versions."""
    query = (
        select(SegmentTranslation.segment_id, TranscriptVersion.language, SegmentTranslation.text)
        .join(TranscriptVersion, TranscriptVersion.id == SegmentTranslation.version_id)
        .where(TranscriptVersion.translates_id.in_(versions))
        .order_by(TranscriptVersion.number)
    )
    found: dict[str, dict[str, str]] = {}
    for segment_id, language, text in session.execute(query):
        found.setdefault(segment_id, {})[language] = text
    return found


def lessons(session: Session) -> Iterator[Lesson]:
    """Every lesson of the testimonies that the band may read now."""
    query = select(
        ThemeLesson.testimony_id,
        ThemeLesson.term_id,
        ThemeLesson.kind,
        ThemeLesson.said,
        ThemeLesson.confirmed,
        ThemeLesson.rejected,
    ).where(ThemeLesson.testimony_id.in_(gate.permitted(BAND, "redacted_transcript")))
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield Lesson(*row)
