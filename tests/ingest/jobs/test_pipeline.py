"""The way of one recording: refusals leave nothing, failures can be taken up again, cancelling leaves nothing half."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from mutagen.id3 import ID3, TDRC, TIT2, TPE1
from sqlalchemy import delete, func, select

from archive.accounts import accounts
from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import (
    AuditEntry,
    ConsentEvent,
    Discarded,
    Permission,
    Recording,
    Segment,
    StageRun,
    Tagging,
    Testimony,
    TranscriptVersion,
)
from archive.originals import discarding
from archive.originals.unclaimed import unclaimed
from ingest.intake.arriving import sweep
from ingest.intake.submit import Receipt, submit
from ingest.jobs import pipeline, scratch
from ingest.samples import COLLECTION_FOLDER
from ingest.stages import transcribe
from ingest.stages.contract import Nobody, StageOutcome, Tools, Work
from media.refused import Refused
from tests.ingest.fake_recogniser import SAID, FakeRecogniser

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]


def _count(backends: Backends, model: type) -> int:
    with backends.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def _everything_kept(backends: Backends) -> list[str]:
    work = backends.settings.data / "work"
    return [*backends.store.keys(), *(str(path) for path in work.rglob("*"))]


def test_a_recording_becomes_a_testimony_with_its_machine_text(backends: Backends, speech: Sound) -> None:
    with backends.database.write() as session:
        load_thesaurus(session)
    receipt = submit(backends, speech(), Description(language="en"), original_name="told.wav")
    pipeline.run(backends, receipt.recording_id)
    with backends.database.read() as session:
        recording = session.get_one(Recording, receipt.recording_id)
        assert recording.duration_ms == pytest.approx(6000, abs=60)
        version = session.scalars(select(TranscriptVersion)).one()
        assert (version.stage, version.engine, version.model) == ("machine", "fake", "fake@0")
        segment = session.scalars(select(Segment)).first()
        assert segment is not None
        assert [word.text for word in segment.words] == list(SAID)
        runs = session.scalars(select(StageRun.stage).where(StageRun.state == "done")).all()
        assert sorted(runs) == sorted(stage.NAME for stage in pipeline.STAGES if "testimony" in stage.KINDS)
        assert segment.flags == []
        assert "debt" in session.scalars(select(Tagging.term_id).where(Tagging.state == "suggested")).all()
    assert backends.store.exists(recording.original_key)
    assert backends.store.get_bytes(recording.original_key) == speech().read_bytes()
    assert list(backends.store.keys("quarantine/")) == []
    assert not scratch.work_folder(backends, receipt.recording_id).exists()


def test_consent_is_on_record_before_anything_is_heard(backends: Backends, speech: Sound) -> None:
    receipt = submit(backends, speech(), Description(consent="listed-sealed", consent_method="signed"))
    with backends.database.read() as session:
        event = session.scalars(select(ConsentEvent)).one()
    assert (event.testimony_id, event.kind, event.method) == (receipt.testimony_id, "grant", "signed")


@pytest.mark.parametrize(
    ("consent", "title"), [("band-only", "Interview in the dormitory"), ("public", ""), ("listed-sealed", "")]
)
def test_tags_describe_what_nobody_described_unless_outsiders_could_read_them(
    backends: Backends, tmp_path: Path, consent: str, title: str
) -> None:
    path = tmp_path / "told.mp3"
    shutil.copy(COLLECTION_FOLDER / "three-months-and-three-months.mp3", path)
    tags = ID3()
    tags.add(TIT2(encoding=3, text="Interview in the dormitory"))
    tags.add(TPE1(encoding=3, text="Somebody's own name"))
    tags.add(TDRC(encoding=3, text="2013-05-01"))
    tags.save(path)
    receipt = submit(backends, path, Description(consent=consent))
    pipeline.run(backends, receipt.recording_id, stages=pipeline.STAGES[:2])
    with backends.database.read() as session:
        testimony = session.get_one(Testimony, receipt.testimony_id)
        assert (testimony.title_en, testimony.title_km) == (title, "")
        assert str(testimony.recorded_on) == "2013-05-01"


def test_the_same_sound_is_taken_in_once(backends: Backends, speech: Sound) -> None:
    first = submit(backends, speech(), Description())
    again = submit(backends, speech("copy.wav"), Description())
    assert (again.recording_id, again.new) == (first.recording_id, False)
    assert _count(backends, Testimony) == 1


def test_handing_a_file_in_does_not_tell_that_the_archive_has_it(backends: Backends, speech: Sound) -> None:
    """Whoever may not know of the first gets a recording of her own, and whoever may is told of the first."""
    with backends.database.write() as session:
        band, steward = (
            accounts.create(session, role, "a long enough one", role, ()).id for role in ("band", "steward")
        )
    first = submit(backends, speech(), Description())
    assert first.testimony_id is not None
    assert not submit(backends, speech(), Description(), account_id=band).new, "the band may know of it"
    with backends.database.write() as session:
        session.execute(delete(Permission))
    again = submit(backends, speech(), Description(), account_id=band)
    assert again.new
    assert again.recording_id != first.recording_id
    assert submit(backends, speech(), Description(), account_id=band) == Receipt(
        again.recording_id, again.testimony_id, new=False
    )
    assert submit(backends, speech(), Description(), account_id=steward).recording_id == first.recording_id
    pipeline.run(backends, again.recording_id)
    with backends.database.read() as session:
        assert session.get_one(Recording, again.recording_id).state == "ready"
        noted = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"recording:{again.recording_id}")).one()
        assert noted.detail == {"same bytes as": [first.recording_id]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.mp3", b"This is only text, whatever its name says.\n" * 40),
        ("empty.wav", b""),
        ("list.mp3", b"#EXTM3U\nfile:///etc/hostname\n"),
        ("concat.mp3", b"ffconcat version 1.0\nfile secret.mp3\n"),
        ("noise.wav", bytes(range(256)) * 20),
    ],
)
def test_what_is_no_recording_is_refused_and_nothing_stays(
    backends: Backends, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused) as refusal:  # noqa: PT012 - the door or the first look may refuse
        receipt = submit(backends, path, Description(), original_name=name)
        pipeline.run(backends, receipt.recording_id)
    assert str(refusal.value).endswith(".")
    assert name not in str(refusal.value)
    assert _everything_kept(backends) == []
    assert _count(backends, Recording) == _count(backends, Testimony) == 0


def test_a_recording_over_the_limit_is_refused_and_nothing_stays(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(backends.settings), "max_duration_ms", property(lambda _: 3000))
    receipt = submit(backends, speech(), Description())
    with pytest.raises(Refused, match="longer than"):
        pipeline.run(backends, receipt.recording_id)
    assert _everything_kept(backends) == []
    assert _count(backends, Recording) == _count(backends, Testimony) == 0
    with backends.database.read() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert "recording.refused" in actions


def test_a_stage_that_fails_says_why_and_can_be_taken_up_again(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failing = transcribe.run, True

    def stumble(work: Work, tools: Tools) -> StageOutcome:
        if failing:
            raise ConnectionError("the model's hub at a secret address")
        return real(work, tools)

    monkeypatch.setattr(transcribe, "run", stumble)
    receipt = submit(backends, speech(), Description())
    with pytest.raises(pipeline.StageFailed, match="ConnectionError"):
        pipeline.run(backends, receipt.recording_id)
    with backends.database.read() as session:
        recording = session.get_one(Recording, receipt.recording_id)
        assert recording.state == "failed"
        assert "secret address" not in recording.reason
    failing = False
    assert pipeline.retry(backends, receipt.recording_id)
    pipeline.run(backends, receipt.recording_id)
    assert _count(backends, TranscriptVersion) == 1


def test_cancelling_leaves_nothing_half_done(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = transcribe.run

    def cancelled_meanwhile(work: Work, tools: Tools) -> StageOutcome:
        outcome = real(work, tools)
        assert pipeline.cancel(backends, work.recording_id)
        return outcome

    monkeypatch.setattr(transcribe, "run", cancelled_meanwhile)
    receipt = submit(backends, speech(), Description())
    pipeline.run(backends, receipt.recording_id)
    assert _count(backends, TranscriptVersion) == 0
    assert not scratch.work_folder(backends, receipt.recording_id).exists()
    with backends.database.read() as session:
        assert session.get_one(Recording, receipt.recording_id).state == "cancelled"


def test_a_testimony_withdrawn_meanwhile_gets_no_text(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = transcribe.run

    def withdrawn_meanwhile(work: Work, tools: Tools) -> StageOutcome:
        outcome = real(work, tools)
        with backends.database.write() as session:
            testimony = session.get_one(Testimony, work.testimony_id)
            testimony.withdrawn_at = testimony.created_at
        return outcome

    monkeypatch.setattr(transcribe, "run", withdrawn_meanwhile)
    receipt = submit(backends, speech(), Description())
    pipeline.run(backends, receipt.recording_id)
    assert _count(backends, TranscriptVersion) == 0


def test_a_second_worker_leaves_a_claimed_recording_alone(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tried = transcribe.run, []

    def meanwhile(work: Work, tools: Tools) -> StageOutcome:
        other = Thread(target=lambda: tried.append(pipeline.run(backends, work.recording_id)))
        other.start()
        other.join()
        return real(work, tools)

    monkeypatch.setattr(transcribe, "run", meanwhile)
    receipt = submit(backends, speech(), Description())
    pipeline.run(backends, receipt.recording_id)
    assert tried == [False]
    assert _count(backends, TranscriptVersion) == 1


def test_what_a_killed_upload_left_in_quarantine_is_swept(backends: Backends) -> None:
    with backends.database.write() as session:
        session.add(Discarded(recording_id="killed", bringing=f"{socket.gethostname()}/{2**22 + 1}"))
        session.add(Discarded(recording_id="elsewhere", bringing="another machine/7"))
    for upload in ("killed", "elsewhere", "nobodys"):
        backends.store.put_bytes(f"quarantine/{upload}", b"sound")
    backends.store.put_bytes("recordings/killed/original", b"taken in after this copy of the database was made")
    assert sweep(backends) == 1
    assert _everything_kept(backends) == [
        "quarantine/elsewhere",
        "quarantine/nobodys",
        "recordings/killed/original",
    ]
    with backends.database.read() as session:
        assert discarding.uploads(session) == {"elsewhere"}
        assert set(unclaimed(session, backends.store)) == {"nobodys", "killed"}


def test_an_upload_that_fails_leaves_neither_a_file_nor_a_name(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ingest.intake.submit.add_testimony", full)
    with pytest.raises(OSError, match="No space"):
        submit(backends, speech(), Description())
    assert _everything_kept(backends) == []
    assert _count(backends, Recording) == _count(backends, Discarded) == 0


def test_a_song_s_recording_is_not_transcribed(
    backends: Backends, speech: Sound, fake_recogniser: FakeRecogniser
) -> None:
    receipt = submit(backends, speech(), None)
    pipeline.run(backends, receipt.recording_id)
    assert receipt.testimony_id is None
    assert _count(backends, TranscriptVersion) == 0
    with backends.database.read() as session:
        assert session.get_one(Recording, receipt.recording_id).state == "ready"


def test_stages_follow_one_another_from_nothing_to_the_whole(backends: Backends, speech: Sound) -> None:
    receipt = submit(backends, speech(), Description())
    told: list[tuple[str, float, float]] = []

    class Watching(Nobody):
        def stage(self, name: str, begins: float, ends: float) -> None:
            told.append((name, begins, ends))

    pipeline.run(backends, receipt.recording_id, watcher=Watching())
    assert [begins for _, begins, _ in told] == [0.0, *(ends for _, _, ends in told[:-1])]
    assert told[-1][2] == 1.0
    assert next(ends - begins for name, begins, ends in told if name == "transcribe") > 0.5


def test_work_that_is_no_longer_wanted_stops_at_the_next_step(backends: Backends, speech: Sound) -> None:
    receipt = submit(backends, speech(), None)

    class Cancelling:
        def stage(self, name: str, begins: float, ends: float) -> None:
            if name == "derive":
                pipeline.cancel(backends, receipt.recording_id)

        def progress(self, fraction: float) -> None:
            pass

    pipeline.run(backends, receipt.recording_id, watcher=Cancelling())
    with backends.database.read() as session:
        assert session.get_one(Recording, receipt.recording_id).listening_key == ""
