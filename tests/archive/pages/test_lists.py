"""Lists as long as the archive: a page of them is what going through everything gives, and counts are true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Viewer
from archive.access.rule import Grant
from archive.catalogue import incoming, list_counts
from archive.consent import decisions
from archive.db import Database
from archive.ledgers import audit
from archive.lists import PAGE, ListRequest
from archive.models import AccessRequest, LineTiming, LyricLine, Recording, Testimony, TranscriptVersion, now
from archive.pages import consent_list, lyric_desk, timing_studio, transcript_list
from tests import factories
from tests.archive.testimonies import GIVEN

STEWARD = Viewer(role="steward", account_id="s")
BAND = Viewer(role="band", account_id="b", groups=frozenset({"MB"}))
OPEN = tuple(Grant(form, "public") for form in ("existence", "original_sound", "full_transcript", "pseudonym"))


def tell(session: Session, title: str, grants: tuple[Grant, ...] = OPEN, *, stage: str = "", **given: object) -> str:
    told = factories.testimony(session, title_en=title, **given)
    if grants:
        decisions.grant(session, told.id, grants, GIVEN)
    if stage:
        factories.transcript_version(session, told.id, stage=stage)
    return told.id


def test_a_steward_finds_each_by_what_it_waits_for(database: Database) -> None:
    with database.write() as session:
        asker = factories.account(session, role="researcher")
        soon = tuple(Grant(one.form, one.audience, end=now() + timedelta(days=20)) for one in OPEN)
        made = {
            "plain": tell(session, "plain"),
            "asked": tell(session, "asked"),
            "unlistened": tell(session, "unlistened", heard_through_at=None),
            "unheard": tell(session, "unheard"),
            "ending": tell(session, "ending", soon),
            "closed": tell(session, "closed", ()),
        }
        session.add(AccessRequest(account_id=asker.id, testimony_id=made["asked"], purpose="A study."))
        factories.redaction(session, made["unheard"])
        gone = tell(session, "gone")
        decisions.withdraw(session, gone, GIVEN)
    with database.read() as session:
        for state in ("asked", "unlistened", "unheard", "ending", "closed"):
            shown = consent_list.consent_list(session, STEWARD, ListRequest(state=state), "en")
            assert [row.card.id for row in shown.rows] == [made[state]]
            assert (shown.total, shown.everything, shown.counts[state]) == (1, 6, 1)
        every = consent_list.consent_list(session, STEWARD, ListRequest(sort="title"), "en")
        assert [row.card.title_en for row in every.rows] == sorted(made)
        row = next(row for row in every.rows if row.card.id == made["unheard"])
        assert (row.reach, row.unheard, row.method) == ("public", 1, GIVEN.method)


def test_khmer_titles_stand_as_in_a_dictionary_and_a_new_title_at_its_own_place(database: Database) -> None:
    words = ["ក", "កក", "កាត់", "កុំ", "កំពង់ធំ", "ក្រ", "ខ", "ឥត"]
    with database.write() as session:
        for word in reversed(words):
            tell(session, "", title_km=word)
        tell(session, "Apple")
    with database.read() as session:
        by_title = consent_list.consent_list(session, STEWARD, ListRequest(sort="title"), "km").rows
        assert [row.card.title_km or row.card.title_en for row in by_title] == ["Apple", *words[:6], "ខ", "ឥត"]
    with database.write() as session:
        session.get_one(Testimony, by_title[1].card.id).title_km = "ហៅ"
    with database.read() as session:
        by_title = consent_list.consent_list(session, STEWARD, ListRequest(sort="title"), "km").rows
        assert [row.card.title_km for row in by_title][-3:] == ["ខ", "ហៅ", "ឥត"]


def test_a_steward_finds_one_by_typing(database: Database) -> None:
    with database.write() as session:
        for number in range(3):
            tell(session, f"About a loan {number}")
        narrator = factories.narrator(session, pseudonym_km="ស្រីមុំ", pseudonym_en="Srey Mom")
        hers = tell(session, "About the 100% flood_", narrator_id=narrator.id)
        for typed in ("flood_", "the flood", "មុំ", "mom about", hers[:9], "100%"):
            found = consent_list.consent_list(session, STEWARD, ListRequest(typed), "en")
            assert [row.card.id for row in found.rows] == [hers], typed
            assert found.total == 1
        none = consent_list.consent_list(session, STEWARD, ListRequest("flood nobody"), "en")
        assert (list(none.rows), none.total, none.everything) == ([], 0, 4)


def test_every_page_of_a_list_together_is_everything_once(database: Database) -> None:
    with database.write() as session:
        made = {tell(session, f"number {number}", stage="approved") for number in range(2 * PAGE + 3)}
        seen: list[str] = []
        for page in (1, 2, 3):
            shown = consent_list.consent_list(session, STEWARD, ListRequest(page=page), "km")
            assert shown.last == 3
            seen += [row.card.id for row in shown.rows]
        assert (len(seen), set(seen)) == (len(made), made)
        beyond = consent_list.consent_list(session, STEWARD, ListRequest(page=10**30), "km")
        assert (list(beyond.rows), beyond.total) == ([], len(made))


def wants_by_hand(session: Session, told: Testimony) -> str:
    """What a transcript wants, from its rows one by one."""
    if told.recording.state not in {"ready", "needs-a-person"}:
        return ""
    versions = select(TranscriptVersion).where(TranscriptVersion.testimony_id == told.id)
    stages = {one.stage for one in session.scalars(versions) if one.translates_id is None}
    for stage, want in (("corrected", "drafts"), ("reviewed", "reviewed"), ("approved", "done")):
        if stage in stages:
            return want
    return "person" if told.recording.state == "needs-a-person" or not stages else "machine"


def _acts(session: Session, told: str) -> Iterator[None]:
    """Everything that changes what a transcript wants, row by row and in bulk."""
    recording = session.get_one(Testimony, told).recording
    for state in ("working", "needs-a-person", "ready"):
        recording.state = state
        session.flush()
        yield
    machine = factories.transcript_version(session, told, stage="machine")
    yield
    session.execute(update(Recording).where(Recording.id == recording.id).values(state="needs-a-person"))
    yield
    session.execute(update(Recording).where(Recording.id == recording.id).values(state="ready"))
    yield
    factories.transcript_version(session, told, stage="corrected", number=5, language="en", translates_id=machine.id)
    yield
    draft = factories.transcript_version(session, told, stage="corrected", number=2)
    yield
    for stage in ("reviewed", "approved"):
        draft.stage = stage
        session.flush()
        yield
    again = factories.transcript_version(session, told, stage="corrected", number=3)
    yield
    session.delete(again)
    session.flush()
    yield


def test_what_a_transcript_wants_is_kept_through_every_act(database: Database) -> None:
    with database.write() as session:
        told, seen = tell(session, "one"), set()
        for _ in _acts(session, told):
            testimony = session.get_one(Testimony, told, populate_existing=True)
            assert testimony.transcript_wants == wants_by_hand(session, testimony)
            seen.add(testimony.transcript_wants)
        assert seen == {"", *transcript_list.WANTS}


def test_transcripts_are_listed_by_what_they_want(database: Database) -> None:
    with database.write() as session:
        stages = {"drafts": "corrected", "reviewed": "reviewed", "done": "approved", "machine": "machine"}
        made = {want: tell(session, want, stage=stage) for want, stage in stages.items()}
        made["person"] = tell(session, "person")
        closed = tell(session, "closed", (Grant("existence", "band"),), stage="machine")
        overview = transcript_list.overview(session, BAND)
        assert list(overview.newest) == list(transcript_list.WANTS)
        assert {name: [row.testimony.id for row in rows] for name, rows in overview.newest.items()} == {
            name: [one] for name, one in made.items()
        }
        for want, one in made.items():
            shown = transcript_list.transcript_list(session, BAND, ListRequest(state=want))
            assert [(row.testimony.id, row.want) for row in shown.rows] == [(one, want)]
        typed = transcript_list.transcript_list(session, BAND, ListRequest("done"))
        assert ([row.testimony.id for row in typed.rows], typed.total) == ([made["done"]], 1)
        assert transcript_list.transcript_list(session, BAND, ListRequest("closed")).total == 0
        assert transcript_list.overview(session, STEWARD).shown.total == 6
        assert transcript_list.overview(session, PUBLIC).shown.total == 0
        assert closed


def test_what_is_on_its_way_comes_before_what_has_come(database: Database) -> None:
    with database.write() as session:
        for number in range(PAGE + 5):
            tell(session, f"ready {number}")
        for state in ("failed", "waiting", "working"):
            tell(session, state, recording_id=factories.recording(session, state=state).id)
        first = incoming.incoming(session, BAND, (), ListRequest())
        second = incoming.incoming(session, BAND, (), ListRequest(page=2))
        assert [row.state for row in first.rows[:4]] == ["working", "waiting", "failed", "ready"]
        assert (len(first.rows), len(second.rows), first.total) == (PAGE, 8, PAGE + 8)
        assert not {row.recording_id for row in first.rows} & {row.recording_id for row in second.rows}
        assert first.counts == {"under-way": 2, "failed": 1}
        failed = incoming.incoming(session, BAND, (), ListRequest(state="failed"))
        assert [row.title_en for row in failed.rows] == ["failed"]
        assert incoming.incoming(session, BAND, (), ListRequest("ready 11")).total == 1
        assert incoming.incoming(session, PUBLIC, (), ListRequest()).everything == 0


def test_counts_of_a_large_archive_are_kept_until_a_ledger_is_written(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_counts, "SMALL", 2)
    with sqlite_database.write() as session:
        for number in range(4):
            tell(session, f"number {number}", stage="machine")
        assert transcript_list.overview(session, BAND).shown.counts == {"machine": 4}
        factories.transcript_version(session, tell(session, "fifth", ()), stage="machine")
        assert transcript_list.overview(session, STEWARD).shown.counts == {"machine": 5}
        assert transcript_list.overview(session, BAND).shown.counts == {"machine": 4}
        audit.note(session, None, "something.else", "nothing")
        tell(session, "sixth", stage="machine")
        assert transcript_list.overview(session, BAND).shown.counts == {"machine": 5}


def _sung(session: Session, slug: str, *, held: bool = False, timed: bool | None = None) -> None:
    """A song of one line, with a recording in which the line has a time or none; None is no recording."""
    song = factories.song(session, slug=slug, title_en=f"About {slug}", state="draft")
    line = LyricLine(km="ខ្ញុំ", words=[], held=held)
    factories.lyric_version(session, song.id, [LyricLine(km="ចាស់", words=[], held=not held)])
    factories.lyric_version(session, song.id, [line], number=2)
    if timed is not None:
        live = factories.arrangement(session, song.id, factories.recording(session, kind="song").id, kind="live")
        lead = factories.arrangement(session, song.id, factories.recording(session, kind="song").id)
        session.add(LineTiming(arrangement_id=live.id, line_id=line.id, start_ms=0, end_ms=9))
        session.add(LineTiming(arrangement_id=lead.id, line_id=line.id, start_ms=0 if timed else None, end_ms=9))
    session.flush()


def test_songs_that_wait_for_a_decision_are_first_on_the_desk(database: Database) -> None:
    with database.write() as session:
        for slug in ("one", "two", "three"):
            _sung(session, slug, held=slug == "two")
        shown = lyric_desk.on_the_desk(session, STEWARD, ListRequest())
        assert shown.rows[0].song.slug == "two"
        assert (shown.everything, dict(shown.counts)) == (3, {"needs": 1, "draft": 3})
        assert [row.held for row in shown.rows] == [1, 0, 0]
        needing = lyric_desk.on_the_desk(session, STEWARD, ListRequest(state="needs"))
        assert [row.song.slug for row in needing.rows] == ["two"]
        assert [row.song.slug for row in lyric_desk.on_the_desk(session, STEWARD, ListRequest("thr")).rows] == ["three"]


def test_songs_with_lines_left_to_time_are_first_in_the_studio(database: Database) -> None:
    with database.write() as session:
        for slug, timed in (("a", True), ("b", None), ("c", False)):
            _sung(session, slug, timed=timed)
        shown = timing_studio.room(session, STEWARD, ListRequest())
        assert [(row.song.slug, row.left) for row in shown.rows] == [("b", 1), ("c", 1), ("a", 0)]
        assert dict(shown.counts) == {"left": 2, "timed": 1}
        timed = timing_studio.room(session, STEWARD, ListRequest(state="timed"))
        assert [row.song.slug for row in timed.rows] == ["a"]
        assert timing_studio.room(session, PUBLIC, ListRequest()).everything == 0
