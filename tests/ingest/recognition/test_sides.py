"""An interview with a channel for each person: each is heard alone, what they say at once stands side by side."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ingest.recognition.checkpoints import Checkpoints
from ingest.recognition.transcription import Progress, RecordingSource, in_file, source_of, transcribe, work_key
from media.decode import DEFAULT_LIMIT_MS, read_mono
from media.derive import make_listening
from tests.ingest.fake_recogniser import PlaceTeller
from tests.ingest.recognition.test_transcription import Killed
from tests.media.conftest import RATE, write_wav

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def interview(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real people: a man at 0 and at 40 s on the left, a Khmer speaker at 9 s, while he still speaks, and at 32 s.

    Each microphone hears a little of the other; the right one is three times as soft.
    """
    man, khmer = (
        read_mono(shared_data / "speech" / name, rate=RATE) for name in ("jfk.flac", "khm_1161_1980987674.wav")
    )
    left, right = np.random.default_rng(1).normal(0, 0.0008, (2, 52 * RATE))
    for sound, own, other, begins in ((man, left, right, (0, 40)), (khmer, right, left, (9, 32))):
        for second in begins:
            at = slice(second * RATE, second * RATE + sound.size)
            own[at] += 0.6 * sound
            other[at] += 0.03 * sound
    folder = tmp_path_factory.mktemp("interview")
    return write_wav(folder / "interview.wav", np.stack([left, right / 3], axis=1))


@pytest.fixture(scope="module")
def source(interview: Path) -> RecordingSource:
    return source_of(interview)


def test_each_is_heard_alone_and_what_they_say_at_once_is_kept(source: RecordingSource) -> None:
    said = transcribe(source, PlaceTeller(), language="km").utterances
    assert [one.start_ms for one in said] == sorted(one.start_ms for one in said)
    his, hers = ([one for one in said if one.speaker == who] for who in ("S1", "S2"))
    assert len(his) + len(hers) == len(said)
    assert his[0].start_ms < 1000
    assert 8500 < hers[0].start_ms < 9800  # nothing of him before, whom the right microphone hears as well
    assert hers[-1].end_ms < 38_000
    assert 49_500 < his[-1].end_ms < 51_500
    assert any(one.end_ms > other.start_ms for one, other in pairwise(said))


@pytest.mark.parametrize("after", range(4))
def test_killed_at_either_side_it_ends_the_same(after: int, source: RecordingSource, tmp_path: Path) -> None:
    seen: list[Progress] = []

    def kill(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) > after:
            raise Killed

    whole, first, second = PlaceTeller(batch_size=1), PlaceTeller(batch_size=1), PlaceTeller(batch_size=1)
    meant = transcribe(source, whole, language="km")
    assert len(whole.batches) == 3
    with pytest.raises(Killed):
        transcribe(source, first, language="km", checkpoints=Checkpoints(tmp_path), progress=kill)
    assert transcribe(source, second, language="km", checkpoints=Checkpoints(tmp_path)) == meant
    assert len(first.batches) + len(second.batches) <= 4
    done = [progress.fraction for progress in seen]
    assert done == sorted(done)


def test_the_listening_copy_keeps_them_apart(source: RecordingSource, interview: Path, tmp_path: Path) -> None:
    made = make_listening(interview, tmp_path / "x.m4a")
    copy = in_file(tmp_path / "x.m4a", "x", made.duration_ms, limit_ms=DEFAULT_LIMIT_MS, one_each=True)
    places = [
        [(one.speaker, one.start_ms, one.end_ms) for one in transcribe(each, PlaceTeller()).utterances]
        for each in (source, copy)
    ]
    assert [who for who, _, _ in places[0]] == [who for who, _, _ in places[1]]
    for (_, *mine), (_, *theirs) in zip(*places, strict=True):
        assert np.abs(np.subtract(mine, theirs)).max() <= 300


def test_an_older_copy_with_one_channel_is_heard_as_one(interview: Path, tmp_path: Path) -> None:
    made = make_listening(interview, tmp_path / "x.m4a", channels=1)
    one = in_file(tmp_path / "x.m4a", "x", made.duration_ms, limit_ms=DEFAULT_LIMIT_MS, one_each=True)
    assert one.sides == ()
    assert {said.speaker for said in transcribe(one, PlaceTeller()).utterances} == {None}


def test_one_by_one_is_another_question_than_both_at_once(source: RecordingSource) -> None:
    together = RecordingSource(source.identity, source.duration_ms, source.blocks)
    assert work_key(source, PlaceTeller(), None, None) != work_key(together, PlaceTeller(), None, None)
