"""Typed transcripts are laid over the sound by the workers, once, and leave nothing when they are not wanted."""

from __future__ import annotations

import io
import wave
from datetime import timedelta

import pytest

from archive.backends import Backends
from archive.consent import redaction
from archive.db import Database
from archive.models import Recording, Testimony, TranscriptVersion, TypedTranscript, now
from archive.settings import Settings
from archive.timing import Span, TimedLine, Utterance
from archive.transcripts import imported, readable_text
from ingest.jobs import typed_transcripts
from ingest.samples.loading import load_collection
from media.decode import Samples, read_mono
from tests.archive.threads import add_told

PARAGRAPHS = [("S1", "We walked to the factory. The gate was closed."), ("", "Nobody told us why.")]
LINES = [
    TimedLine("We walked to the factory.", 1000, 3000, (), 0.9),
    TimedLine("The gate was closed."),
    TimedLine("Nobody told us why.", 8000, 9000, (), 0.8),
]


@pytest.fixture
def opened(settings: Settings, sqlite_database: Database) -> Backends:
    return Backends(settings, sqlite_database)


def brought(opened: Backends) -> tuple[str, str]:
    with opened.database.write() as session:
        testimony, _ = add_told(session)
        made = imported.wait(session, testimony.id, "en", PARAGRAPHS, None)
        return testimony.id, made.id


def test_what_the_sound_does_not_bear_out_is_put_between_and_flagged() -> None:
    said = typed_transcripts.placed(LINES, ["S1", "S1", ""], 14_000)
    assert [(one.start_ms, one.end_ms, one.flags) for one in said] == [
        (1000, 3000, ()),
        (3000, 5500, ("low-confidence",)),
        (8000, 9000, ()),
    ]
    nowhere = typed_transcripts.placed([TimedLine("a"), TimedLine("b")], ["", ""], 10_000)
    assert [(one.start_ms, one.end_ms) for one in nowhere] == [(0, 5000), (5000, 10_000)]


def test_a_worker_makes_a_draft_of_it(opened: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    testimony_id, typed_id = brought(opened)
    seen = []

    def laid(_backends, _key, said, language, tell):  # type: ignore[no-untyped-def]
        seen.append((list(said), language))
        tell(0.5)
        return typed_transcripts.placed(LINES, [speaker for speaker, _ in said], 14_000)

    monkeypatch.setattr(typed_transcripts, "_laid", laid)
    assert typed_transcripts.unfinished(opened) == [f"typed:{typed_id}"]
    typed_transcripts.run(opened, f"typed:{typed_id}")
    typed_transcripts.run(opened, f"typed:{typed_id}")
    pieces = [("S1", "We walked to the factory."), ("S1", "The gate was closed."), ("", "Nobody told us why.")]
    assert seen == [(pieces, "en")]
    with opened.database.read() as session:
        row = session.get_one(TypedTranscript, typed_id)
        assert (row.state, row.progress, row.paragraphs, imported.typed_transcripts_of(session, testimony_id)) == (
            "done",
            1.0,
            [],
            [],
        )
        version = session.get_one(TranscriptVersion, row.version_id)
        assert version.stage == "corrected"
        assert [(one.speaker, one.text) for one in version.segments] == pieces


def test_a_killed_worker_is_followed_by_another_and_at_last_by_a_sentence(opened: Backends) -> None:
    _, typed_id = brought(opened)
    for _ in range(imported.MOST_ATTEMPTS):
        with opened.database.write() as session:
            assert imported.claim(session, typed_id) is not None
        with opened.database.write() as session:
            assert imported.claim(session, typed_id) is None
            session.get_one(TypedTranscript, typed_id).lease_until = now() - timedelta(seconds=1)
    with opened.database.write() as session:
        assert imported.claim(session, typed_id) is None
    with opened.database.read() as session:
        assert session.get_one(TypedTranscript, typed_id).state == "failed"


def test_what_fails_says_why_and_what_is_stopped_is_gone(opened: Backends) -> None:
    testimony_id, typed_id = brought(opened)
    typed_transcripts.run(opened, f"typed:{typed_id}")  # there is no sound behind this recording
    with opened.database.read() as session:
        assert [one.state for one in imported.typed_transcripts_of(session, testimony_id)] == ["failed"]
    with opened.database.write() as session:
        assert imported.stop(session, typed_id)
        assert not imported.further(session, typed_id, 0.5)
        assert imported.typed_transcripts_of(session, testimony_id) == []


def test_a_withdrawn_testimony_is_not_worked_on(opened: Backends) -> None:
    testimony_id, typed_id = brought(opened)
    with opened.database.write() as session:
        session.get_one(Testimony, testimony_id).withdrawn_at = now()
        assert imported.claim(session, typed_id) is None
        assert imported.typed_transcripts_of(session, testimony_id) == []


def test_words_of_the_machine_lend_their_times_but_not_where_something_is_taken_out(opened: Backends) -> None:
    with opened.database.write() as session:
        testimony, _ = add_told(session)
        redaction.mark(session, testimony.id, Span(5000, 5500), None)
        said = [Utterance(0, 4000, "We walked home."), Utterance(4500, 9000, "A name nobody may read.")]
        version = imported.keep_imported(session, testimony.id, "en", said, None)
        assert [bool(one.words) for one in version.segments] == [True, False]
        shown = readable_text.redacted_segments(session, version)
        assert [one.text for one in shown] == ["We walked home.", readable_text.TAKEN_OUT]


@pytest.mark.weights
@pytest.mark.slow
def test_a_typed_text_gets_the_times_at_which_it_is_said(opened: Backends) -> None:
    """Against the sample's own account of when each sentence is spoken."""
    collection = load_collection()
    told = next(one for one in collection.testimonies if one.id == "the-day-the-line-fell")
    with opened.database.write() as session:
        testimony, _ = add_told(session)
        recording = session.get_one(Recording, testimony.recording_id)
        recording.listening_key = f"recordings/{recording.id}/listening"
        heard = [segment for segment in told.segments if segment.span.end_ms < 25_000]
        sound = read_mono(collection.folder / told.file, 0, heard[-1].span.end_ms + 500)
        opened.store.put_bytes(recording.listening_key, as_wav(sound))
        text = " ".join(segment.text for segment in heard)
        made = imported.wait(session, testimony.id, "en", [("", text)], None).id
    typed_transcripts.run(opened, f"typed:{made}")
    with opened.database.read() as session:
        row = session.get_one(TypedTranscript, made)
        assert row.state == "done"
        version = session.get_one(TranscriptVersion, row.version_id)
        words = [word for segment in version.segments for word in segment.words]
        assert abs(words[0].start_ms - heard[0].span.start_ms) < 400
        assert abs(words[-1].end_ms - heard[-1].span.end_ms) < 800


def as_wav(sound: Samples) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((sound * 32_000).astype("<i2").tobytes())
    return held.getvalue()
