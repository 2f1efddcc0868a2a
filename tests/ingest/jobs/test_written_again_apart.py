"""A recording written down again by another model, really loaded, by a worker in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.backends import open_backends
from archive.catalogue.descriptions import Description
from archive.models import Recording, TranscriptVersion, TypedTranscript
from archive.settings import read_settings
from archive.transcripts import imported
from ingest.engines import kept_models, weights
from ingest.engines.model_files import FASTER_WHISPER
from ingest.intake.submit import submit
from ingest.jobs import pipeline, typed_transcripts
from tests.ingest.engines import hugging_face as form
from tests.ingest.fake_recogniser import FakeRecogniser

LONG_S = 120.0


@pytest.mark.weights
def test_a_worker_of_its_own_writes_it_down_beside_the_first(
    tmp_path: Path, speech: Callable[..., Path], fake_recogniser: FakeRecogniser
) -> None:
    env = {"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path)}
    backends = open_backends(read_settings(env))
    receipt = submit(backends, speech(), Description(language="en"))
    pipeline.run(backends, receipt.recording_id)
    small = form.base_config(d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2)
    small |= {"decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    tokenizer = weights.bundled_base(tmp_path / "bundled") / "tokenizer.json"
    model = form.write_repository(tmp_path / "khmer", form.random_tensors(small), small, tokenizer, shards=2)
    with backends.database.write() as session:
        first = session.scalars(select(TranscriptVersion)).one()
        before = [one.text for one in first.segments]
        asked = imported.write_again(session, first.testimony_id, FASTER_WHISPER, str(model), None).id
    typed_transcripts.enqueue(backends, asked)
    alive, parent = os.pipe()
    command = [sys.executable, "-m", "ingest.jobs.worker_process", "--parent", str(alive), "--idle", "0.5"]
    worker = subprocess.Popen(command, env=os.environ | env, pass_fds=(alive,))
    try:
        assert worker.wait(LONG_S) == 0
    finally:
        worker.kill()
        os.close(alive)
        os.close(parent)
    with backends.database.read() as session:
        row = session.get_one(TypedTranscript, asked)
        assert (row.state, row.reason) == ("done", "")
        second = session.get_one(TranscriptVersion, row.version_id)
        assert (second.stage, second.engine, second.model.split("@")[0]) == ("machine", FASTER_WHISPER, "khmer")
        assert second.segments
        assert [one.text for one in session.get_one(TranscriptVersion, first.id).segments] == before
        assert session.get_one(Recording, receipt.recording_id).state == "ready"
    [made] = kept_models.kept_models(tmp_path / "var/models")
    assert made.name == "khmer"
    backends.database.engine.dispose()
