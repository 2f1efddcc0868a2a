"""Withdrawal: the next request finds nothing, and after the purge no byte is where none should be."""

from __future__ import annotations

import gzip
from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import select

from archive import models
from archive.backends import Backends
from archive.db import Database
from archive.models import LyricLine, Narrator, Recording, Song, Source, StageRun, Tombstone, new_id, now
from archive.models.consent import FORMS
from archive.search.documents import all_documents
from archive.services import access
from archive.services.access import PUBLIC, Unknown, Viewer
from archive.services.custody import ledger, releases
from archive.services.gate import Grant
from archive.services.narrators import consent, held, purging, remains, tombstones, withdrawal
from archive.services.narrators.tombstones import Stone
from archive.settings import Settings
from tests.archive.services.testimonies import GIVEN, a_song, a_testimony, a_version

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
        consent.grant(session, told.id, consent.PRESETS["public"], GIVEN)
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
    report = withdrawal.withdraw(backends, told, "restrict", GIVEN)
    with backends.database.read() as session:
        for viewer in VIEWERS:
            assert not any(access.may(session, viewer, told, form) for form in FORMS)
            assert all(told not in ids for ids in access.allowed(session, viewer).forms.values())
        assert not access.song_visible(session, PUBLIC, song)
        line = session.scalars(select(LyricLine).where(LyricLine.km.contains(CANARY))).one()
        assert line.held
        assert session.get_one(Song, song).state == "held"
        assert session.scalars(select(Source)).one().state == "held"
        assert session.scalars(select(Recording)).one().state == "cancelled"
        assert ledger.verify(session) == []
    assert [(use.song_id, [one.relation for one in use.lines]) for use in report.songs] == [(song, ["verbatim"])]


def test_restricting_keeps_the_original_and_nothing_made_of_it(backends: Backends) -> None:
    told, recording, _ = _tell(backends)
    withdrawal.withdraw(backends, told, "restrict", GIVEN)
    done = purging.purge(backends, told)
    assert done["blobs"] == 4
    assert list(backends.store.keys("")) == [f"recordings/{recording}/original"]
    assert not (backends.settings.data / "work" / recording).exists()
    assert remains.deep_check(backends) == []
    with backends.database.read() as session:
        assert session.get(models.Testimony, told) is not None
        assert session.scalars(select(StageRun)).all() == [], "the sound is made again if she comes back"


def test_destroying_leaves_no_byte(backends: Backends) -> None:
    told, _recording, song = _tell(backends)
    assert remains.deep_check(backends, [CANARY]) != []
    withdrawal.withdraw(backends, told, "destroy", GIVEN)
    purging.purge(backends, told)
    assert remains.deep_check(backends, [CANARY]) == []
    assert list(backends.store.keys("")) == []
    with backends.database.read() as session:
        for kind in (models.Testimony, Recording, Narrator, models.TranscriptVersion, models.Segment, Source):
            assert session.scalars(select(kind)).all() == [], kind.__name__
        first, second = session.scalars(select(LyricLine).order_by(LyricLine.position))
        assert (first.km, first.words, first.held) == ("", [], True)
        assert second.km == "យើងច្រៀង", "the band's own line is the band's"
        with pytest.raises(held.StillRefused, match="destroyed"):
            held.take_up_again(session, first.id, "x")
        assert session.get_one(Song, song).state == "held"
        assert session.get_one(Tombstone, told).purged_at is not None
        assert ledger.verify(session) == []
        assert access.may(session, PUBLIC, told, "existence") == access.may(session, PUBLIC, new_id(), "existence")


