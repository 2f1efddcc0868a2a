"""Hundreds of files made to stop a reader: each is read or refused in one sentence, within two seconds and 300 MB.

Each run draws some; `python -m tests.bench.readers --hostile` reads them all and prints figures.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.timing import TimedLine
from ingest.intake import transcript_files
from ingest.intake.transcript_files import CannotTake, ImportedTranscript
from media import apart
from media.apart import Overrun, read_apart
from media.timed import song_files
from media.timed.limits import LATEST_MS, Unreadable
from tests.media import hostile

SEED = 20261128
A_FEW = 60

Case = tuple[hostile.Reader, str, bytes | hostile.Flood]


def _transcript(name: str, data: bytes) -> ImportedTranscript | str:
    try:
        return transcript_files.read(name, data)
    except CannotTake as refused:
        return str(refused)


def _song(name: str, data: bytes) -> Sequence[TimedLine] | str:
    try:
        return song_files.read(name, data).lines
    except (Unreadable, Overrun) as refused:
        return str(refused)


def _all_taken_or_told(cases: Sequence[Case]) -> list[str]:
    """Reads every file; returns the sentences, and fails on anything that is neither one nor a transcript."""
    with ThreadPoolExecutor(apart.AT_ONCE) as readers:
        answers = list(readers.map(lambda case: case[0](case[1], hostile.made(case[2])), cases))
    told: list[str] = []
    for (_, name, _), answer in zip(cases, answers, strict=True):
        if isinstance(answer, str):
            assert answer[-1] in ".?", (name, answer)
            assert "\n" not in answer
            assert len(answer) < 300, (name, answer)
            told.append(answer)
        elif isinstance(answer, ImportedTranscript):
            assert answer.utterances or answer.paragraphs
            assert all(0 <= one.start_ms <= one.end_ms <= LATEST_MS for one in answer.utterances)
    return told


def _cases() -> list[Case]:
    transcripts = [(_transcript, name, data) for name, data in hostile.texts(SEED)]
    return [*transcripts, *((_song, name, data) for name, data in hostile.songs(SEED))]


def test_a_draw_of_hostile_files_is_taken_or_told(monkeypatch: pytest.MonkeyPatch) -> None:
    broke: list[object] = []
    monkeypatch.setattr(apart.log, "error", lambda *said: broke.append(said))
    cases = _cases()
    assert len(cases) >= 500
    _all_taken_or_told(random.Random().sample(cases, A_FEW))
    assert broke == []


def too_slow(data: bytes) -> int:
    """A reader that never ends, in C, where nothing of ours is asked."""
    return sum(range(10**12)) + len(data)


def too_large(_data: bytes) -> int:
    return len(bytearray(10**9))


def too_curious(_data: bytes, path: str) -> str:
    Path(path).write_text("left behind")
    return path


def too_broken(_data: bytes) -> None:
    raise KeyError("a secret word of hers")


@pytest.mark.parametrize(
    ("reader", "sentence"), [("too_slow", "longer"), ("too_large", "more memory"), ("too_broken", "damaged")]
)
def test_a_reader_that_runs_wild_ends_in_one_sentence(
    reader: str, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Overrun, match=sentence):
        read_apart(f"{__name__}:{reader}", b"x", cpu_s=0.5)
    assert "secret word" not in caplog.text


def test_a_reader_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(Overrun):
        read_apart(f"{__name__}:too_curious", path=str(tmp_path / "x"))
    assert not (tmp_path / "x").is_file() or (tmp_path / "x").read_bytes() == b""
