"""Sound that its narrator took back does not come in again, by any door, under any name, in no other container."""

from __future__ import annotations

import hashlib
import wave
from pathlib import Path

import numpy as np
import pytest

from archive.backends import Backends, open_backends
from archive.catalogue.descriptions import describe
from archive.consent import decisions
from archive.consent.decisions import ConsentGiven
from archive.models import Testimony
from archive.settings import Settings
from archive.withdrawal import carrying_out, withdraw
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.stages import probe, receive
from ingest.stages.taken_back import TakenBack
from media import ffmpeg

SIGNED = ConsentGiven("signed", None)


@pytest.fixture
def opened(settings: Settings) -> Backends:
    return open_backends(settings)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "hers.wav"
    tone = (np.sin(np.arange(16_000) / 9) * 9000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(tone.tobytes())
    return path


def _take_in(backends: Backends, path: Path) -> str:
    receipt = submit(backends, path, describe({"title_en": "One"}), original_name=path.name)
    pipeline.run(backends, receipt.recording_id, stages=(receive, probe))
    assert receipt.testimony_id is not None
    return receipt.testimony_id


def _remuxed(path: Path) -> Path:
    """The same samples as FLAC, with a tag."""
    target = path.with_name("another name.flac")
    ffmpeg.run(["-i", str(path), "-metadata", "title=Something else", "-c:a", "flac", str(target)])
    return target


@pytest.mark.parametrize("mode", ["restrict", "destroy"])
@pytest.mark.parametrize("again", ["the same file", "another container"])
def test_what_was_taken_back_is_refused_at_the_door(opened: Backends, sound: Path, mode: str, again: str) -> None:
    other = _remuxed(sound)
    testimony_id = _take_in(opened, sound)
    withdraw.withdraw(opened, testimony_id, mode, SIGNED)
    assert carrying_out.carry_out(opened)
    with pytest.raises(TakenBack, match="only she reopens it"):
        _take_in(opened, sound if again == "the same file" else other)
    with opened.database.read() as session:
        assert [one.id for one in session.query(Testimony)] == ([testimony_id] if mode == "restrict" else [])
    assert opened.settings.withdrawals.read_text().count(_digest(sound)) == 0, (
        "the file tells nobody which sound it was"
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_her_own_word_lets_it_in_again(opened: Backends, sound: Path) -> None:
    kept = _take_in(opened, sound)
    withdraw.withdraw(opened, kept, "restrict", SIGNED)
    withdraw.reopen(opened, kept, decisions.BAND_ONLY, SIGNED)
    assert not submit(opened, sound, describe({"title_en": "One"})).new
    withdraw.withdraw(opened, kept, "destroy", SIGNED)
    assert carrying_out.carry_out(opened)
    withdraw.readmit(opened, kept, SIGNED)
    carrying_out.at_start(opened)
    assert submit(opened, sound, describe({"title_en": "One"})).new
