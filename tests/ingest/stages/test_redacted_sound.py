"""Marked sound is work like any other: it shows how far it is, survives a kill, and is made of sealed originals too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, sound
from archive.access.gate import PUBLIC, Viewer
from archive.access.rule import Grant
from archive.accounts import accounts
from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.consent import decisions, redaction, revoicing, sealing, vault
from archive.models import Recording, StageRun, Testimony
from archive.originals.unclaimed import unclaimed
from archive.timing import Span
from archive.withdrawal import purge
from ingest.intake.revoicing import submit_reading, take_out
from ingest.intake.submit import submit
from ingest.jobs import pipeline, returned_keys, scratch
from ingest.stages import redact
from ingest.stages.contract import StageOutcome, Tools, Work
from ingest.stages.redacted_sound import make_redacted
from media.decode import read_mono
from media.refused import Refused
from tests.archive.testimonies import GIVEN
from tests.conftest import ROOT

pytestmark = pytest.mark.usefixtures("fake_recogniser")
Sound = Callable[..., Path]
SPAN = Span(1500, 2500)
STEWARD = Viewer(None, "steward")
RATE = 16_000


def _taken_in(backends: Backends, speech: Sound) -> tuple[str, str]:
    receipt = submit(backends, speech(), Description(language="en", consent="public"))
    pipeline.run(backends, receipt.recording_id)
    assert receipt.testimony_id is not None
    return receipt.recording_id, receipt.testimony_id


def _mark(backends: Backends, testimony_id: str) -> str:
    """Mark the span; the key of the sound that others get from now on."""
    with backends.database.write() as session:
        redaction.mark(session, testimony_id, SPAN, None)
        recording_id = session.get_one(Testimony, testimony_id).recording_id
    return sound.redacted_keys(recording_id, [SPAN]).listening


def _states(backends: Backends, recording_id: str) -> dict[str, str]:
    with backends.database.read() as session:
        runs = session.scalars(select(StageRun).where(StageRun.recording_id == recording_id))
        return {run.stage: run.state for run in runs}


def test_a_mark_asks_for_the_last_stages_and_for_no_other(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id, testimony_id = _taken_in(backends, speech)
    key = _mark(backends, testimony_id)
    assert pipeline.unfinished(backends) == [recording_id], "it is found without the queue"
    assert not {"index", "redact"} & _states(backends, recording_id).keys()
    begun, shown = [], []
    for stage in pipeline.STAGES:
        real = stage.run
        monkeypatch.setattr(stage, "run", lambda w, t, n=stage.NAME, r=real: (begun.append(n), r(w, t))[1])

    class Watching:
        def stage(self, name: str, begins: float, ends: float) -> None:
            pass

        def progress(self, fraction: float) -> None:
            shown.append(fraction)

    pipeline.run(backends, recording_id, watcher=Watching())
    assert begun == ["index", "redact"]
    assert any(0 < fraction < 1 for fraction in shown)
    assert backends.store.exists(key)
    with backends.store.local_path(key) as path:
        heard = read_mono(path, 0, 6000, RATE)
    inside = heard[SPAN.start_ms * RATE // 1000 + 800 : SPAN.end_ms * RATE // 1000 - 800]
    assert np.abs(inside).max() < 10 ** (-60 / 20), "a lossy encoder leaves a little of nothing"
    assert np.abs(heard[:RATE]).max() > 0.01
    with backends.database.read() as session:
        assert session.get_one(Recording, recording_id).state == "ready"


def test_a_mark_set_while_it_works_is_not_lost(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id, testimony_id = _taken_in(backends, speech)
    _mark(backends, testimony_id)
    real, later = redact.run, Span(3000, 3500)

    def marked_again(work: Work, tools: Tools) -> StageOutcome:
        outcome = real(work, tools)
        if len(_marks(backends, testimony_id)) == 1:
            with backends.database.write() as session:
                redaction.mark(session, testimony_id, later, None)
        return outcome

    monkeypatch.setattr(redact, "run", marked_again)
    pipeline.run(backends, recording_id)
    assert pipeline.unfinished(backends) == [recording_id]
    pipeline.run(backends, recording_id)
    both = sound.redacted_keys(recording_id, [SPAN, later]).listening
    assert [key for key in backends.store.keys("") if "redacted" in key and key.endswith("m4a")] == [both]


def _marks(backends: Backends, testimony_id: str) -> list[Span]:
    with backends.database.read() as session:
        return sound.redacted_spans(session, testimony_id)


KILLED = """
import os, signal, sys
from archive.backends import open_backends
from archive.settings import read_settings
from ingest.jobs import pipeline, returned_keys, scratch
import media.peaks