def test_stewards_see_what_waits_for_a_decision(backends: Backends) -> None:
    told, _, song = _tell(backends)
    kept, _, other = _tell(backends, words="ដីរបស់យើង")
    withdrawal.withdraw(backends, told, "destroy", GIVEN)
    withdrawal.withdraw(backends, kept, "restrict", GIVEN)
    purging.purge(backends, told)
    with backends.database.read() as session:
        steward = VIEWERS[2]
        assert [(one.testimony_id, one.mode) for one in withdrawal.withdrawn(session, steward)] == [
            (kept, "restrict"),
            (told, "destroy"),
        ]
        waiting = {use.song_id: [(one.text, one.relation) for one in use.lines] for use in held.songs_waiting(session)}
        assert waiting == {song: [("", "own")], other: [("ដីរបស់យើង", "verbatim")]}
        assert [event.kind for event in consent.evidence_of(session, steward, kept)] == ["grant", "withdraw"]
        for viewer in VIEWERS[:2]:
            with pytest.raises(Unknown):
                withdrawal.withdrawn(session, viewer)
            with pytest.raises(Unknown):
                consent.evidence_of(session, viewer, kept)


def test_a_purge_can_be_repeated_and_one_that_broke_off_is_finished(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _, _ = _tell(backends)
    withdrawal.withdraw(backends, told, "destroy", GIVEN)
    real, calls = backends.store.delete, []

    def stumble(key: str) -> None:
        calls.append(key)
        if len(calls) == 3:
            raise OSError("the power went")
        real(key)

    monkeypatch.setattr(backends.store, "delete", stumble)
    with pytest.raises(OSError, match="power"):
        purging.purge(backends, told)
    assert any(one.where == "purge" for one in remains.deep_check(backends))
    assert purging.purge_waiting(backends) == [told]
    assert purging.purge_waiting(backends) == []
    purging.purge(backends, told)
    assert remains.deep_check(backends, [CANARY]) == []


def test_sound_that_a_stage_wrote_too_late_is_swept_up(backends: Backends) -> None:
    told, recording, _ = _tell(backends)
    withdrawal.withdraw(backends, told, "destroy", GIVEN)
    purging.purge(backends, told)
    backends.store.put_bytes(f"recordings/{recording}/listening.m4a", CANARY.encode())
    assert [str(one) for one in remains.deep_check(backends)] == [
        f"blob recordings/{recording}/listening.m4a: it was made of a withdrawn testimony"
    ]
    purging.purge_waiting(backends)
    assert remains.deep_check(backends, [CANARY]) == []


def test_others_are_left_alone(backends: Backends) -> None:
    told, _, _ = _tell(backends)
    other, recording, song = _tell(backends, words="ដីរបស់យើង")
    with backends.database.write() as session:
        theirs = session.get_one(models.Testimony, other)
        theirs.narrator_id = session.get_one(models.Testimony, told).narrator_id
    withdrawal.withdraw(backends, told, "destroy", GIVEN)
    purging.purge(backends, told)
    with backends.database.read() as session:
        assert access.may(session, PUBLIC, other, "existence")
        assert access.song_visible(session, PUBLIC, song)
        assert len(session.scalars(select(Narrator)).all()) == 2, "she has another testimony here"
    assert len(list(backends.store.keys(f"recordings/{recording}/"))) == 4
    assert backends.store.exists(f"exports/{song}/karaoke.mp4")


def test_only_what_was_withdrawn_is_purged(backends: Backends) -> None:
    told, _, _ = _tell(backends)
    with pytest.raises(purging.NotWithdrawn):
        purging.purge(backends, told)


def test_what_left_before_is_named_in_the_report(backends: Backends) -> None:
    told, _, song = _tell(backends)
    with backends.database.write() as session:
        releases.record(session, "broadcast", f"song:{song}", [told], note="Radio FM 102")
        releases.record(session, "download", f"testimony:{told}", [told])
        releases.record(session, "download", f"song:{song}", [])
        with pytest.raises(releases.NotARelease):
            releases.record(session, "gossip", "song:x", [])
        assert releases.of(session, "%") == []
    report = withdrawal.withdraw(backends, told, "destroy", GIVEN)
    assert [(one.kind, one.note) for one in report.released] == [("broadcast", "Radio FM 102"), ("download", "")]


def test_a_backup_that_is_restored_does_not_bring_it_back(backends: Backends, settings: Settings, stones: Path) -> None:
    told, _, song = _tell(backends)
    tombstones.write(stones, Stone(told, "destroy", now()))  # as after a restore: the file knows, the database does not
    tombstones.write(stones, Stone("gonebeforeback", "restrict", now()))
    assert settings.data not in stones.parents
    said = tombstones.read(stones).said
    assert set(withdrawal.replay(backends, said)) == {told, "gonebeforeback"}
    with backends.database.read() as session:
        assert not access.may(session, PUBLIC, told, "existence")
        assert not access.song_visible(session, PUBLIC, song)
    purging.purge_waiting(backends)
    assert withdrawal.replay(backends, said) == []
    assert remains.deep_check(backends, [CANARY]) == []


def test_a_narrator_who_comes_back_opens_it_with_fresh_consent(backends: Backends, stones: Path) -> None:
    told, recording, _ = _tell(backends)
    withdrawal.withdraw(backends, told, "restrict", GIVEN)
    with pytest.raises(consent.Withdrawn):
        withdrawal.reopen(backends, told, [], GIVEN)
    with pytest.raises(consent.Withdrawn), backends.database.write() as session:
        consent.grant(session, told, [Grant("existence", "public")], GIVEN)
    withdrawal.reopen(backends, told, [Grant("existence", "band")], GIVEN)
    assert withdrawal.replay(backends, tombstones.read(stones).said) == []
    with backends.database.read() as session:
        assert access.may(session, VIEWERS[1], told, "existence")
        assert not access.may(session, PUBLIC, told, "existence")
        assert session.get_one(Recording, recording).state == "waiting"
        line = session.scalars(select(LyricLine).where(LyricLine.held)).one()
    with pytest.raises(held.StillRefused), backends.database.write() as session:
        held.take_up_again(session, line.id, "x")


def test_what_is_to_be_destroyed_cannot_be_kept_after_all(backends: Backends, stones: Path) -> None:
    told, _, _ = _tell(backends)
    withdrawal.withdraw(backends, told, "destroy", GIVEN)
    with pytest.raises(consent.Destroyed):
        withdrawal.reopen(backends, told, [Grant("existence", "band")], GIVEN)
    withdrawal.withdraw(backends, told, "restrict", GIVEN)
    with backends.database.read() as session:
        assert session.get_one(Tombstone, told).mode == "destroy"
    assert [one.mode for one in tombstones.read(stones).said] == ["destroy"]


def test_a_narrator_withdraws_with_her_code(backends: Backends) -> None:
    told, _, _ = _tell(backends)
    other, _, _ = _tell(backends)
    with backends.database.write() as session:
        code = withdrawal.issue_code(session, session.get_one(models.Testimony, told).narrator_id)
    assert len(code.replace("-", "")) == 16
    with backends.database.read() as session:
        assert withdrawal.told_by_code(session, f" {code.upper().replace('-', ' ')} ") == [told]
        assert withdrawal.told_by_code(session, code[:-1]) == []
        assert withdrawal.told_by_code(session, "") == []
        assert withdrawal.told_by_code(session, "%%%%") == []
        assert code.replace("-", "") not in str(session.scalars(select(Narrator.code_hash)).all())
    for wrong, which in ((code, other), ("2222-2222-2222-2222", told), (code, "nothing")):
        with pytest.raises(Unknown):
            withdrawal.by_code(backends, wrong, which, "restrict")
    withdrawal.by_code(backends, code, told, "restrict")
    with backends.database.read() as session:
        assert not access.may(session, PUBLIC, told, "existence")
        assert access.may(session, PUBLIC, other, "existence")


def test_unknown_and_senseless_withdrawals(backends: Backends, stones: Path) -> None:
    told, _, _ = _tell(backends)
    with pytest.raises(Unknown):
        withdrawal.withdraw(backends, "nothing", "restrict", GIVEN)
    with pytest.raises(withdrawal.NotAWithdrawal):
        withdrawal.withdraw(backends, told, "forget", GIVEN)
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
    assert remains.deep_check(backends, [CANARY]) == []
    (settings.data / "left.tmp").write_bytes(b"before " + content if content[:2] != b"\x1f\x8b" else content)
    assert [str(one) for one in remains.deep_check(backends, [CANARY])] == ["file left.tmp: a word that was looked for"]
