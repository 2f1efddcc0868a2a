"""Withdrawal: the next request finds nothing, and after the purge no byte is where none should be."""

from __future__ import annotations

import gzip
from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import select

from archive import models, tombstones
from archive.access import gate
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant
from archive.backends import Backends
from archive.checks import residue
from archive.consent import decisions, holds, releases
from archive.db import Database
from archive.ledgers import chain
from archive.lists import ListRequest
from archive.lyrics.current_words import lines_of
from archive.models import LyricLine, Narrator, Recording, Song, Source, StageRun, Tombstone, new_id, now
from archive.models.consent import FORMS
from archive.pages import lyric_desk, steward_desk
from archive.retrieval.documents import all_documents
from archive.settings import Settings
from archive.tombstones import TombstoneLine
from archive.withdrawal import purge, withdraw
from tests.archive.testimonies import GIVEN, a_song, a_testimony, a_version

CANARY = "ស្វាយរៀងកាណារី"
VIEWERS = (PUBLIC, Viewer("b", "band", frozenset({"MB"})), Viewer("s", "steward"))


@pytest.fixture
def backends(database: Database, settings: Settings) -> Backends:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Backends(settings, database)


@pytest.fixture
def stones(settings: Settings) -> Path:
    return tombstones.tombstone_file(settings)


def _tell(backends: Backends, *, words: str = "ខ្ញុំជំពាក់ប្រាក់" + CANARY) -> tuple[str, str, str]:
    """A public testimony with sound, text, a song that quotes it and its documents in the index."""
    with backends.database.write() as session:
        told = a_testimony(session)
        told.title_km = CANARY
        version = a_version(session, told.id, text=words)
        decisions.grant(session, told.id, decisions.PRESETS["public"], GIVEN)
        song, line = a_song(session, version)
        line.km, line.words = words, [words]
        line.sources[0].quote = words
        session.add(StageRun(recording_id=told.recording_id, stage="derive", version=1, state="done"))
        ids = told.id, told.recording_id, song.id
    for name in ("original", "listening.m4a", "peaks.json", "redacted-0123456789abcdef.m4a"):
        backends.store.put_bytes(f"recordings/{ids[1]}/{name}", CANARY.encode())
    backends.store.put_bytes(f"exports/{ids[2]}/karaoke.mp4", CANARY.encode())
    (backends.settings.data / "work" / ids[1]).mkdir(parents=True)
    (backends.settings.data / "work" / ids[1] / "half.wav").write_bytes(CANARY.encode())
    with backends.database.read() as session:
        backends.index.rebuild(list(all_documents(session)))
    return ids


def test_the_next_request_finds_nothing(backends: Backends) -> None:
    told, _, song = _tell(backends)
    report = withdraw.withdraw(backends, told, "restrict", GIVEN)
    with backends.database.read() as session:
        for viewer in VIEWERS:
            assert not any(gate.may(session, viewer, told, form) for form in FORMS)
            assert all(told not in ids for ids in gate.allowed(session, viewer).forms.values())
        assert not gate.song_visible(session, PUBLIC, song)
        line = session.scalars(select(LyricLine).where(LyricLine.km.contains(CANARY))).one()
        assert line.held
        assert session.get_one(Song, song).state == "held"
        assert session.scalars(select(Source)).one().state == "held"
        assert session.scalars(select(Recording)).one().state == "cancelled"
        assert chain.verify(session) == []
    assert [(use.song_id, [one.relation for one in use.lines]) for use in report.songs] == [(song, ["verbatim"])]


def test_restricting_keeps_the_original_and_nothing_made_of_it(backends: Backends) -> None:
    told, recording, _ = _tell(backends)
    withdraw.withdraw(backends, told, "restrict", GIVEN)
    done = purge.purge(backends, told)
    assert done["blobs"] == 4
    assert list(backends.store.keys("")) == [f"recordings/{recording}/original"]
    assert not (backends.settings.data / "work" / recording).exists()
    assert residue.deep_check(backends) == []
    with backends.database.read() as session:
        assert session.get(models.Testimony, told) is not None
        assert session.scalars(select(StageRun)).all() == [], "the sound is made again if she comes back"


