"""After a destroy: what others wrote that is nearly her words is found by its place, and somebody decides."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from archive.access.gate import Unknown
from archive.backends import Backends
from archive.checks import residue
from archive.consent import decisions
from archive.db import Database
from archive.lyrics import shared_draft
from archive.lyrics.shared_draft import DraftLine
from archive.models import (
    AuditEntry,
    Campaign,
    Draft,
    KeptSearch,
    LineComment,
    LyricLine,
    LyricVersion,
    Song,
    Testimony,
    Tombstone,
)
from archive.settings import Settings
from archive.withdrawal import near_copies, purge, withdraw
from tests import factories
from tests.archive.testimonies import GIVEN, a_song, a_testimony, a_version, an_account

HERS = "They locked the door of the factory, and we slept on the floor until morning."
KHMER = "ខ្ញុំជំពាក់ប្រាក់លោកសុខា"


@pytest.fixture
def backends(database: Database, settings: Settings) -> Backends:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Backends(settings, database)


@pytest.fixture
def told(backends: Backends) -> str:
    """A testimony, and everywhere somebody who wrote nearly what she said, and something of their own."""
    with backends.database.write() as session:
        mine = a_testimony(session, language="en")
        a_version(session, mine.id, text=HERS)
        a_version(session, mine.id, text=KHMER, number=2)
        decisions.grant(session, mine.id, decisions.PRESETS["public"], GIVEN)
        who = an_account(session)
        song, _ = a_song(session)
        lines = [
            LyricLine(km="", en="they LOCKED the door of the factory!", own=True),
            LyricLine(km="ខ្ញុំ ជំពាក់ ប្រាក់ លោក សុខា !", en="", own=True),
            LyricLine(km="យើងច្រៀង", en="We sing of the harvest and the rain", own=True),
        ]
        version = factories.lyric_version(session, song.id, lines, number=2, note="From: we slept on the floor")
        song.note_en = "About the night when they locked the door"
        song.slug, song.title_romanised = "they-locked-the-door", "they locked"
        session.add(
            LineComment(song_id=song.id, line="a", text="She said “slept on the floor until”", made_by_id=who.id)
        )
        session.add(LineComment(song_id=song.id, line="b", text="Too long for the tune, cut it", made_by_id=who.id))
        session.add(KeptSearch(account_id=who.id, name="night", query='"slept on the floor until morning"'))
        session.add(Campaign(name_en="We slept on the floor", name_km=""))
        other = a_testimony(session)
        other.synopsis_en = "Another who says: locked the door of the factory."
        assert version.number == 2
        written = [
            DraftLine("one", en="And they locked the door of the factory again"),
            DraftLine("two", en="We sing of the harvest"),
            DraftLine("three", km="ខ្ញុំជំពាក់ប្រាក់លោកសុខា", gone="out"),
        ]
        shared_draft.begin(session, song, written, who.id)
        return mine.id


def _destroyed(backends: Backends, testimony_id: str) -> list[near_copies.NearCopy]:
    withdraw.withdraw(backends, testimony_id, "destroy", GIVEN)
    purge.purge(backends, testimony_id)
    with backends.database.read() as session:
        return near_copies.left_of(session, testimony_id)


def test_each_kind_of_place_is_found_and_nothing_of_the_band_s_own(backends: Backends, told: str) -> None:
    found = _destroyed(backends, told)
    assert sorted(one.kind for one in found) == [
        "campaign", "comment", "draft", "draft", "line", "line", "line", "note", "search", "song", "testimony",
    ]  # fmt: skip
    texts = [text for one in found for text in one.texts]
    assert not any("harvest" in text or "tune" in text for text in texts)
    with backends.database.read() as session:
        assert near_copies.undecided(session) == {told: len(found)}
        stone = session.get_one(Tombstone, told)
        assert "floor" not in str(stone.left)
        assert set(stone.left.values()) == {"open"}


def test_a_steward_removes_some_and_keeps_others_and_it_is_written_down(backends: Backends, told: str) -> None:
    found = _destroyed(backends, told)
    for one in found:
        near_copies.decide(backends, told, one.place, remove=one.kind != "testimony", by_id="somebody")
    with backends.database.read() as session:
        assert near_copies.left_of(session, told) == []
        assert near_copies.undecided(session) == {}
        assert sorted(session.get_one(Tombstone, told).left.values()) == ["blanked"] * 10 + ["kept"]
        shown = [(line.en, line.held) for line in session.scalars(select(LyricLine).where(LyricLine.en != ""))]
        assert shown == [("We sing of the harvest and the rain", False)]
        assert session.scalars(select(LyricVersion.note).where(LyricVersion.number == 2)).one() == ""
        assert [one.text for one in session.scalars(select(LineComment))] == ["Too long for the tune, cut it"]
        assert session.scalars(select(KeptSearch)).all() == []
        song = session.scalars(select(Song)).one()
        assert (song.slug, song.title_romanised) == (song.id, ""), "an address and a spelling are made of a title"
        assert session.scalars(select(Campaign)).one().name_en == ""
        assert session.scalars(select(Song.note_en)).one() == ""
        assert "locked the door" in session.scalars(select(Testimony.synopsis_en)).one()
        notes = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("near-copy."))).all()
        assert sorted(one.action for one in notes) == ["near-copy.kept"] + ["near-copy.removed"] * 10
        assert "floor" not in str([one.detail for one in notes])
    assert residue.deep_check(backends, ["slept on the floor"]) == []


def test_what_was_decided_or_is_no_place_of_hers_is_not_decided_again(backends: Backends, told: str) -> None:
    first, *_ = _destroyed(backends, told)
    near_copies.decide(backends, told, first.place, remove=False, by_id="somebody")
    for place in (first.place, "line:nothing", "account:somebody"):
        with pytest.raises(Unknown):
            near_copies.decide(backends, told, place, remove=True, by_id="somebody")
    purge.purge(backends, told)
    with backends.database.read() as session:
        assert session.get_one(Tombstone, told).left[first.place] == "kept"


def test_what_is_only_restricted_is_compared_with_nothing(backends: Backends, told: str) -> None:
    withdraw.withdraw(backends, told, "restrict", GIVEN)
    purge.purge(backends, told)
    with backends.database.read() as session:
        assert session.get_one(Tombstone, told).left == {}
        with pytest.raises(Unknown):
            near_copies.left_of(session, told)


def test_a_line_that_is_being_written_is_emptied_and_the_rest_of_the_draft_stays(backends: Backends, told: str) -> None:
    found = [one for one in _destroyed(backends, told) if one.kind == "draft"]
    assert {(one.song_km, one.song_en) for one in found} == {("បំណុល", "Debt")}, "a steward reads of which song it is"
    for one in found:
        near_copies.decide(backends, told, one.place, remove=True, by_id="s")
    with backends.database.read() as session:
        state = session.scalars(select(Draft.state)).one()
        assert [line.en for line in shared_draft.lines_of(state, gone=True)] == ["", "We sing of the harvest", ""]
        assert b"locked the door" not in state
        assert "ជំពាក់".encode() not in state


def test_the_room_reads_no_tombstone_that_nothing_is_open_of(backends: Backends, told: str) -> None:
    """However many were taken back, looking for what is undecided costs the same."""
    _destroyed(backends, told)

    def rows_read() -> int:
        loaded: list[object] = []
        with backends.database.read() as session:
            event.listen(session, "loaded_as_persistent", lambda _session, row: loaded.append(row))
            near_copies.undecided(session)
        return sum(isinstance(row, Tombstone) for row in loaded)

    before = rows_read()
    with backends.database.write() as session:
        session.add_all(Tombstone(testimony_id=f"gone{n}", mode="destroy", left={"line:x": "kept"}) for n in range(200))
    assert rows_read() == before == 1
