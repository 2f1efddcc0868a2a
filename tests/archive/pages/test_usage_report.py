"""Where words have gone is told line by line; what was destroyed is nowhere on the desk."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant
from archive.backends import Backends, open_backends
from archive.checks import residue
from archive.consent import decisions
from archive.db import Database
from archive.lyrics import clippings, comments, lyric_versions, shared_draft, sources
from archive.lyrics.shared_draft import DraftLine
from archive.models import Clipping, Draft, LineComment, LyricLine, Song, Source, Testimony, now
from archive.pages import usage_report
from archive.settings import Settings
from archive.withdrawal import purge
from archive.withdrawal import withdraw as withdrawing
from tests.archive.testimonies import GIVEN, an_account
from tests.archive.threads import EVERYTHING, add_song, add_told

BAND = Viewer(role="band", groups=frozenset({"MB"}))
STEWARD = Viewer(role="steward")


def test_a_testimony_tells_every_line_it_became(database: Database) -> None:
    with database.write() as session:
        testimony, version = add_told(session)
        song, lines = add_song(session, lines=2)
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        sources.tie(session, lines[1], version, "before the sun", "adapted")
        session.expire_all()
        for viewer in (BAND, STEWARD):
            found = usage_report.usage_report_of(session, viewer, testimony.id, "en")
            assert [(one.song.id, one.quote, one.text_en) for one in found.became] == [
                (song.id, "walked to the factory", "Line 0"),
                (song.id, "before the sun", "Line 1"),
            ]
            assert found.songs == 1
            assert found.consent
        with pytest.raises(Unknown):
            usage_report.usage_report_of(session, PUBLIC, testimony.id, "en")
        (first, second) = usage_report.song_threads(session, BAND, song)
        assert [thread.quote for thread in first.threads] == ["walked to the factory"]
        assert all(thread.sung_by_all and thread.approved for thread in (*first.threads, *second.threads))


def test_a_draft_that_is_not_kept_yet_is_told_too(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        testimony, _ = add_told(session)
        song, clipping = drafted(session, testimony.id)
        (only,) = usage_report.usage_report_of(session, BAND, testimony.id, "en").became
        assert (only.draft_only, only.text_km, only.quote) == (True, "បំណុលធំ", clipping.quote)
        lyric_versions.keep_version(session, song, "", None)
        session.expire_all()
        (kept,) = usage_report.usage_report_of(session, BAND, testimony.id, "en").became
        assert (kept.draft_only, kept.text_km) == (False, "បំណុលធំ")


def drafted(session: Session, testimony_id: str) -> tuple[Song, Clipping]:
    """A song whose draft has one line of hers, one made of hers, and one of the band's own."""
    song = Song(slug="drafted", title_km="បទ", state="draft")
    session.add(song)
    session.flush()
    clipping = clippings.clip(session, BAND, testimony_id, 5000, language="km", song=song)
    lines = (
        DraftLine("a", km="បំណុលធំ", sources={clipping.id: "verbatim"}),
        DraftLine("c", km="យើងច្រៀង", own=True),
    )
    shared_draft.begin(session, song, lines, None)
    return song, clipping


def test_a_narrator_s_sheet_has_all_her_testimonies_and_says_what_is_held(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        first, version = add_told(session)
        second, _ = add_told(session)
        second.narrator_id = first.narrator_id
        _, lines = add_song(session, lines=1)
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        session.expire_all()
        sheet = usage_report.narrator_sheet(session, STEWARD, first.narrator_id, "en", now())
        assert {one.card.id for one in sheet.told} == {first.id, second.id}
        decisions.narrow(session, first.id, [Grant("existence", "band")], GIVEN)
        session.expire_all()
        sheet = usage_report.narrator_sheet(session, STEWARD, first.narrator_id, "en", now())
        (held,) = [line for one in sheet.told for line in one.became]
        assert (held.held, held.text_en, held.quote) == (True, "", "")
        with pytest.raises(Unknown):
            usage_report.narrator_sheet(session, BAND, "nobody", "en", now())


def test_her_name_is_on_her_sheet_only_where_it_may_be_told(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        testimony, _ = add_told(session)
        assert usage_report.narrator_sheet(session, BAND, testimony.narrator_id, "en", now()).name_en == ""
        named, _ = add_told(session, (*EVERYTHING, Grant("pseudonym", "band")))
        assert usage_report.narrator_sheet(session, BAND, named.narrator_id, "en", now()).name_en == "Invented"


def test_a_withdrawal_holds_exactly_the_lines_that_drew_on_it(database: Database, settings: Settings) -> None:
    with database.write() as session:
        hers, version = add_told(session)
        _, others = add_told(session)
        _, lines = add_song(session, lines=4)
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        sources.tie(session, lines[1], others, "walked to the factory", "verbatim")
        sources.tie(session, lines[2], version, "before the sun", "inspired")
        ids = [line.id for line in lines]
    withdrawing.withdraw(Backends(settings, database), hers.id, "restrict", GIVEN)
    with database.read() as session:
        held = [session.get_one(LyricLine, one).held for one in ids]
        assert held == [True, False, True, False]
        assert {one.state for one in session.scalars(select(Source).where(Source.testimony_id == hers.id))} == {"held"}


def test_what_was_destroyed_is_nowhere_on_the_desk(settings: Settings, sqlite_database: Database) -> None:
    sqlite_database.engine.dispose()
    opened: Backends = open_backends(settings)
    with opened.database.write() as session:
        testimony, _ = add_told(session)
        song, clipping = drafted(session, testimony.id)
        lyric_versions.keep_version(session, song, "", None)
        who = an_account(session, "band").id
        comments.say(session, song.id, "a", f"នាងនិយាយថា {clipping.quote}", who)
        comments.say(session, song.id, "c", "ល្អណាស់", who)
        quote, song_id = clipping.quote, song.id
    withdrawing.withdraw(opened, testimony.id, "destroy", GIVEN)
    purge.purge(opened, testimony.id)
    with opened.database.read() as session:
        assert session.get(Testimony, testimony.id) is None
        assert session.scalars(select(Clipping)).all() == []
        (line, own) = shared_draft.draft_lines(session, song_id)
        assert (line.km, dict(line.sources)) == ("", {})
        assert own.km == "យើងច្រៀង"
        state = session.get_one(Draft, song_id).state
        assert "បំណុលធំ".encode() not in state
        assert [one.text for one in session.scalars(select(LineComment))] == ["ល្អណាស់"]
    assert residue.deep_check(opened, [quote, "បំណុលធំ"]) == []
    opened.database.engine.dispose()
