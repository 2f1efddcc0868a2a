"""Another model writes a recording down beside what is there, and nothing of it once it is not wanted."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from archive.backends import Backends
from archive.db import Database
from archive.errors import ArchiveError
from archive.models import RecognitionCheckpoint, Recording, Testimony, TranscriptVersion, TypedTranscript, now
from archive.settings import Settings
from archive.timing import Utterance
from archive.transcripts import imported, transcript_versions
from archive.transcripts.imported import CannotWriteAgain
from ingest.engines.errors import ModelUnreachable
from ingest.jobs import typed_transcripts, written_again
from ingest.recognition.transcription import Transcription
from tests.archive.threads import add_told

FIRST = [Utterance(0, 4000, "We walked home.")]
SECOND = [Utterance(0, 4000, "We walked homeward.")]
HEARD = Transcription("en", 4000, tuple(SECOND), "faster-whisper", "khmer@abc", "1 float32")


@pytest.fixture
def opened(settings: Settings, sqlite_database: Database) -> Backends:
    return Backends(settings, sqlite_database)


def asked(opened: Backends) -> tuple[str, str, str]:
    """A testimony with a machine's version, the id of that, and of what was asked for."""
    with opened.database.write() as session:
        testimony, _ = add_told(session)
        recording = session.get_one(Recording, testimony.recording_id)
        recording.state, recording.listening_key = "ready", f"recordings/{recording.id}/listening"
        first = transcript_versions.add_version(
            session, testimony.id, "en", FIRST, stage="machine", engine=("faster-whisper", "base@1", "1")
        )
        made = imported.write_again(session, testimony.id, "faster-whisper", "khmer", None)
        return testimony.id, first.id, made.id


def test_the_older_version_is_kept_beside_the_new_one(opened: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    testimony_id, first_id, asked_id = asked(opened)
    given: list[tuple[str, str]] = []

    def hear(backends: Backends, work: object, engine: str, model: str, writing: object, progress: object) -> object:
        given.append((engine, model))
        return HEARD

    monkeypatch.setattr(written_again.transcribe, "hear", hear)
    assert typed_transcripts.unfinished(opened) == [f"typed:{asked_id}"]
    typed_transcripts.run(opened, f"typed:{asked_id}")
    typed_transcripts.run(opened, f"typed:{asked_id}")
    assert given == [("faster-whisper", "khmer")]
    with opened.database.read() as session:
        row = session.get_one(TypedTranscript, asked_id)
        assert row.state == "done"
        second = session.get_one(TranscriptVersion, row.version_id)
        assert (second.stage, second.model, second.segments[0].text) == ("machine", "khmer@abc", SECOND[0].text)
        first = session.get_one(TranscriptVersion, first_id)
        assert (first.model, first.segments[0].text) == ("base@1", FIRST[0].text)
        assert session.get_one(Testimony, testimony_id).recording.state == "ready"


def test_a_model_that_fails_is_told_and_leaves_the_recording_as_it_was(
    opened: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    testimony_id, first_id, asked_id = asked(opened)

    def hear(*_: object) -> object:
        raise ModelUnreachable("It is away.")

    monkeypatch.setattr(written_again.transcribe, "hear", hear)
    typed_transcripts.run(opened, f"typed:{asked_id}")
    with opened.database.write() as session:
        [row] = imported.typed_transcripts_of(session, testimony_id)
        assert (row.state, row.reason) == ("failed", "It is away.")
        assert session.get_one(Testimony, testimony_id).recording.state == "ready"
        assert [
            one.id
            for one in session.scalars(
                select(TranscriptVersion).where(
                    TranscriptVersion.testimony_id == testimony_id,
                    TranscriptVersion.stage == "machine",
                    TranscriptVersion.model != "",
                )
            )
        ] == [first_id]
        imported.write_again(session, testimony_id, "faster-whisper", "khmer", None)  # a second try is possible


def test_words_heard_after_a_withdrawal_are_not_kept(opened: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    testimony_id, _, asked_id = asked(opened)

    def hear(*given: object) -> object:
        with opened.database.write() as session:
            session.get_one(Testimony, testimony_id).withdrawn_at = now()
        return HEARD

    monkeypatch.setattr(written_again.transcribe, "hear", hear)
    typed_transcripts.run(opened, f"typed:{asked_id}")
    with opened.database.read() as session:
        assert not list(session.scalars(select(TranscriptVersion).where(TranscriptVersion.model == "khmer@abc")))
        assert not list(session.scalars(select(RecognitionCheckpoint)))


def test_one_at_a_time_and_only_when_the_recording_is_ready(opened: Backends) -> None:
    testimony_id, _, asked_id = asked(opened)
    with opened.database.write() as session:
        with pytest.raises(CannotWriteAgain, match="already"):
            imported.write_again(session, testimony_id, "faster-whisper", "other", None)
        assert imported.stop(session, asked_id)
        session.get_one(Testimony, testimony_id).recording.state = "working"
        with pytest.raises(ArchiveError, match="still being worked on"):
            imported.write_again(session, testimony_id, "faster-whisper", "other", None)