def test_destroying_leaves_no_byte(backends: Backends) -> None:
    told, _recording, song = _tell(backends)
    assert residue.deep_check(backends, [CANARY]) != []
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    purge.purge(backends, told)
    assert residue.deep_check(backends, [CANARY]) == []
    assert list(backends.store.keys("")) == []
    with backends.database.read() as session:
        for kind in (models.Testimony, Recording, Narrator, models.TranscriptVersion, models.Segment, Source):
            assert session.scalars(select(kind)).all() == [], kind.__name__
        first, second = session.scalars(select(LyricLine).order_by(LyricLine.position))
        assert (first.km, first.words, first.held) == ("", [], True)
        assert second.km == "យើងច្រៀង", "the band's own line is the band's"
        with pytest.raises(holds.StillRefused, match="destroyed"):
            holds.take_up_again(session, first.id, "x")
        assert session.get_one(Song, song).state == "held"
        assert session.get_one(Tombstone, told).purged_at is not None
        assert chain.verify(session) == []
        assert gate.may(session, PUBLIC, told, "existence") == gate.may(session, PUBLIC, new_id(), "existence")


def test_stewards_see_what_waits_for_a_decision(backends: Backends) -> None:
    told, _, song = _tell(backends)
    kept, _, other = _tell(backends, words="ដីរបស់យើង")
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    withdraw.withdraw(backends, kept, "restrict", GIVEN)
    purge.purge(backends, told)
    with backends.database.read() as session:
        steward = VIEWERS[2]
        shown, gone = steward_desk.taken_back(session, steward, ListRequest())
        assert [(one.testimony_id, one.last_seq > 0) for one in shown.rows] == [(kept, True)]
        assert (shown.total, gone) == (1, 1)
        assert steward_desk.one_taken_back(session, steward, kept) == shown.rows[0]
        with pytest.raises(Unknown):
            steward_desk.one_taken_back(session, steward, told)
        waiting = {
            row.song.id: [(line.km or line.en, line.relation) for line in lines_of(session, row.song.id) if line.held]
            for row in lyric_desk.on_the_desk(session, steward, ListRequest(state=lyric_desk.NEEDS)).rows
        }
        assert waiting == {song: [("", "own")], other: [("ដីរបស់យើង", "verbatim")]}
        assert [event.kind for event in decisions.evidence_of(session, steward, kept)] == ["grant", "withdraw"]
        for viewer in VIEWERS[:2]:
            with pytest.raises(Unknown):
                steward_desk.taken_back(session, viewer, ListRequest())
            with pytest.raises(Unknown):
                decisions.evidence_of(session, viewer, kept)


