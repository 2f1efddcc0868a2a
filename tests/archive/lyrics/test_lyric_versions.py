"""A draft is kept for ever with its sources and times, compared word by word, and brought back."""

from __future__ import annotations

import pytest
from pycrdt import Map
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.consent import decisions
from archive.db import Database
from archive.lyrics import clippings, lyric_versions, shared_draft
from archive.lyrics.lyric_versions import NothingToKeep
from archive.lyrics.shared_draft import DraftLine
from archive.models import Arrangement, Draft, LineTiming, LyricVersion, Recording, Song, Source
from archive.timing import Word
from tests.archive.testimonies import GIVEN
from tests.archive.threads import add_song, add_told

BAND = Viewer(role="band", groups=frozenset({"MB"}))


def drafted(session: Session, *lines: DraftLine) -> Song:
    song = Song(slug="kept", title_km="បទ", state="draft")
    session.add(song)
    session.flush()
    shared_draft.begin(session, song, lines, None)
    return song


def rewrite(session: Session, song: Song, **words: str) -> None:
    def change(lines: Map[object]) -> None:
        for ref, text in words.items():
            field = lines[ref]["km"]  # type: ignore[index]
            field.clear()
            field.insert(0, text)

    shared_draft.rewrite(session, song.id, change)


def test_what_is_kept_has_its_words_its_reading_and_its_sources(database: Database) -> None:
    with database.write() as session:
        told, _ = add_told(session)
        song = drafted(session)
        clipping = clippings.clip(session, BAND, told.id, 5000, song=song)
        lines = (
            DraftLine("a", "verse 1", " ខ្ញុំជាកម្មករ ", "I am a worker", sources={clipping.id: "adapted"}, own=True),
            DraftLine("b", "verse 1"),
            DraftLine("c", "chorus", "យើងច្រៀង", own=True),
        )
        shared_draft.rewrite(session, song.id, lambda held: shared_draft.put(held, lines))
        made = lyric_versions.keep_version(session, song, "first", None)
        assert [(line.km, line.section, line.own) for line in made.lines] == [
            ("ខ្ញុំជាកម្មករ", "verse 1", False),
            ("យើងច្រៀង", "chorus", True),
        ]
        assert made.lines[0].romanised == "khnhom chea kâmmakâr"
        assert "".join(made.lines[0].words) == made.lines[0].km
        (source,) = made.lines[0].sources
        assert (source.quote, source.start_ms, source.relation) == (clipping.quote, 4500, "adapted")
        with pytest.raises(NothingToKeep):
            lyric_versions.keep_version(session, song, "", None)


def test_an_empty_draft_is_not_kept(sqlite_database: Database) -> None:
    with sqlite_database.write() as session, pytest.raises(NothingToKeep):
        lyric_versions.keep_version(session, drafted(session, DraftLine("a", km=" ")), "", None)


def test_lines_that_say_the_same_keep_when_they_are_sung(database: Database) -> None:
    with database.write() as session:
        song = drafted(session, *(DraftLine(ref, km=f"បន្ទាត់{ref}", own=True) for ref in "abc"))
        first = lyric_versions.keep_version(session, song, "", None)
        recording = Recording(sha256="s" * 64, size=1, kind="song", state="ready")
        session.add(recording)
        session.flush()
        arrangement = Arrangement(song_id=song.id, recording_id=recording.id, kind="studio")
        session.add(arrangement)
        session.flush()
        for number, line in enumerate(first.lines):
            timing = LineTiming(
                arrangement_id=arrangement.id, line_id=line.id, start_ms=number * 1000, end_ms=number * 1000 + 900
            )
            timing.words = (Word(line.km, number * 1000, number * 1000 + 900, 0.5),)
            session.add(timing)
        first.lines[2].words = ["បន្ទាត់", "c"]
        session.flush()
        rewrite(session, song, b="អ្វីផ្សេង")
        second = lyric_versions.keep_version(session, song, "", None)
        timed = {row.line_id: row for row in session.scalars(select(LineTiming))}
        found = [timed[line.id].start_ms if line.id in timed else None for line in second.lines]
        assert found == [0, None, 2000]
        assert timed[second.lines[0].id].words == (Word("បន្ទាត់a", 0, 900, 0.5),)
        assert second.lines[2].words == ["បន្ទាត់", "c"]
        assert [timed[line.id].start_ms for line in first.lines] == [0, 1000, 2000]


def test_a_line_whose_source_is_no_longer_allowed_is_kept_held(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, _ = add_told(session)
        song = drafted(session)
        clipping = clippings.clip(session, BAND, told.id, 5000, song=song)
        lines = (DraftLine("a", km="មួយ", sources={clipping.id: "verbatim"}), DraftLine("b", km="ពីរ", own=True))
        shared_draft.rewrite(session, song.id, lambda held: shared_draft.put(held, lines))
        decisions.suspend(session, told.id, GIVEN)
        made = lyric_versions.keep_version(session, song, "", None)
        assert [line.held for line in made.lines] == [True, False]
        assert session.scalars(select(Source)).one().state == "held"


def test_versions_are_compared_word_by_word(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        song = drafted(session, DraftLine("a", km="ខ្ញុំជាកម្មករ"), DraftLine("b", km="យើងច្រៀង"))
        first = lyric_versions.keep_version(session, song, "", None)
        rewrite(session, song, a="ខ្ញុំជាកសិករ")
        found = lyric_versions.compare(session, BAND, first.lines, shared_draft.draft_lines(session, song.id))
        pieces = [(piece.kind, piece.text) for piece in found[0].km]
        assert pieces == [("same", "ខ្ញុំជា"), ("gone", "កម្មករ"), ("new", "កសិករ")]
        assert [line.changed for line in found] == [True, False]
        first.lines[0].held = True
        session.flush()
        (masked, _) = lyric_versions.compare(session, BAND, first.lines, shared_draft.draft_lines(session, song.id))
        assert (masked.held, masked.km) == (True, ())


def test_a_version_comes_back_and_goes_again(database: Database) -> None:
    with database.write() as session:
        told, _ = add_told(session)
        song = drafted(session)
        clipping = clippings.clip(session, BAND, told.id, 5000, song=song)
        lines = (DraftLine("a", km="ពីមុន", sources={clipping.id: "inspired"}),)
        shared_draft.rewrite(session, song.id, lambda held: shared_draft.put(held, lines))
        lyric_versions.keep_version(session, song, "", None)
        rewrite(session, song, a="ឥឡូវ")
        change = lyric_versions.restore(session, song, 1, None)
        (back,) = shared_draft.draft_lines(session, song.id)
        assert (back.km, dict(back.sources)) == ("ពីមុន", {clipping.id: "inspired"})
        lyric_versions.undo_restore(session, song, change, None)
        assert [line.km for line in shared_draft.draft_lines(session, song.id)] == ["ឥឡូវ"]
        assert len(session.scalars(select(LyricVersion)).all()) == 1
        with pytest.raises(Unknown):
            lyric_versions.restore(session, song, 9, None)


def test_a_song_that_was_never_drafted_begins_with_its_newest_words(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        song, lines = add_song(session)
        draft = shared_draft.begin(
            session, song, lyric_versions.lines_from(session, session.get_one(LyricVersion, lines[0].version_id)), None
        )
        assert [line.km for line in shared_draft.lines_of(draft.state)] == [line.km for line in lines]
        assert session.get_one(Draft, song.id).revision == 0
