"""Times of lines: every edit is kept, can be undone, is made once, and nobody's work is lost without a word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.rule import Viewer
from archive.db import Database
from archive.lists import ListRequest
from archive.models import (
    Account,
    AlignmentWish,
    Arrangement,
    LineTiming,
    LyricLine,
    LyricVersion,
    Recording,
    Song,
    StudioEdit,
    new_id,
)
from archive.pages import timing_studio
from archive.songs import arrangements, line_words, machine_timing, timing_edits
from archive.songs.timing_edits import Edit, EditInvalid, LineChange
from archive.timing import TimedLine, Word

KM = "ខ្ញុំដេរអាវ រាល់ថ្ងៃ"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as opened:
        for name in ("sokha", "dara"):
            opened.add(Account(id=name, name=name, display_name=name.title(), password_hash="", role="band"))
        opened.add(Song(id="song", slug="song", title_km="បទ"))
        opened.add(Recording(id="rec", sha256="a" * 64, size=1, kind="song", state="ready", listening_key="k"))
        opened.flush()
        opened.add(Arrangement(id="studio", song_id="song", recording_id="rec", kind="studio"))
        opened.add(LyricVersion(id="v1", song_id="song", number=1))
        opened.flush()
        for number in range(3):
            opened.add(LyricLine(id=f"line{number}", version_id="v1", position=number, km=KM, section="verse 1"))
        opened.flush()
        yield opened


def times(start: int, end: int, **more: object) -> dict[str, object]:
    return {"start": start, "end": end, "words": [], **more}


def timed(session: Session, who: str, line: str, start: int, end: int, base: int = 0) -> timing_edits.Done:
    edit = Edit(new_id(), "tap", (LineChange(line, base, "timing", times(start, end)),))
    return timing_edits.apply(session, session.get_one(Song, "song"), "studio", who, edit)


def row(session: Session, line: str) -> LineTiming | None:
    return session.get(LineTiming, ("studio", line))


def undo(session: Session, who: str, edit_id: str) -> timing_edits.Done:
    return timing_edits.apply(
        session, session.get_one(Song, "song"), "studio", who, Edit(new_id(), "undo", (), edit_id)
    )


def last(session: Session) -> StudioEdit:
    return session.scalars(select(StudioEdit).order_by(StudioEdit.number.desc()).limit(1)).one()


def test_an_edit_is_saved_once_however_often_it_comes(session: Session) -> None:
    edit = Edit("abcdefgh", "tap", (LineChange("line0", 0, "timing", times(1000, 2000)),))
    song = session.get_one(Song, "song")
    first = timing_edits.apply(session, song, "studio", "sokha", edit)
    timed(session, "dara", "line0", 1500, 2500, first.number)
    again = timing_edits.apply(session, song, "studio", "sokha", edit)
    assert (first.number, again.number) == (1, 1)
    found = row(session, "line0")
    assert found is not None
    assert (found.start_ms, found.revision, found.by_id, found.origin) == (1500, 2, "dara", "human")


def test_whoever_comes_last_has_the_line_and_is_told_whose_it_was(session: Session) -> None:
    timed(session, "sokha", "line0", 1000, 2000)
    done = timed(session, "dara", "line0", 3000, 4000, base=0)
    assert done.over == {"line0": "Sokha"}
    assert timed(session, "dara", "line0", 3100, 4000, base=0).over == {}
    undo(session, "dara", last(session).id)
    found = row(session, "line0")
    assert found is not None
    assert found.start_ms == 3000


def test_undo_and_redo_bring_back_exactly_what_stood(session: Session) -> None:
    timed(session, "sokha", "line0", 1000, 2000)
    placing = last(session).id
    undo(session, "sokha", placing)
    assert row(session, "line0") is None
    undo(session, "sokha", last(session).id)
    found = row(session, "line0")
    assert found is not None
    assert (found.start_ms, found.end_ms) == (1000, 2000)


def test_words_that_are_split_and_joined_keep_the_other_times(session: Session) -> None:
    line = session.get_one(LyricLine, "line0")
    cut = line_words.pieces(line)
    assert "".join(cut) == KM
    lengths = [len(piece) for piece in cut]
    rows = [[length, 1000 + 500 * n, 1400 + 500 * n] for n, length in enumerate(lengths)]
    song = session.get_one(Song, "song")
    value = {"start": 1000, "end": 1400 + 500 * len(cut), "words": rows}
    timing_edits.apply(
        session, song, "studio", "sokha", Edit(new_id(), "tap", (LineChange("line0", 0, "timing", value),))
    )
    joined = [lengths[0] + lengths[1], *lengths[2:]]
    timing_edits.apply(
        session, song, "studio", "sokha", Edit("joinedwords", "words", (LineChange("line0", 0, "words", joined),))
    )
    found = row(session, "line0")
    assert found is not None
    assert "".join(line.words) == KM
    assert (found.words[0].start_ms, found.words[0].end_ms) == (1000, 1900)
    assert [(w.start_ms, w.end_ms) for w in found.words[1:]] == [(r[1], r[2]) for r in rows[2:]]
    undo(session, "sokha", "joinedwords")
    assert [(w.start_ms, w.end_ms) for w in found.words] == [(r[1], r[2]) for r in rows]
    assert line_words.pieces(line) == cut


def test_a_cut_never_parts_a_sign_from_its_letter(session: Session) -> None:
    song = session.get_one(Song, "song")
    for lengths in ([1, len(KM) - 1], [len(KM) + 1], [len(KM) - 1], []):
        edit = Edit(new_id(), "words", (LineChange("line0", 0, "words", lengths),))
        with pytest.raises(EditInvalid):
            timing_edits.apply(session, song, "studio", "sokha", edit)
    assert session.get_one(LyricLine, "line0").words == []


def test_times_follow_a_line_into_the_next_version_of_the_words(session: Session) -> None:
    session.add(LyricVersion(id="v2", song_id="song", number=2))
    session.flush()
    session.add_all(
        LyricLine(id=f"new{n}", version_id="v2", position=n, km=km) for n, km in enumerate(("ថ្មី", KM, KM, KM))
    )
    session.flush()
    assert timed(session, "sokha", "line1", 5000, 6000).lines == {"new2"}


@pytest.mark.parametrize("value", [times(2000, 1000), times(-1, 5), {"start": "x", "end": 1}, times(0, 10**12), 7])
def test_times_that_are_none_are_refused(session: Session, value: object) -> None:
    edit = Edit(new_id(), "tap", (LineChange("line0", 0, "timing", value),))
    with pytest.raises(EditInvalid):
        timing_edits.apply(session, session.get_one(Song, "song"), "studio", "sokha", edit)


def test_a_held_line_is_shown_without_words_and_cannot_be_timed(session: Session) -> None:
    session.get_one(LyricLine, "line1").held = True
    session.flush()
    with pytest.raises(EditInvalid, match="held"):
        timed(session, "sokha", "line1", 0, 10)
    arrangement, song = session.get_one(Arrangement, "studio"), session.get_one(Song, "song")
    shown = timing_studio.table(session, gate.Viewer("sokha", "band"), song, arrangement)["lines"][1]
    assert (shown["held"], shown["pieces"], shown["timing"]) == (True, [], None)
    assert KM not in str(shown)


def test_the_machine_leaves_alone_what_a_person_has_timed(session: Session) -> None:
    timed(session, "sokha", "line1", 9000, 9900)
    arrangement = session.get_one(Arrangement, "studio")
    machine_timing.ask(session, arrangement, "sokha")
    session.flush()
    ids, texts, language = machine_timing.words_of(session, arrangement)
    assert (texts, language) == ([KM] * 3, "km")
    found = [
        TimedLine(KM, 100, 900, (Word("ខ្ញុំ", 100, 500, 0.8), Word("ដេរអាវ រាល់ថ្ងៃ", 500, 900, 0.8)), 0.8),
        TimedLine(KM, 1000, 2000, (), 0.9),
        TimedLine(KM, confidence=0.0),
    ]
    assert machine_timing.keep_placed_lines(session, "studio", ids, found) is not None
    rows = [row(session, f"line{n}") for n in range(3)]
    assert [one.start_ms for one in rows if one] == [100, 9000, None]
    assert [one.origin for one in rows if one] == ["machine", "human", "machine"]
    assert session.get(AlignmentWish, "studio") is None
    count = timing_studio.counted(session, session.get_one(Song, "song")).counts[0]
    assert (count.placed, count.unplaced, count.machine) == (2, 1, 1)
    undo(session, "sokha", last(session).id)
    assert row(session, "line0") is None
    found_again = row(session, "line1")
    assert found_again is not None
    assert found_again.start_ms == 9000
    assert machine_timing.keep_placed_lines(session, "studio", ids, found) is None


def test_an_arrangement_that_is_taken_away_comes_back_with_its_times(session: Session) -> None:
    timed(session, "sokha", "line0", 1000, 2000)
    song = session.get_one(Song, "song")
    edit_id = arrangements.take_away(session, song, session.get_one(Arrangement, "studio"), "sokha")
    assert arrangements.arrangements(session, "song") == []
    undo(session, "sokha", edit_id)
    found = row(session, "line0")
    assert found is not None
    assert found.start_ms == 1000
    assert session.get_one(Arrangement, "studio").recording_id == "rec"


def test_an_instrumental_out_of_step_cannot_stand_beside_the_voice(session: Session) -> None:
    session.add(Recording(id="inst", sha256="b" * 64, size=1, kind="song", state="ready", listening_key="i"))
    session.flush()
    song = session.get_one(Song, "song")
    arrangements.offer(session, song, "inst", "instrumental", "sokha")
    session.flush()
    with pytest.raises(EditInvalid, match="listened"):
        arrangements.take_up(session, song, "inst", "instrumental", "sokha")
    offered = arrangements.offered(session, song, "inst")
    offered.step, offered.offset_ms = "apart", 40
    with pytest.raises(EditInvalid, match="step"):
        arrangements.take_up(session, song, "inst", "instrumental", "sokha")
    arrangements.take_up(session, song, "inst", "live", "sokha")
    assert [(one.kind, one.offset_ms) for one in arrangements.arrangements(session, "song")] == [
        ("studio", 0),
        ("live", 0),
    ]


def test_nobody_outside_the_band_finds_a_song_in_the_studio(session: Session) -> None:
    assert arrangements.song_for(session, gate.Viewer("sokha", "band"), "song").id == "song"
    for viewer in (gate.PUBLIC, gate.Viewer("r", "researcher")):
        with pytest.raises(gate.Unknown):
            arrangements.song_for(session, viewer, "song")
        assert timing_studio.room(session, viewer, ListRequest()).everything == 0
    with pytest.raises(gate.Unknown):
        arrangements.song_for(session, gate.Viewer("sokha", "band"), "no-such-song")


def test_the_machine_is_not_asked_where_it_could_place_nothing(session: Session) -> None:
    for line in ("line0", "line1", "line2"):
        timed(session, "sokha", line, 9000, 9900)
    with pytest.raises(EditInvalid, match="Every line was timed by hand"):
        machine_timing.ask(session, session.get_one(Arrangement, "studio"), "sokha")
    assert session.get(AlignmentWish, "studio") is None


def test_what_the_machine_did_is_counted_in_its_own_arrangement(session: Session) -> None:
    machine_timing.ask(session, session.get_one(Arrangement, "studio"), "sokha")
    session.flush()
    ids, _, _ = machine_timing.words_of(session, session.get_one(Arrangement, "studio"))
    found = [TimedLine(KM, 100, 900, (), 0.8), TimedLine(KM, 1000, 2000, (), 0.9), TimedLine(KM, confidence=0.0)]
    machine_timing.keep_placed_lines(session, "studio", ids, found)
    song, viewer = session.get_one(Song, "song"), Viewer("sokha", "band", frozenset({"MB"}))
    told = timing_studio.since(session, viewer, song, session.get_one(Arrangement, "studio"), 0)["edits"][-1]
    assert (told["kind"], told["placed"], told["out"]) == ("machine", 2, 1)