media.peaks.Peaks.to_json = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
pipeline.run(open_backends(read_settings()), sys.argv[1])
"""


def test_it_survives_a_kill(backends: Backends, speech: Sound) -> None:
    recording_id, testimony_id = _taken_in(backends, speech)
    key = _mark(backends, testimony_id)
    environment = os.environ | {
        "MESSENGER_DATA": str(backends.settings.data),
        "MESSENGER_VAULT_KEY": str(backends.settings.vault_key),
    }
    killed = subprocess.run([sys.executable, "-c", KILLED, recording_id], cwd=ROOT, env=environment, check=False)
    assert killed.returncode == -9
    assert _states(backends, recording_id)["redact"] == "running"
    assert not backends.store.exists(key)
    assert pipeline.unfinished(backends) == [recording_id]
    pipeline.run(backends, recording_id)
    assert _states(backends, recording_id)["redact"] == "done"
    assert not scratch.work_folder(backends, recording_id).exists()
    first = backends.store.get_bytes(key)
    backends.store.delete(key)
    make_redacted(backends, testimony_id)
    assert backends.store.get_bytes(key) == first, "the same bytes as without a kill"


def test_it_is_made_of_a_sealed_original_as_well(backends: Backends, speech: Sound) -> None:
    recording_id, testimony_id = _taken_in(backends, speech)
    vault.make_key(backends.settings)
    key = _mark(backends, testimony_id)
    pipeline.run(backends, recording_id)
    open_made = backends.store.get_bytes(key)
    backends.store.delete(key)
    sealing.seal(backends, testimony_id, STEWARD)
    make_redacted(backends, testimony_id)
    assert backends.store.get_bytes(key) == open_made
    with backends.database.write() as session:
        for run in session.scalars(select(StageRun).where(StageRun.stage.in_(("probe", "derive")))):
            session.delete(run)
        session.get_one(Recording, recording_id).state = "waiting"
    pipeline.run(backends, recording_id)
    assert set(_states(backends, recording_id).values()) == {"done"}
    assert not backends.store.exists(sound.original_key(recording_id))
    assert not scratch.work_folder(backends, recording_id).exists()


def test_a_mark_on_a_sealed_original_waits_for_its_key_and_goes_on_when_that_is_back(
    backends: Backends, speech: Sound, tmp_path: Path
) -> None:
    recording_id, testimony_id = _taken_in(backends, speech)
    vault.make_key(backends.settings)
    sealing.seal(backends, testimony_id, STEWARD)
    stick, pocket = backends.settings.vault_key.parent, tmp_path / "pocket"
    stick.rename(pocket)
    key = _mark(backends, testimony_id)
    with pytest.raises(pipeline.StageFailed, match="put the stick in"):
        pipeline.run(backends, recording_id)
    assert not vault.has_sound_key(backends.settings, recording_id)
    assert returned_keys.unfinished(backends) == []
    pocket.rename(stick)
    assert returned_keys.unfinished(backends) == [recording_id]
    pipeline.run(backends, recording_id)
    assert backends.store.exists(key)
    assert returned_keys.unfinished(backends) == []


def _disguised(backends: Backends, testimony_id: str, viewer: Viewer) -> str | None:
    with backends.database.read() as session:
        keys = sound.keys_for(session, viewer, testimony_id)
    return keys.listening if keys else None


def test_a_reading_stands_in_once_somebody_has_listened(backends: Backends, speech: Sound) -> None:
    recording_id, testimony_id = _taken_in(backends, speech)
    allowed = (Grant("existence", "public"), Grant("disguised_sound", "public"))
    with backends.database.write() as session:
        decisions.reconfirm(session, testimony_id, GIVEN, allowed)
    assert _disguised(backends, testimony_id, PUBLIC) is None
    read = submit_reading(backends, testimony_id, speech("read.wav", 3.0, 2.0), None, None)
    with backends.database.write() as session, pytest.raises(revoicing.ReadingNotReady):
        revoicing.hear(session, testimony_id, "s")
    pipeline.run(backends, read)
    assert set(_states(backends, read)) == {"receive", "probe", "derive"}, "its words are the testimony's"
    assert _disguised(backends, testimony_id, PUBLIC) is None, "nobody has listened yet"
    with backends.database.write() as session:
        by = _a_steward(session)
        revoicing.hear(session, testimony_id, by)
    assert _disguised(backends, testimony_id, PUBLIC) == sound.whole_keys(read).listening
    with backends.database.read() as session:
        assert gate.sound_for(session, PUBLIC, testimony_id) == "disguised"
        assert not gate.may(session, PUBLIC, testimony_id, "original_sound")
    with backends.database.write() as session:
        redaction.mark(session, testimony_id, SPAN, None)
    assert _disguised(backends, testimony_id, PUBLIC) is None, "what was marked since may have been read aloud"
    assert take_out(backends, testimony_id, None)
    assert not take_out(backends, testimony_id, None)
    assert not [key for key in backends.store.keys("") if read in key]
    assert [key for key in backends.store.keys("") if recording_id in key]


def _a_steward(session: Session) -> str:
    return accounts.create(session, "steward", "a long enough one", "steward", ()).id


def test_a_second_reading_takes_the_first_one_s_place(backends: Backends, speech: Sound) -> None:
    _, testimony_id = _taken_in(backends, speech)
    first = submit_reading(backends, testimony_id, speech("one.wav", 3.0), None, None)
    pipeline.run(backends, first)
    second = submit_reading(backends, testimony_id, speech("two.wav", 4.0), None, None)
    pipeline.run(backends, second)
    with backends.database.read() as session:
        found = revoicing.reading_of(session, testimony_id)
        assert found is not None
        assert found.recording_id == second
        assert session.get(Recording, first) is None
    assert not [key for key in backends.store.keys("") if first in key]


def test_a_reading_that_is_no_recording_leaves_nothing(backends: Backends, speech: Sound, tmp_path: Path) -> None:
    _, testimony_id = _taken_in(backends, speech)
    before = sorted(backends.store.keys())
    path = tmp_path / "torn.wav"
    path.write_bytes(speech().read_bytes()[:200])
    with pytest.raises(Refused):  # noqa: PT012 - the door or the first look may refuse
        read = submit_reading(backends, testimony_id, path, None, None)
        pipeline.run(backends, read)
    assert sorted(backends.store.keys()) == before
    with backends.database.read() as session:
        assert revoicing.reading_of(session, testimony_id) is None
        assert session.get(Testimony, testimony_id) is not None
        assert unclaimed(session, backends.store) == {}
    assert purge.left_over(backends) == []
