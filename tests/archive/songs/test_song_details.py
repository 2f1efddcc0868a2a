"""What is said of a song is kept with the way back, two people are safe from each other, and names follow consent."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Viewer
from archive.catalogue import details
from archive.catalogue.details import ChangeStands, DetailsOvertaken
from archive.db import Database
from archive.models import Account, DetailChange, Narrator, Song, Testimony
from archive.narrators import records
from archive.songs import song_details
from archive.songs.credits import forget_name
from archive.songs.song_details import NotDetails, WrittenDetails
from archive.songs.song_view import page_of
from tests import factories
from tests.archive.songs.test_credits import NAMED, drawn

BAND = Viewer("", "band")
CREDITS = [("words", "", " The  band "), ("voice", "សុខ", ""), ("voice", "", ""), ("drums", "", "Dara")]


def member(session: Session) -> str:
    return session.scalars(select(Account.id)).first() or factories.account(session).id


def write(session: Session, song: Song, seen: int | None = None, **given: object) -> DetailChange | None:
    written = WrittenDetails(**given)  # type: ignore[arg-type]
    return song_details.write_details(session, BAND, song, written, member(session), seen)


def test_all_that_is_said_of_a_song_is_kept_and_shown(database: Database) -> None:
    with database.write() as session:
        song = factories.song(session)
        campaign = factories.campaign(session, state="shown")
        texts = (("note_km", "រឿង"), ("note_en", "Its story"), ("use_en", "Write to us."), ("slug", "taken"))
        made = write(session, song, year="២០១៤", texts=texts, campaign_id=campaign.id, licence="cc-by", credits=CREDITS)
        assert made is not None
        page = page_of(session, PUBLIC, song)
        assert [(one.role, one.km, one.en) for one in page.credits] == [
            ("words", "", "The band"),
            ("voice", "សុខ", ""),
            ("drums", "", "Dara"),
        ]
        assert (song.year, song.note_en, page.campaign, song.slug != "taken") == (2014, "Its story", campaign, True)
        assert (str(page.licence and page.licence.text)[:11], page.licence_page[-4:]) == ("May be used", "4.0/")
        again = write(
            session, song, year="2014", texts=texts, campaign_id=campaign.id, licence="cc-by", credits=CREDITS
        )
        assert again is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"year": "14"}, "year"),
        ({"year": "999999999999"}, "year"),
        ({"licence": "free"}, "licence"),
        ({"campaign_id": "nobody"}, "campaign"),
        ({"credits": [("", "", "Somebody")]}, "role"),
        ({"credits": [("told", "", "Somebody")]}, "role"),
        ({"credits": [("x" * 41, "", "Somebody")]}, "role"),
        ({"credits": [("words", "", str(n)) for n in range(41)]}, "many"),
    ],
)
def test_what_cannot_be_said_is_refused(sqlite_database: Database, given: dict[str, object], why: str) -> None:
    with sqlite_database.write() as session:
        song = factories.song(session)
        with pytest.raises(NotDetails) as refused:
            write(session, song, **given)
        assert (refused.value.why, song.revision) == (why, 0)


def test_who_looked_at_an_older_page_writes_nothing(database: Database) -> None:
    with database.write() as session:
        song = factories.song(session)
        write(session, song, seen=0, year="2014")
        with pytest.raises(DetailsOvertaken):
            write(session, song, seen=0, year="2015")
        assert song.year == 2014
        write(session, song, seen=1, year="2015")
        assert song.year == 2015


def test_a_change_is_undone_while_what_it_wrote_stands(database: Database) -> None:
    with database.write() as session:
        song = factories.song(session, year=2010)
        first = write(session, song, year="2014", credits=CREDITS)
        second = write(session, song, year="2015", credits=CREDITS)
        assert first is not None
        assert second is not None
        with pytest.raises(ChangeStands):
            details.undo(session, song, first.id, member(session))
        details.undo(session, song, second.id, member(session))
        details.undo(session, song, first.id, member(session))
        assert (song.year, song.credits) == (2010, [])


def test_a_name_that_is_taken_back_is_in_no_earlier_state(database: Database) -> None:
    with database.write() as session:
        _, song, _ = drawn(session, NAMED)
        write(session, song, credits=[("voice", "", "Invented")])
        write(session, song, credits=[("voice", "", "The band")])
        assert len(details.changes_of(session, song)) == 2
        forget_name(session, [song.id], session.scalars(select(Narrator)).one())
        assert details.changes_of(session, song) == []


def test_a_new_name_of_a_narrator_is_not_undone_into_the_old_one(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, song, _ = drawn(session, NAMED)
        write(session, song, credits=[("voice", "", "Invented")])
        records.rename(session, session.get_one(Testimony, told).narrator_id, "", "Another", member(session))
        assert [one["en"] for one in song.credits] == ["Another"]
        assert details.changes_of(session, song) == []
