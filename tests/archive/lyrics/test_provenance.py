"""Provenance both ways, through the gate."""

from __future__ import annotations

from archive.access.gate import PUBLIC, Viewer
from archive.access.rule import Grant
from archive.db import Database
from archive.lyrics import provenance, sources
from archive.models import Arrangement, LineTiming, Recording
from tests.archive.threads import add_song, add_told

BAND = Viewer(role="band")


def test_every_line_resolves_both_ways(database: Database) -> None:
    with database.write() as session:
        testimony, version = add_told(session)
        song, lines = add_song(session, lines=2)
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        recording = Recording(sha256="s" * 64, size=1, kind="song", state="ready")
        session.add(recording)
        session.flush()
        arrangement = Arrangement(song_id=song.id, recording_id=recording.id, kind="studio")
        session.add(arrangement)
        session.flush()
        session.add(LineTiming(arrangement_id=arrangement.id, line_id=lines[0].id, start_ms=1000, end_ms=2500))
    with database.read() as session:
        document = provenance.song_document(session, PUBLIC, song)
        first, second = document["lines"]  # type: ignore[misc]
        assert first["relation"] == "verbatim"
        assert first["sources"][0]["testimony"] == testimony.id
        assert first["sources"][0]["quote"] == "walked to the factory"
        assert (second["relation"], second["sources"]) == ("own", [])
        (moment,) = provenance.sung_from(session, PUBLIC, testimony.id)
        assert (moment.song.id, moment.line.id) == (song.id, lines[0].id)
        assert moment.sung is not None
        assert (moment.sung.start_ms, moment.sung.end_ms) == (1000, 2500)


def test_words_that_may_not_be_quoted_leave_no_trace(database: Database) -> None:
    only_band = (Grant("existence", "band"), Grant("full_transcript", "band"), Grant("quotation", "band"))
    with database.write() as session:
        testimony, version = add_told(session, grants=only_band)
        song, lines = add_song(session, lines=1)
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
    with database.read() as session:
        assert provenance.song_document(session, PUBLIC, song)["lines"][0]["sources"] == []  # type: ignore[index]
        assert provenance.sung_from(session, PUBLIC, testimony.id) == []
        assert len(provenance.song_document(session, BAND, song)["lines"][0]["sources"]) == 1  # type: ignore[index]
        assert len(provenance.sung_from(session, BAND, testimony.id)) == 1
