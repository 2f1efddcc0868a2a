"""What the desk's helps take from the index is what a look through every passage would give."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.db import Database
from archive.language.clusters import clusters
from archive.language.normalise import normalise
from archive.language.romanise import rhyme_key
from archive.lyrics import suggestions, writing_aids
from archive.lyrics.line_comparison import LineComparison, line_words
from archive.lyrics.singable import Said, may_be_sung, said_in
from archive.models import Narrator, Redaction, Testimony, TranscriptVersion
from archive.models.narrator import COMMUNITIES
from archive.retrieval import documents
from archive.search.analysis import terms
from archive.search.index import SearchIndex
from archive.timing import Utterance
from archive.transcripts import passages, transcript_versions
from tests.archive.threads import EVERYTHING, add_told, timed

BAND = Viewer(role="band", groups=frozenset({"MB"}))
KM = (  # noqa: SIM905
    "ខ្ញុំ ដី ស្រែ បំណុល លុយ ផ្ទះ កូន ម្តាយ រោងចក្រ ច្រៀង ថ្លែ ភ្លៀង ទឹក ដើរ យំ មេឃ ផ្លូវ គោ ក្រុមហ៊ុន យប់"
).split()
EN = (  # noqa: SIM905
    "debt field rain mother house road factory song money cow night river company son walk cry sky tree rice sun"
).split()


def told(session: Session, chance: random.Random, number: int) -> None:
    testimony, version = add_told(session, EVERYTHING if number % 5 else EVERYTHING[:3])
    narrator = session.get_one(Narrator, session.get_one(Testimony, testimony.id).narrator_id)
    narrator.community = chance.choice(COMMUNITIES)
    said = [" ".join(chance.choices(EN, k=6)).capitalize() + "." for _ in range(8)]
    again = [timed(Utterance(n * 9_000, n * 9_000 + 8_000, text)) for n, text in enumerate(said)]
    newer = transcript_versions.add_version(session, testimony.id, "en", again, stage="reviewed")
    transcript_versions.approve(session, newer, None)
    texts = {one.id: "".join(chance.choices(KM, k=6)) for one in newer.segments}
    transcript_versions.add_translation(session, newer, "km", texts, stage="approved")
    if number % 4 == 1:
        session.add(Redaction(testimony_id=testimony.id, start_ms=9_000, end_ms=17_000))
    if number % 4 == 2:
        newer.segments[3].flags = ["low-confidence"]
    session.flush()
    assert version.number < newer.number


def everything(session: Session) -> list[tuple[str, list[Said], dict[str, str]]]:
    """Testimony, pieces, and whole texts of every passage that may be sung, by a look at each of them."""
    allowed = may_be_sung(session, BAND).forms["redacted_transcript"]
    found = []
    for testimony_id in sorted(allowed):
        marks = passages.marks_of(session, [testimony_id]).get(testimony_id, [])
        versions: list[TranscriptVersion] = passages.versions_of(session, [testimony_id]).get(testimony_id, [])
        for edition in passages.editions(versions, marked=bool(marks)):
            if edition.form == "redacted_transcript":
                for passage in passages.passages(session, edition, marks):
                    said = said_in(testimony_id, passage, [mark.span for mark in marks])
                    found.append((testimony_id, said, passage.texts()))
    return found


@pytest.fixture
def world(sqlite_database: Database, index: SearchIndex) -> Database:
    chance = random.Random(7)
    with sqlite_database.write() as session:
        for number in range(24):
            told(session, chance, number)
    with sqlite_database.read() as session:
        index.rebuild(list(documents.all_documents(session)))
    return sqlite_database


def test_likely_sources_are_those_of_a_full_look(world: Database, index: SearchIndex) -> None:
    chance = random.Random(11)
    with world.read() as session:
        every = everything(session)
        spread = Counter(word for _, _, texts in every for word in {t for one in texts.values() for t in terms(one)})
        for _ in range(30):
            km, en = "".join(chance.choices(KM, k=4)), " ".join(chance.choices(EN, k=4))
            found = suggestions.likely(session, index, BAND, km, en)
            best: dict[str, float] = {}
            for language, line in (("km", km), ("en", en)):
                words = line_words(line)
                weight = {word: math.log1p(len(every) / (1 + spread[word])) for word in words}
                comparison = LineComparison(line, words, weight)
                for one in (piece for _, said, _ in every for piece in said if piece.language == language):
                    score = round(comparison.compare(one.text).score, 4)
                    best[one.segment_id] = max(score, best.get(one.segment_id, 0.0))
            likely = sorted(
                ((s, i) for i, s in best.items() if s >= suggestions.LEAST_LIKELY), key=lambda x: (-x[0], x[1])
            )
            assert [(one.score, one.said.segment_id) for one in found.found] == likely[: suggestions.MOST_LIKELY]
            assert not found.cut


def test_what_is_left_out_is_said(world: Database, index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "MOST_COMPARED", 5)
    with world.read() as session:
        every = [one for _, said, _ in everything(session) for one in said if one.language == "en"]
        line = next(one for one in every if sum(terms(one.text) <= terms(other.text) for other in every) == 1)
        found = suggestions.likely(session, index, BAND, "", line.text)
        assert found.found[0].said.segment_id == line.segment_id
        assert (found.compared, found.cut) == (5, True)


def test_uses_are_counted_as_by_a_full_look(world: Database, index: SearchIndex) -> None:
    chance = random.Random(13)
    with world.read() as session:
        community = {
            one.id: session.get_one(Narrator, one.narrator_id).community for one in session.scalars(select(Testimony))
        }
        every = everything(session)
        phrases = [*KM[:8], *EN[:8], *("".join(chance.choices(KM, k=2)) for _ in range(12))]
        phrases += [" ".join(chance.choices(EN, k=2)) for _ in range(12)]
        for phrase in phrases:
            counts: dict[str, list[str]] = defaultdict(list)
            for testimony_id, _, texts in every:
                if any(_holds(text, phrase) for text in texts.values()):
                    counts[community[testimony_id]].append(testimony_id)
            found = writing_aids.usage(session, index, BAND, phrase)
            told_of = {one.community: (one.passages, one.testimonies) for one in found.used}
            assert told_of == {one: (len(counts[one]), len(set(counts[one]))) for one in COMMUNITIES}, phrase
            assert all(_holds(one.text, phrase) or one.text for one in found.examples)


def _holds(text: str, phrase: str) -> bool:
    if phrase.isascii():
        wanted, there = terms(phrase), terms(text)
        return any(there[n : n + len(wanted)] == wanted for n in range(len(there)))
    wanted = tuple(one.text for one in clusters(normalise(phrase).text) if one.text.strip())
    there = tuple(one.text for one in clusters(normalise(text).text) if one.text.strip())
    return any(there[n : n + len(wanted)] == wanted for n in range(len(there)))


def test_rhymes_are_those_of_a_full_look(world: Database, index: SearchIndex) -> None:
    with world.read() as session:
        every = everything(session)
        for word in (*KM, *EN):
            (own, *_) = terms(word)
            times = Counter(
                term
                for _, _, texts in every
                for term in {term for text in texts.values() for term in terms(text)}
                if term != own and rhyme_key(term) == rhyme_key(own)
            )
            found = writing_aids.rhymes(session, index, BAND, word)
            best = sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))[: writing_aids.MOST_RHYMES]
            assert [(one.word, one.times) for one in found.found] == best
            for rhyme in found.found:
                assert all(rhyme.word in terms(one.text) for one in rhyme.said)


def test_themes_make_a_source_likelier_and_none_by_themselves() -> None:
    assert suggestions.with_themes(0.0, 2) == 0.0
    assert suggestions.with_themes(0.3, 1) == 0.5
    assert suggestions.with_themes(0.9, 3) == 1.0


def test_words_of_other_words_are_not_shared() -> None:
    comparison = LineComparison("The debt and the field", ("debt", "field"), {"debt": 1.0, "field": 1.0})
    assert comparison.compare("Indebted we afield").shared == ()
    assert comparison.compare("Debts of all fields").shared == ("debt", "field")
