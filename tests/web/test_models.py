"""Stewards see which model wrote what, and have another one write a recording down; nobody else is offered it."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Recording, Testimony, TypedTranscript
from archive.timing import Utterance
from archive.transcripts import transcript_versions
from ingest.engines.kept_models import KeptModel, note
from tests.web.filling import Filling

SignedIn = Callable[..., FlaskClient]
SAID = "the-day-the-line-fell"


def keep_a_model(filled: Filling) -> None:
    folder = filled.backends.settings.data / "models/khmer-0123456789ab"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"0" * 2_000_000)
    note(folder, KeptModel("khmer", "/media/stick/khmer", "apache-2.0", "hugging-face", added=True))


def write_two(filled: Filling, told: str) -> list[str]:
    with filled.backends.database.write() as session:
        recording = session.get_one(Recording, session.get_one(Testimony, told).recording_id)
        recording.state, recording.listening_key = "ready", recording.listening_key or "recordings/x/listening"
        return [
            transcript_versions.add_version(
                session,
                told,
                "en",
                [Utterance(0, 3000, text)],
                stage="machine",
                engine=("faster-whisper", model, "1.2"),
                verdict="ok",
            ).id
            for text, model in (("We walked home.", "base@1"), ("We walked away.", "khmer@2"))
        ]


def test_a_steward_sees_the_models_and_what_each_wrote(signed_in: SignedIn, filled: Filling) -> None:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    page = client.get("/steward/models").get_data(as_text=True)
    assert "No model is kept here yet" in page
    keep_a_model(filled)
    write_two(filled, filled.testimonies[SAID])
    page = client.get("/steward/models").get_data(as_text=True)
    for words in ("khmer", "2 MB", "Licence: apache-2.0", "/media/stick/khmer", "base@1", "khmer@2", "1 testimony"):
        assert words in page
    assert "/steward/models" in client.get("/steward").get_data(as_text=True)


def test_a_recording_is_written_down_again_and_compared(signed_in: SignedIn, filled: Filling) -> None:
    client = signed_in("steward", ("MB",))
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    told = filled.testimonies[SAID]
    keep_a_model(filled)
    one, two = write_two(filled, told)
    page = client.get(f"/review/{told}").get_data(as_text=True)
    assert "Written down by another model" in page
    assert f"/review/{told}/compare?from={one}&amp;to={two}" in page
    compared = client.get(f"/review/{told}/compare?from={one}&to={two}").get_data(as_text=True)
    assert "<del>Version 2, Machine’s words, base@1</del>" in compared
    assert "<ins>" in compared
    assert client.post(f"/review/{told}/again", data={"model": "/etc"}).status_code == 404
    assert client.post(f"/review/{told}/again", data={"model": "khmer"}).status_code == 303
    with filled.backends.database.read() as session:
        [row] = session.scalars(select(TypedTranscript))
        assert (row.engine, row.model, row.state) == ("faster-whisper", "khmer", "waiting")
    assert "khmer: waiting its turn" in client.get(f"/review/{told}").get_data(as_text=True)
    client.post(f"/review/{told}/again", data={"model": "khmer"})
    assert "writing this recording down already" in client.get(f"/review/{told}").get_data(as_text=True)


def test_members_are_offered_no_models(signed_in: SignedIn, filled: Filling) -> None:
    client = signed_in("band", ("MB",))
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    told = filled.testimonies[SAID]
    assert "Written down by another model" not in client.get(f"/review/{told}").get_data(as_text=True)
    assert client.post(f"/review/{told}/again", data={"model": "base"}).status_code == 404
    assert client.get("/steward/models").status_code == 404
