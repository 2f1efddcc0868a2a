"""A transcription can be killed, resumed, cancelled and watched, and its outcome does not depend on any of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.timing import Utterance
from ingest.engines.window import SAMPLE_RATE, SAMPLES_PER_MS
from ingest.recognition.checkpoints import AlreadyRunning, Checkpoints
from ingest.recognition.transcription import Cancelled, Progress, RecordingSource, Transcription, transcribe, work_key
from media.decode import read_mono
from tests.ingest.fake_recogniser import PlaceTeller

VOICE = Path(__file__).parents[3] / "ingest/samples/until-my-son-comes-home.wav"
TIMES = 4


@pytest.fixture(scope="module")
def source() -> RecordingSource:
    sound = read_mono(VOICE)
    return RecordingSource("ab" * 32, TIMES * len(sound) // SAMPLES_PER_MS, lambda: [sound] * TIMES)


@pytest.fixture(scope="module")
def whole(source: RecordingSource) -> Transcription:
    return transcribe(source, PlaceTeller())


class Killed(BaseException):
    """What stops a process at once, between two windows."""


def test_a_transcript_tells_its_recogniser_language_and_length(source: RecordingSource, whole: Transcription) -> None:
    assert (whole.engine, whole.model, whole.version) == ("fake", "fake@0", "1")
    assert whole.language == "en"
    assert whole.duration_ms == source.duration_ms
    assert len(whole.utterances) > 4
    assert not whole.verdict.needs_person


@pytest.mark.parametrize("after", range(10))
def test_killed_anywhere_it_ends_the_same_and_repeats_one_batch_at_most(
    after: int, source: RecordingSource, whole: Transcription, tmp_path: Path
) -> None:
    seen: list[Progress] = []

    def kill(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) > after:
            raise Killed

    first, second = PlaceTeller(), PlaceTeller()
    with pytest.raises(Killed):
        transcribe(source, first, checkpoints=Checkpoints(tmp_path), progress=kill)
    assert transcribe(source, second, checkpoints=Checkpoints(tmp_path)) == whole
    repeated = [batch for batch in second.batches if batch in first.batches]
    assert len(repeated) <= 1


def test_a_line_cut_off_in_the_middle_is_done_again(
    source: RecordingSource, whole: Transcription, tmp_path: Path
) -> None:
    transcribe(source, PlaceTeller(), checkpoints=Checkpoints(tmp_path))
    [kept] = tmp_path.iterdir()
    before = kept.read_bytes()
    for size in range(len(before) - 1, 0, -211):
        kept.write_bytes(before[:size])
        assert transcribe(source, PlaceTeller(), checkpoints=Checkpoints(tmp_path)) == whole
        assert kept.read_bytes() == before


def test_a_finished_transcription_is_not_recognised_again(
    source: RecordingSource, whole: Transcription, tmp_path: Path
) -> None:
    transcribe(source, PlaceTeller(), checkpoints=Checkpoints(tmp_path))
    again = PlaceTeller()
    assert transcribe(source, again, checkpoints=Checkpoints(tmp_path)).utterances[:-2] == whole.utterances[:-2]
    assert len(again.batches) <= 1


def test_another_question_never_gets_the_old_answer(source: RecordingSource) -> None:
    asked = PlaceTeller()
    keys = {
        work_key(source, asked, None, None),
        work_key(source, asked, "km", None),
        work_key(source, asked, None, "Kampong Thom"),
        work_key(source, PlaceTeller(model="khmer"), None, None),
        work_key(RecordingSource("cd" * 32, source.duration_ms, source.blocks), asked, None, None),
    }
    assert len(keys) == 5
    assert work_key(source, asked, "km-KH", "") == work_key(source, asked, "km", None)


def test_a_cancelled_transcription_leaves_nothing(source: RecordingSource, tmp_path: Path) -> None:
    def cancel(progress: Progress) -> None:
        if progress.done_ms:
            raise Cancelled

    with pytest.raises(Cancelled):
        transcribe(source, PlaceTeller(), checkpoints=Checkpoints(tmp_path), progress=cancel)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_do_the_same_work(source: RecordingSource, tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    with (
        kept.open(work_key(source, PlaceTeller(), None, None)),
        pytest.raises(AlreadyRunning, match="another process"),
    ):
        transcribe(source, PlaceTeller(), checkpoints=kept)


def test_checkpoints_are_readable_by_their_owner_only(source: RecordingSource, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    transcribe(source, PlaceTeller(), checkpoints=Checkpoints(folder))
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_progress_rises_to_the_end_and_tells_the_time_left(source: RecordingSource) -> None:
    seen: list[Progress] = []
    transcribe(source, PlaceTeller(), progress=seen.append)
    done = [progress.done_ms for progress in seen]
    assert done == sorted(done)
    assert (seen[0].fraction, seen[-1].fraction) == (0.0, 1.0)
    assert all(progress.speed > 0 and progress.left_s is not None for progress in seen[1:])
    for progress in seen[1:]:
        assert progress.left_s == pytest.approx(
            (progress.total_ms - progress.done_ms) / 1000 / progress.speed, abs=0.01
        )


def test_progress_is_told_while_a_batch_is_worked_on(source: RecordingSource) -> None:
    seen: list[Progress] = []
    transcribe(source, PlaceTeller(batch_size=100), progress=seen.append)
    done = [progress.done_ms for progress in seen]
    assert done[:2] == [0, pytest.approx(done[-2] / 2, abs=1)]  # after the last window there may be silence


def test_the_language_asked_for_is_kept_and_else_the_one_most_spoken(source: RecordingSource) -> None:
    assert transcribe(source, PlaceTeller(), language="km").language == "km"
    assert transcribe(source, PlaceTeller("km")).language == "km"


def test_a_silent_recording_has_no_words_and_needs_a_person() -> None:
    import numpy as np

    silent = RecordingSource("00" * 32, 60_000, lambda: [np.zeros(60 * SAMPLE_RATE, dtype=np.float32)])
    found = transcribe(silent, PlaceTeller())
    assert (found.utterances, found.language, found.duration_ms) == ((), None, 60_000)
    assert found.verdict.needs_person


def test_a_checkpoint_gives_back_every_part_of_an_utterance(tmp_path: Path) -> None:
    said = [Utterance(1, 2, "ខ្ញុំ", (), ("script", "music"), 0.25, "S1", "km"), Utterance(3, 4, "yes")]
    with Checkpoints(tmp_path).open("key") as checkpoint:
        checkpoint.begin("km")
        checkpoint.add(said)
    with Checkpoints(tmp_path).open("key") as checkpoint:
        assert (checkpoint.language, checkpoint.done) == ("km", [said])
