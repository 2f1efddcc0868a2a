"""Words under a mark that stay in a title, a synopsis or an index point: found, and asked about until decided."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from archive.access.gate import Unknown
from archive.consent import redaction
from archive.db import Database
from archive.describing import changes
from archive.models import AuditEntry, MarkedText, Segment, SegmentTranslation, Testimony
from archive.timing import Span, Word
from archive.transcripts import marked_words
from archive.transcripts.marked_words import NoTitleLeft
from tests import factories
from tests.archive.testimonies import a_mark, a_testimony, a_version, an_account

NAME = Span(1800, 2300)
"""Where សុខា is said in the usual version; លោក before it is said nowhere else."""


@pytest.fixture
def told(database: Database) -> str:
    with database.write() as session:
        mine = a_testimony(session)
        a_version(session, mine.id)
        mine.title_km, mine.title_en = "បំណុលរបស់សុខា", "Debt"
        mine.synopsis_km = "ខ្ញុំជំពាក់ប្រាក់"
        mine.setting = "ផ្ទះសុខា"
        factories.index_point(session, mine.id, title_km="ដីរបស់សុខា", synopsis_km="ដីរបស់ខ្ញុំ")
        return mine.id


def _said(text: str, begins_ms: int) -> Segment:
    words = tuple(Word(one, begins_ms + at * 300, begins_ms + at * 300 + 300) for at, one in enumerate(text.split(" ")))
    return factories.segment(text, words[0].start_ms, words[-1].end_ms, words=words)


def places(database: Database, testimony_id: str) -> list[tuple[str, str]]:
    with database.read() as session:
        found = marked_words.found(session, testimony_id)
    return sorted(("point" if one.start_ms is not None else one.place, one.field) for one in found)


def test_a_marked_name_is_found_in_titles_points_and_the_setting_and_other_words_are_not(
    database: Database, told: str
) -> None:
    assert places(database, told) == [], "nothing is marked"
    with database.write() as session:
        a_mark(session, told, NAME)
    assert places(database, told) == [("point", "title_km"), ("testimony", "setting"), ("testimony", "title_km")]
    with database.read() as session:
        title = next(one for one in marked_words.found(session, told) if one.field == "title_km")
    assert "".join(part for part, marked in title.parts if marked) == "សុខា"
    assert title.proposed.replace("\u200b", "") == "បំណុលរបស់▇▇▇"


def test_words_that_are_said_openly_as_well_count_only_in_a_row(database: Database) -> None:
    with database.write() as session:
        mine = a_testimony(session, language="en")
        segments = [_said("the guard beat my sister at night", 0), _said("my guard at night", 5000)]
        factories.transcript_version(session, mine.id, segments, language="en")
        mine.title_en = "At night a guard stood there"
        mine.synopsis_en = "Of the day when the guard beat my mother."
        a_mark(session, mine.id, Span(0, 2100))
        told = mine.id
    with database.read() as session:
        (one,) = marked_words.found(session, told)
    assert [part for part, marked in one.parts if marked] == ["the", "guard", "beat", "my"]


def test_a_name_in_the_translation_of_a_marked_segment_is_found(database: Database) -> None:
    with database.write() as session:
        mine = a_testimony(session)
        version = a_version(session, mine.id)
        texts = ["I owe money to Mister Sokha.", "The land is mine."]
        english = factories.transcript_version(session, mine.id, language="en", translates_id=version.id, number=2)
        for segment, text in zip(version.segments, texts, strict=True):
            session.add(SegmentTranslation(version_id=english.id, segment_id=segment.id, text=text))
        mine.title_en, mine.synopsis_en = "Sokha and the debt", "A woman owes money."
        a_mark(session, mine.id, NAME)
        told = mine.id
    assert places(database, told) == [("testimony", "title_en")]


def test_what_stays_is_asked_about_again_when_it_is_written_anew(database: Database, told: str) -> None:
    with database.write() as session:
        who = an_account(session).id
        redaction.mark(session, told, NAME, who, "name")
        assert marked_words.look_again(session, told) == 3
        assert marked_words.undecided(session) == {told: 3}
        marked_words.keep(session, told, "testimony", "title_km", who)
    assert ("testimony", "title_km") not in places(database, told)
    with database.write() as session:
        assert marked_words.undecided(session) == {told: 2}
        session.get_one(Testimony, told).title_km = "សុខា និងបំណុល"
        assert marked_words.look_again(session, told) == 3
    with database.read() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "marked-words.kept")).one()
        assert noted.detail == {"place": "testimony", "field": "title_km"}, "which, and none of its words"


def test_a_text_written_another_way_is_decided_and_a_point_keeps_a_title(database: Database, told: str) -> None:
    with database.write() as session:
        who = an_account(session).id
        a_mark(session, told, NAME)
        marked_words.look_again(session, told)
        changes.change(session, changes.AT_THE_MACHINE, told, {"title_km": " បំណុលរបស់គាត់ "})
        assert marked_words.undecided(session) == {told: 2}
        point = next(one.place for one in marked_words.found(session, told) if one.start_ms is not None)
        with pytest.raises(NoTitleLeft):
            marked_words.change_point(session, told, point, "title_km", "  ", who)
        for place, field in (("testimony", "synopsis_en"), ("nobody", "title_km"), ("testimony", "id")):
            with pytest.raises(Unknown):
                marked_words.keep(session, told, place, field, who)


def test_it_is_over_when_the_mark_is_taken_back(database: Database, told: str) -> None:
    with database.write() as session:
        made = redaction.mark(session, told, NAME, None, "name")
        marked_words.look_again(session, told)
        redaction.unmark(session, made.id, None)
        assert marked_words.look_again(session, told) == 0
        assert session.scalars(select(MarkedText)).all() == []


def test_marks_from_before_are_looked_at_when_workers_start(database: Database, told: str) -> None:
    with database.write() as session:
        a_mark(session, told, NAME)
    marked_words.look_at_all(database)
    with database.read() as session:
        assert marked_words.undecided(session) == {told: 3}
