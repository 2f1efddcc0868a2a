"""Rhymes, uses and likely sources come from what was said, and from nothing that may not be sung."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.access.rule import Grant
from archive.consent import decisions
from archive.db import Database
from archive.lyrics import suggestions, writing_aids
from archive.models import Narrator, Redaction, Tagging, Term, TermLabel, Testimony
from archive.retrieval import documents
from archive.search.index import SearchIndex
from tests.archive.testimonies import GIVEN
from tests.archive.threads import EVERYTHING, add_told

BAND = Viewer(role="band", groups=frozenset({"MB"}))


def put_in(session: Session, index: SearchIndex) -> None:
    """Index all that there is."""
    session.flush()
    index.rebuild(list(documents.all_documents(session)))


def told_by(session: Session, community: str, grants: tuple[Grant, ...] = EVERYTHING) -> str:
    testimony, _ = add_told(session, grants)
    session.get_one(Narrator, session.get_one(Testimony, testimony.id).narrator_id).community = community
    session.flush()
    return testimony.id


def test_a_rhyme_says_who_said_it(database: Database, index: SearchIndex) -> None:
    with database.write() as session:
        told = told_by(session, "farmer")
        put_in(session, index)
        found = writing_aids.rhymes(session, index, BAND, "យើងច្រៀងថ្លែ")
        words = {rhyme.word: rhyme for rhyme in found.found}
        assert "ស្រែ" in words
        assert {one.testimony_id for one in words["ស្រែ"].said} == {told}
        assert words["ស្រែ"].said[0].span.start_ms == 4500
        assert found.cards[told].community == "farmer"


def test_a_word_does_not_rhyme_with_itself_and_nothing_rhymes_with_nothing(
    sqlite_database: Database, index: SearchIndex
) -> None:
    with sqlite_database.write() as session:
        told_by(session, "farmer")
        put_in(session, index)
        assert "ស្រែ" not in {rhyme.word for rhyme in writing_aids.rhymes(session, index, BAND, "ស្រែ").found}
        assert writing_aids.rhymes(session, index, BAND, " ។ ") == writing_aids.Rhymes("", (), {})


def test_how_often_a_phrase_is_said_is_counted_by_community(database: Database, index: SearchIndex) -> None:
    with database.write() as session:
        for community in ("farmer", "farmer", "landless"):
            told_by(session, community)
        put_in(session, index)
        found = writing_aids.usage(session, index, BAND, "បំណុល")
        counts = {one.community: (one.passages, one.testimonies) for one in found.used}
        assert counts == {"farmer": (2, 2), "sex-worker": (0, 0), "garment-worker": (0, 0), "landless": (1, 1)}
        assert found.passages == 3
        assert len({one.testimony_id for one in found.examples}) == 3


def test_what_may_not_be_sung_helps_nobody(database: Database, index: SearchIndex) -> None:
    only_read = tuple(one for one in EVERYTHING if one.form not in {"quotation", "paraphrase"})
    with database.write() as session:
        told_by(session, "farmer", only_read)
        closed = told_by(session, "landless")
        marked = told_by(session, "garment-worker")
        session.add(Redaction(testimony_id=marked, start_ms=0, end_ms=14_000))
        put_in(session, index)
        used = writing_aids.usage(session, index, BAND, "បំណុល").used
        assert [one.community for one in used if one.passages] == ["landless"]
        decisions.suspend(session, closed, GIVEN)
        assert writing_aids.usage(session, index, BAND, "បំណុល").passages == 0
        assert writing_aids.rhymes(session, index, BAND, "ថ្លែ").found == ()
        assert suggestions.likely(session, index, BAND, "បំណុលធំជាងស្រែ", "").found == ()


def test_a_likely_source_says_why(database: Database, index: SearchIndex) -> None:
    with database.write() as session:
        told = told_by(session, "farmer")
        put_in(session, index)
        (best, *_) = suggestions.likely(session, index, BAND, "បំណុលរបស់ខ្ញុំធំជាងស្រែ", "").found
        assert (best.said.testimony_id, best.said.text) == (told, "បំណុលធំជាងស្រែ")
        assert best.run == "ធំជាងស្រែ"
        assert set(best.shared) >= {"បំណុល", "ស្រែ"}
        assert suggestions.likely(session, index, BAND, "ផ្កាយលើមេឃ", "").found == ()
        assert suggestions.likely(session, index, BAND, "", "").found == ()


def test_a_theme_in_common_makes_a_source_likelier(sqlite_database: Database, index: SearchIndex) -> None:
    with sqlite_database.write() as session:
        told_by(session, "farmer")
        put_in(session, index)
        before = suggestions.likely(session, index, BAND, "", "A debt larger than a mountain of rice").found
        term = Term(id="debt", kind="theme", labels=[TermLabel(language="en", text="debt", preferred=True)])
        session.add(term)
        session.flush()
        said = before[0].said
        session.add(
            Tagging(testimony_id=said.testimony_id, segment_id=said.segment_id, term_id="debt", origin="machine")
        )
        session.flush()
        (after, *_) = suggestions.likely(session, index, BAND, "", "A debt larger than a mountain of rice").found
        assert [term.id for term in after.themes] == ["debt"]
        assert after.score > before[0].score


def test_lines_are_counted_and_read() -> None:
    (one, empty) = writing_aids.counted(["ខ្ញុំជាកម្មករ", ""])
    assert (one.count, one.romanised) == (5, "khnhom chea kâmmakâr")
    assert one.words == (("ខ្ញុំ", 1), ("ជា", 1), ("កម្មករ", 3))
    assert empty.count == 0