def test_a_purge_can_be_repeated_and_one_that_broke_off_is_finished(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _, _ = _tell(backends)
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    real, calls = backends.store.delete, []

    def stumble(key: str) -> None:
        calls.append(key)
        if len(calls) == 3:
            raise OSError("the power went")
        real(key)

    monkeypatch.setattr(backends.store, "delete", stumble)
    with pytest.raises(OSError, match="power"):
        purge.purge(backends, told)
    assert any(one.where == "purge" for one in residue.deep_check(backends))
    assert purge.purge_waiting(backends) == [told]
    assert purge.purge_waiting(backends) == []
    purge.purge(backends, told)
    assert residue.deep_check(backends, [CANARY]) == []


def test_sound_that_a_stage_wrote_too_late_is_swept_up(backends: Backends) -> None:
    told, recording, _ = _tell(backends)
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    purge.purge(backends, told)
    backends.store.put_bytes(f"recordings/{recording}/listening.m4a", CANARY.encode())
    assert [str(one) for one in residue.deep_check(backends)] == [
        f"blob recordings/{recording}/listening.m4a: it was made of a withdrawn testimony"
    ]
    purge.purge_waiting(backends)
    assert residue.deep_check(backends, [CANARY]) == []


def test_others_are_left_alone(backends: Backends) -> None:
    told, _, _ = _tell(backends)
    other, recording, song = _tell(backends, words="ដីរបស់យើង")
    with backends.database.write() as session:
        theirs = session.get_one(models.Testimony, other)
        theirs.narrator_id = session.get_one(models.Testimony, told).narrator_id
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    purge.purge(backends, told)
    with backends.database.read() as session:
        assert gate.may(session, PUBLIC, other, "existence")
        assert gate.song_visible(session, PUBLIC, song)
        assert len(session.scalars(select(Narrator)).all()) == 2, "she has another testimony here"
    assert len(list(backends.store.keys(f"recordings/{recording}/"))) == 4
    assert backends.store.exists(f"exports/{song}/karaoke.mp4")


def test_only_what_was_withdrawn_is_purged(backends: Backends) -> None:
    told, _, _ = _tell(backends)
    with pytest.raises(purge.NotWithdrawn):
        purge.purge(backends, told)


def test_what_left_before_is_named_in_the_report(backends: Backends) -> None:
    told, _, song = _tell(backends)
    with backends.database.write() as session:
        releases.record(session, "broadcast", f"song:{song}", [told], note="Radio FM 102")
        releases.record(session, "download", f"testimony:{told}", [told])
        releases.record(session, "download", f"song:{song}", [])
        with pytest.raises(releases.NotARelease):
            releases.record(session, "gossip", "song:x", [])
        assert releases.releases_of(session, "%") == []
    report = withdraw.withdraw(backends, told, "destroy", GIVEN)
    assert [(one.kind, one.note) for one in report.released] == [("broadcast", "Radio FM 102"), ("download", "")]


def test_a_backup_that_is_restored_does_not_bring_it_back(backends: Backends, settings: Settings, stones: Path) -> None:
    told, _, song = _tell(backends)
    tombstones.write(
        stones, TombstoneLine(told, "destroy", now())
    )  # as after a restore: the file knows, the database does not
    tombstones.write(stones, TombstoneLine("gonebeforeback", "restrict", now()))
    assert settings.data not in stones.parents
    said = tombstones.read(stones).said
    assert set(withdraw.replay(backends, said)) == {told, "gonebeforeback"}
    with backends.database.read() as session:
        assert not gate.may(session, PUBLIC, told, "existence")
        assert not gate.song_visible(session, PUBLIC, song)
    purge.purge_waiting(backends)
    assert withdraw.replay(backends, said) == []
    assert residue.deep_check(backends, [CANARY]) == []


def test_a_narrator_who_comes_back_opens_it_with_fresh_consent(backends: Backends, stones: Path) -> None:
    told, recording, _ = _tell(backends)
    withdraw.withdraw(backends, told, "restrict", GIVEN)
    with pytest.raises(decisions.Withdrawn):
        withdraw.reopen(backends, told, [], GIVEN)
    with pytest.raises(decisions.Withdrawn), backends.database.write() as session:
        decisions.grant(session, told, [Grant("existence", "public")], GIVEN)
    withdraw.reopen(backends, told, [Grant("existence", "band")], GIVEN)
    assert withdraw.replay(backends, tombstones.read(stones).said) == []
    with backends.database.read() as session:
        assert gate.may(session, VIEWERS[1], told, "existence")
        assert not gate.may(session, PUBLIC, told, "existence")
        assert session.get_one(Recording, recording).state == "waiting"
        line = session.scalars(select(LyricLine).where(LyricLine.held)).one()
    with pytest.raises(holds.StillRefused), backends.database.write() as session:
        holds.take_up_again(session, line.id, "x")


def test_what_is_to_be_destroyed_cannot_be_kept_after_all(backends: Backends, stones: Path) -> None:
    told, _, _ = _tell(backends)
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    with pytest.raises(decisions.Destroyed):
        withdraw.reopen(backends, told, [Grant("existence", "band")], GIVEN)
    withdraw.withdraw(backends, told, "restrict", GIVEN)
    with backends.database.read() as session:
        assert session.get_one(Tombstone, told).mode == "destroy"
    assert [one.mode for one in tombstones.read(stones).said] == ["destroy"]


def test_unknown_and_senseless_withdrawals(backends: Backends, stones: Path) -> None:
    told, _, _ = _tell(backends)
    with pytest.raises(Unknown):
        withdraw.withdraw(backends, "nothing", "restrict", GIVEN)
    with pytest.raises(withdraw.NotAWithdrawal):
        withdraw.withdraw(backends, told, "forget", GIVEN)
    assert not stones.exists()


@pytest.mark.parametrize(
    "content",
    [
        CANARY.encode(),
        CANARY.encode("utf-16-le"),
        b"x" + b64encode(b"ab" + CANARY.encode() + b"c"),
        gzip.compress(CANARY.encode()),
        "".join(f"&#{ord(c)};" for c in CANARY).encode(),
        "".join(f"\\u{ord(c):04x}" for c in CANARY).encode(),
        "".join(f"%{byte:02X}" for byte in CANARY.encode()).encode(),
    ],
    ids=["utf-8", "utf-16", "base64", "gzip", "entity", "escape", "percent"],
)
def test_the_deep_check_reads_words_however_they_are_written(
    sqlite_database: Database, settings: Settings, content: bytes
) -> None:
    backends = Backends(settings, sqlite_database)
    assert residue.deep_check(backends, [CANARY]) == []
    (settings.data / "left.tmp").write_bytes(b"before " + content if content[:2] != b"\x1f\x8b" else content)
    assert [str(one) for one in residue.deep_check(backends, [CANARY])] == ["file left.tmp: a word that was looked for"]
