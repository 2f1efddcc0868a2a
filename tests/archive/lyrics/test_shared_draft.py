"""Two who write one draft lose nothing, and what cannot be merged is refused whole."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text
from sqlalchemy.orm import Session

from archive.db import Database
from archive.lyrics import shared_draft
from archive.lyrics.shared_draft import DraftLine, DraftRefused
from archive.models import Draft, Song
from tests.archive.testimonies import an_account
from tests.archive.threads import add_song


class Browser:
    """What a browser holds: its own copy, and what it knows the archive to have."""

    def __init__(self) -> None:
        self.document: Doc[Any] = Doc()
        self.known: bytes | None = None
        self.revision: int | None = None

    @property
    def lines(self) -> Map[Any]:
        return self.document.get("lines", type=Map)

    def sync(self, database: Database, song_id: str) -> None:
        with database.write() as session:
            draft = session.get_one(Draft, song_id)
            if self.known is not None:
                draft = shared_draft.merge(session, song_id, self.document.get_update(self.known), None)
            answer = shared_draft.answer(draft, self.document.get_state(), self.revision)
        if answer.update is not None:
            self.document.apply_update(answer.update)
        self.known, self.revision = answer.vector, answer.revision

    def words(self) -> list[str]:
        return [line.km for line in shared_draft.lines_of(self.document.get_update())]


def begun(session: Session, *lines: DraftLine) -> Song:
    song, _ = add_song(session, state="draft")
    shared_draft.begin(session, song, lines or (DraftLine("a", "verse 1", "មួយ"),), None)
    return song


def test_two_browsers_come_to_the_same_words(database: Database) -> None:
    with database.write() as session:
        song = begun(session)
    one, other = Browser(), Browser()
    for browser in (one, other):
        browser.sync(database, song.id)
    one.lines["a"]["km"].insert(0, "ដើម ")
    other.lines["a"]["km"].insert(len(other.lines["a"]["km"]), " ចុង")
    other.lines["b"] = Map({"km": Text("ពីរ"), "pos": "z", "sources": Map({})})
    for browser in (one, other, one):
        browser.sync(database, song.id)
    assert one.words() == other.words() == ["ដើម មួយ ចុង", "ពីរ"]
    with database.read() as session:
        assert [line.km for line in shared_draft.draft_lines(session, song.id)] == one.words()


@pytest.mark.commits  # they write in threads, each on a connection of its own
def test_many_who_write_at_once_lose_no_word(database: Database) -> None:
    """Each thread is a browser that writes its own words into the same line and syncs when it happens to."""
    with database.write() as session:
        song = begun(session)
    chance = random.Random(3)
    browsers = [Browser() for _ in range(4)]

    def write(number: int, rests: list[float]) -> None:
        browser = browsers[number]
        browser.sync(database, song.id)
        for turn in range(len(rests)):
            browser.lines["a"]["km"].insert(0, f"<{number}.{turn}>")
            if rests[turn] < 0.6:
                browser.sync(database, song.id)

    threads = [threading.Thread(target=write, args=(n, [chance.random() for _ in range(12)])) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for browser in [*browsers, *browsers]:
        browser.sync(database, song.id)
    (line,) = {tuple(browser.words()) for browser in browsers}
    assert all(f"<{number}.{turn}>" in line[0] for number in range(4) for turn in range(12))


def test_moving_a_line_keeps_what_another_writes_in_it(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        song = begun(session, DraftLine("a", km="មួយ"), DraftLine("b", km="ពីរ"), DraftLine("c", km="បី"))
    one, other = Browser(), Browser()
    for browser in (one, other):
        browser.sync(sqlite_database, song.id)
    one.lines["a"]["pos"] = "zz"
    other.lines["a"]["km"].insert(len(other.lines["a"]["km"]), "!")
    other.lines["b"]["gone"] = "me"
    for browser in (one, other, one):
        browser.sync(sqlite_database, song.id)
    assert one.words() == other.words() == ["បី", "មួយ!"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"km": Text("ក" * 401)}, "too-long"),
        ({"section": "x" * 41}, "too-long"),
        ({"testimony": Text("words of hers")}, "strange"),
        ({"sources": Map({"abc": "stolen"})}, "strange"),
        ({"own": "yes"}, "strange"),
        ({"km": Map({})}, "strange"),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_nothing_is_kept(
    sqlite_database: Database, line: dict[str, object], code: str
) -> None:
    with sqlite_database.write() as session:
        song = begun(session)
        before = session.get_one(Draft, song.id).state
    browser = Browser()
    browser.sync(sqlite_database, song.id)
    browser.lines["b"] = Map(line)
    with pytest.raises(DraftRefused) as refused, sqlite_database.write() as session:
        shared_draft.merge(session, song.id, browser.document.get_update(), None)
    assert refused.value.code == code
    with sqlite_database.read() as session:
        assert session.get_one(Draft, song.id).state == before


def test_what_cannot_be_read_is_refused(sqlite_database: Database) -> None:
    elsewhere: Doc[Any] = Doc()
    elsewhere.get("notes", type=Text).insert(0, "hidden away")
    array: Doc[Any] = Doc()
    array.get("lines", type=Array).append(1)
    many: Doc[Any] = Doc()
    for number in range(shared_draft.MOST_LINES + 1):
        many.get("lines", type=Map)[str(number)] = Map({})
    for sent, code in (
        (b"\xff" * 30, "unreadable"),
        (b"x" * (shared_draft.MOST_BYTES + 1), "too-large"),
        (elsewhere.get_update(), "strange"),
        (array.get_update(), None),
        (many.get_update(), "too-many"),
    ):
        with sqlite_database.write() as session:
            song = begun(session)
            if code is None:
                assert shared_draft.merge(session, song.id, sent, None).revision <= 1
                continue
            with pytest.raises(DraftRefused) as refused:
                shared_draft.merge(session, song.id, sent, None)
            assert refused.value.code == code


def test_a_revision_that_is_known_is_not_sent_again(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        song = begun(session)
        draft = session.get_one(Draft, song.id)
        assert shared_draft.answer(draft, b"\x00", None).update is not None
        assert shared_draft.answer(draft, b"\x00", draft.revision).update is None
        with pytest.raises(DraftRefused):
            shared_draft.answer(draft, b"\xff\xff\xff", None)


def test_who_is_here_is_told_by_name_and_forgotten_when_silent(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        song = begun(session)
        first, second = an_account(session, "band"), an_account(session, "band")
        shared_draft.arrive(session, song.id, "tab1", first.id, "a")
        shared_draft.arrive(session, song.id, "tab2", second.id, "")
        assert [(one.name, one.line) for one in shared_draft.here(session, song.id, "tab2")] == [
            (first.display_name, "a")
        ]
        assert not shared_draft.is_news(session, song.id, "tab1", "a")
        assert shared_draft.is_news(session, song.id, "tab1", "b")
        shared_draft.leave(session, song.id, "tab1")
        assert shared_draft.here(session, song.id, "tab2") == []
