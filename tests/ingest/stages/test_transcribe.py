"""What the recogniser is told beforehand: themes and places that people found, and the same ones after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.catalogue.thesaurus import load_thesaurus
from archive.db import Database
from archive.models import Narrator, Recording, Segment, Tagging, now
from archive.timing import Utterance
from ingest.engines import loader
from ingest.engines.window import Window
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.stages.transcribe import prompt_words
from media.decode import read_mono
from tests.archive.threads import EVERYTHING, add_told
from tests.ingest.fake_recogniser import FakeRecogniser
from tests.media.conftest import RATE, write_wav

PHNOM_PENH = "place-12"


def _confirm(session: Session, term: str, times: int, state: str = "confirmed") -> None:
    for _ in range(times):
        testimony, _ = add_told(session)
        session.add(Tagging(testimony_id=testimony.id, term_id=term, origin="human", state=state))
    session.flush()


def test_what_people_confirmed_most_is_hinted_at_first(database: Database) -> None:
    with database.write() as session:
        load_thesaurus(session)
        _confirm(session, PHNOM_PENH, 2)
        _confirm(session, "debt", 3)
        _confirm(session, "place-0102", 4, "suggested")
        words = prompt_words(session, "en")
        assert [word.lower() for word in words[:2]] == ["debt", "phnom penh"]
        assert 2 < len(words) <= 8
        assert prompt_words(session, "km")[0] == "បំណុល"
        assert prompt_words(session, "") == []


def test_where_a_narrator_lives_is_not_hinted_at(database: Database) -> None:
    with database.write() as session:
        load_thesaurus(session)
        session.add(Narrator(pseudonym_en="Invented Name", community="farmer", province="12"))
        session.flush()
        words = " ".join(prompt_words(session, "en"))
    assert words
    assert "Phnom Penh" not in words
    assert "Invented" not in words


@pytest.mark.parametrize("closed", ["band-only", "withdrawn"])
def test_what_is_not_open_to_everybody_is_not_hinted_at(database: Database, closed: str) -> None:
    with database.write() as session:
        load_thesaurus(session)
        if closed == "withdrawn":
            testimony, _ = add_told(session)
        else:
            testimony, _ = add_told(session, tuple(grant for grant in EVERYTHING if grant.audience == "band"))
        session.add(Tagging(testimony_id=testimony.id, term_id=PHNOM_PENH, origin="human", state="confirmed"))
        session.flush()
        if closed == "withdrawn":
            assert "Phnom Penh" in prompt_words(session, "en")
            testimony.withdrawn_at = now()
            session.flush()
        assert "Phnom Penh" not in prompt_words(session, "en")


class _Noting(FakeRecogniser):
    """Notes what it was told, and may break off the first time it is asked to hear."""

    def __init__(self, *, broken: bool = True) -> None:
        super().__init__()
        self._broken = broken
        self.told: list[str | None] = []

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        self.told.append(prompt)
        if self._broken and len(self.told) == 1:
            raise RuntimeError("the power is gone")
        return super().transcribe_windows(windows, language, prompt, usual, partly)


def test_a_recording_is_finished_with_the_hints_it_was_begun_with(
    backends: Backends, speech: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = _Noting()
    monkeypatch.setattr(loader, "load", lambda *_, **__: recogniser)
    with backends.database.write() as session:
        load_thesaurus(session)
    receipt = submit(backends, speech(), Description(language="en"))
    with pytest.raises(pipeline.StageFailed):
        pipeline.run(backends, receipt.recording_id)
    with backends.database.write() as session:
        _confirm(session, PHNOM_PENH, 1)
        assert prompt_words(session, "en")[0] == "Phnom Penh"
    assert pipeline.retry(backends, receipt.recording_id)
    pipeline.run(backends, receipt.recording_id)
    begun, finished = recogniser.told
    assert begun
    assert begun == finished


@pytest.mark.parametrize("language", ["en", "km"])
def test_hints_leave_room_for_the_text(
    language: str, backends: Backends, speech: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = _Noting(broken=False)
    monkeypatch.setattr(loader, "load", lambda *_, **__: recogniser)
    with backends.database.write() as session:
        load_thesaurus(session)
    receipt = submit(backends, speech(), Description(language=language))
    pipeline.run(backends, receipt.recording_id)
    [told] = recogniser.told
    assert told
    assert recogniser.token_count(told) <= 48
    with backends.database.read() as session:
        assert set(told.split(", ")) < set(prompt_words(session, language))


def test_who_has_a_channel_of_their_own_is_a_speaker_and_what_ails_a_sound_is_kept(
    backends: Backends, fake_recogniser: FakeRecogniser, speech: Callable[..., Path], tmp_path: Path
) -> None:
    said = read_mono(speech(seconds=80.0), rate=RATE)
    at = np.arange(said.size) / RATE
    path = write_wav(tmp_path / "two.wav", np.stack([said * (at < 45), said * (at > 35)], axis=1))
    receipt = submit(backends, path, Description(language="en"))
    pipeline.run(backends, receipt.recording_id)
    with backends.database.read() as session:
        assert session.get_one(Recording, receipt.recording_id).findings.split()[:1] == ["one-each"]
        told = list(session.scalars(select(Segment).order_by(Segment.position)))
    assert {one.speaker for one in told} == {"S1", "S2"}
    assert [one.start_ms for one in told] == sorted(one.start_ms for one in told)
    assert all(one.end_ms < 46_000 for one in told if one.speaker == "S1")
    assert all(one.start_ms > 34_000 for one in told if one.speaker == "S2")
    assert min(one.start_ms for one in told if one.speaker == "S2") < max(
        one.end_ms for one in told if one.speaker == "S1"
    )
