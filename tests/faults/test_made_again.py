"""What can be made again is made again, and an original is never the price of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.access import sound
from archive.access.gate import Viewer
from archive.backends import Backends
from archive.catalogue import incoming
from archive.catalogue.descriptions import Description
from archive.consent import redaction, sealing, vault
from archive.db import Database
from archive.language.messages import Message
from archive.lists import ListRequest
from archive.models import Recording, Segment, StageRun
from archive.settings import Settings
from archive.timing import Span
from archive.withdrawal import purge, withdraw
from ingest.intake.submit import submit
from ingest.jobs import pipeline, remaking
from ingest.stages import derive
from media import decode
from media.derive import make_in_time
from media.refused import Broken
from tests.archive.testimonies import GIVEN

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]
STEWARD = Viewer(None, "steward")


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Iterator[Backends]:
    opened = Backends(settings, sqlite_database)
    yield opened
    opened.index.close()


def _taken_in(backends: Backends, path: Path) -> tuple[str, str]:
    receipt = submit(backends, path, Description(language="en", consent="public"))
    pipeline.run(backends, receipt.recording_id)
    assert receipt.testimony_id is not None
    return receipt.recording_id, receipt.testimony_id


def _made_of(backends: Backends, recording: str) -> dict[str, bytes]:
    keys = [key for key in backends.store.keys(sound.folder(recording)) if key != sound.original_key(recording)]
    return {key: backends.store.get_bytes(key) for key in keys}


def _work(backends: Backends) -> list[str]:
    asked = [one.recording_id for one in remaking.ask(backends)]
    while (name := backends.queue.take()) is not None:  # type: ignore[attr-defined]
        if remaking.is_remaking(name):
            remaking.run(backends, name)
    return asked


def test_a_backup_of_originals_alone_sounds_again_byte_for_byte(backends: Backends, speech: Sound) -> None:
    recording, told = _taken_in(backends, speech())
    with backends.database.write() as session:
        redaction.mark(session, told, Span(1000, 2000), None)
    pipeline.run(backends, recording)
    made = _made_of(backends, recording)
    with backends.database.read() as session:
        words = session.scalars(select(Segment.id)).all()
    assert len(made) == 4
    for key in made:
        backends.store.delete(key)
    assert _work(backends) == [recording]
    assert _made_of(backends, recording) == made
    assert remaking.missing(backends) == []
    with backends.database.read() as session:
        assert session.scalars(select(Segment.id)).all() == words, "nothing is written down anew"
        assert session.get_one(Recording, recording).state in {"ready", "needs-a-person"}


def test_it_is_asked_for_again_when_the_process_was_killed(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, _ = _taken_in(backends, speech())
    made = _made_of(backends, recording)
    backends.store.delete(sound.whole_keys(recording).peaks)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as trapped:
        trapped.setattr(backends.store, "put_bytes", killed)
        with pytest.raises(KeyboardInterrupt):
            remaking.run_now(backends, recording)
    _work(backends)
    assert _made_of(backends, recording) == made


def test_the_sound_of_what_was_withdrawn_is_not_made_again(backends: Backends, speech: Sound) -> None:
    recording, told = _taken_in(backends, speech())
    withdraw.withdraw(backends, told, "restrict", GIVEN)
    purge.purge(backends, told)
    assert remaking.missing(backends) == []
    remaking.run_now(backends, recording)
    assert list(backends.store.keys("recordings/")) == [sound.original_key(recording)]


def test_taken_back_while_it_is_made_again_leaves_nothing(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, told = _taken_in(backends, speech())
    backends.store.delete(sound.whole_keys(recording).listening)
    real = make_in_time

    def meanwhile(*args: object, **options: object) -> object:
        withdraw.withdraw(backends, told, "destroy", GIVEN)
        purge.purge(backends, told)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(derive, "make_in_time", meanwhile)
    remaking.run_now(backends, recording)
    assert list(backends.store.keys()) == []


def test_an_original_that_cannot_be_read_any_more_is_kept_for_a_person(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, _ = _taken_in(backends, speech())
    original = backends.store.get_bytes(sound.original_key(recording))
    backends.store.delete(sound.whole_keys(recording).listening)

    def broken(*_: object, **__: object) -> None:
        raise Broken(Message("The sound breaks off."))

    with monkeypatch.context() as trapped:
        trapped.setattr(derive, "make_in_time", broken)
        with pytest.raises(pipeline.StageFailed):
            remaking.run_now(backends, recording)
    assert backends.store.get_bytes(sound.original_key(recording)) == original
    with backends.database.read() as session:
        assert session.get_one(Recording, recording).state == "failed"


def test_a_sealed_original_waits_for_its_key_and_goes_on(backends: Backends, speech: Sound, tmp_path: Path) -> None:
    recording, told = _taken_in(backends, speech())
    key = vault.make_key(backends.settings)
    sealing.seal(backends, told, STEWARD)
    backends.store.delete(sound.whole_keys(recording).listening)
    key.rename(tmp_path / "on the stick")
    (found,) = remaking.missing(backends)
    assert "stick" in found.why_not
    _work(backends)
    (tmp_path / "on the stick").rename(key)
    _work(backends)
    assert remaking.missing(backends) == []


def test_the_ingest_room_shows_how_far_it_is(backends: Backends, speech: Sound) -> None:
    recording, _ = _taken_in(backends, speech())
    with backends.database.write() as session:
        session.add(StageRun(recording_id=recording, stage="remake", version=1, state="running", progress=0.5))
    with backends.database.read() as session:
        stages = [(one.NAME, one.KINDS, one.SHARE) for one in pipeline.STAGES]
        (shown,) = incoming.incoming(session, STEWARD, stages, ListRequest()).rows
    assert (shown.progress, [step.name for step in shown.steps]) == (0.5, ["remake"])


def _a_telephone_told(folder: Path) -> Path:
    """Three seconds of a telephone's sound, the second of which it sent nothing for."""
    path = folder / "told.amr"
    path.write_bytes(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50 + b"\x7c" * 50 + (b"\x3c" + bytes(31)) * 50)
    return path


def test_marks_of_an_older_copy_take_out_what_was_marked(
    backends: Backends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy was made before a telephone's silence took its time, and its text and marks are in that time."""
    with monkeypatch.context() as before:
        before.setattr(decode, "leaves_silence_out", lambda *_: False)
        recording, told = _taken_in(backends, _a_telephone_told(tmp_path))
    with backends.database.write() as session:
        row = session.get_one(Recording, recording)
        assert abs((row.duration_ms or 0) - 2000) <= 40
        row.recipe = 0
        redaction.mark(session, told, Span(1000, 1500), None)
        spans = sound.redacted_spans(session, told)
    pipeline.run(backends, recording)
    made = _length_of(backends, sound.redacted_keys(recording, spans).listening, tmp_path)
    assert abs(made - 2000) <= 60, "it is in the time of the marks"
    assert remaking.older(backends) == [recording]
    remaking.run_now(backends, recording)
    assert remaking.older(backends) == []
    assert abs(_length_of(backends, sound.whole_keys(recording).listening, tmp_path) - 2000) <= 60


def test_where_no_copy_is_in_the_time_of_the_marks_none_is_made(
    backends: Backends, speech: Sound, tmp_path: Path
) -> None:
    recording, told = _taken_in(backends, speech())
    with backends.database.write() as session:
        session.get_one(Recording, recording).duration_ms = 3000
        redaction.mark(session, told, Span(1000, 1500), None)
        keys = sound.redacted_keys(recording, sound.redacted_spans(session, told))
    with pytest.raises(pipeline.StageFailed, match="other words than were marked"):
        pipeline.run(backends, recording)
    assert not backends.store.exists(keys.listening)


def test_what_an_earlier_version_made_is_made_anew_when_somebody_asks(backends: Backends, speech: Sound) -> None:
    recording, _ = _taken_in(backends, speech())
    made = _made_of(backends, recording)
    listening = sound.whole_keys(recording).listening
    backends.store.put_bytes(listening, b"as it was made before")
    assert remaking.older(backends) == []
    with backends.database.write() as session:
        session.get_one(Recording, recording).recipe = 0
    assert (remaking.missing(backends), remaking.older(backends)) == ([], [recording])
    remaking.run_now(backends, recording)
    assert _made_of(backends, recording) == made
    assert remaking.older(backends) == []


def _length_of(backends: Backends, key: str, folder: Path) -> int:
    (folder / "copy.m4a").write_bytes(backends.store.get_bytes(key))
    return decode.probe(folder / "copy.m4a").duration_ms
