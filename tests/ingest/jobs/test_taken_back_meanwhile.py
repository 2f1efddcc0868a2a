"""Taken back while the recording is on its way: whichever stage is at it, the work stops and nothing of it stays.

At every stage the narrator takes her testimony back and the purge runs to its end, before the stage has done its work,
after it, and after its results were committed; then the stage goes on as if it had not noticed, and writes what it
would write. What she said is looked for afterwards in every form in which text is commonly written down.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.access import gate, sound
from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.catalogue.thesaurus import load_thesaurus
from archive.checks import residue
from archive.consent import decisions
from archive.models import Recording, Segment, StageRun, Testimony
from archive.models.consent import FORMS
from archive.ports import Allowed
from archive.retrieval.search_request import SearchRequest
from archive.retrieval.searching import search
from archive.search.query import parse
from archive.timing import Utterance
from archive.withdrawal import purge, withdraw
from ingest.engines import loader
from ingest.engines.window import Window
from ingest.intake.submit import submit
from ingest.jobs import pipeline, scratch
from ingest.stages.contract import StageOutcome, Tools, Work
from tests.archive.testimonies import GIVEN
from tests.ingest.fake_recogniser import FakeRecogniser
from tests.leaks import canaries

HEARD = (canaries.WORD_KM, canaries.WORD_EN, *canaries.LINE_EN.split())
TOLD = Description(
    title_en=canaries.TITLE_EN,
    title_km=canaries.TITLE_KM,
    narrator_en=canaries.NAME_EN,
    language="km",
    consent="public",
)
STAGES = [stage.NAME for stage in pipeline.STAGES if "testimony" in stage.KINDS]
EVERY = [(stage, moment) for stage in STAGES for moment in ("inside", "after")] + [("transcribe", "before")]
RETURNING = [
    ("receive", "before"),
    ("receive", "inside"),
    ("derive", "inside"),
    ("transcribe", "after"),
    ("index", "after"),
]
Sound = Callable[..., Path]


@pytest.fixture(autouse=True)
def _heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recogniser hears words that nobody else ever said."""
    monkeypatch.setattr("tests.ingest.fake_recogniser.SAID", HEARD)
    monkeypatch.setattr(loader, "load", lambda *_, **__: FakeRecogniser("km"))


def _take_back(backends: Backends, testimony_id: str, mode: str) -> None:
    withdraw.withdraw(backends, testimony_id, mode, GIVEN)
    purge.purge(backends, testimony_id)


def _lay(monkeypatch: pytest.MonkeyPatch, name: str, moment: str, act: Callable[[], None]) -> list[str]:
    """Let `act` happen once, at that moment of that stage; returns the names of the stages that were begun."""
    begun: list[str] = []
    for stage in pipeline.STAGES:

        def run(
            work: Work, tools: Tools, stage: object = stage, real: Callable[..., StageOutcome] = stage.run
        ) -> StageOutcome:
            begun.append(stage.NAME)  # type: ignore[attr-defined]
            if name != stage.NAME:  # type: ignore[attr-defined]
                return real(work, tools)
            if moment == "before":
                act()
            outcome = real(work, tools)
            if moment == "inside":
                act()
            if moment == "after":
                return StageOutcome(outcome.save, outcome.tool, outcome.note, after=lambda: _then(act, outcome.after))
            return outcome

        monkeypatch.setattr(stage, "run", run)
    return begun


def _then(act: Callable[[], None], real: Callable[[], None] | None) -> None:
    act()
    if real is not None:
        real()


def _handed_in(backends: Backends, speech: Sound) -> tuple[str, str]:
    with backends.database.write() as session:
        load_thesaurus(session)
    receipt = submit(backends, speech(), TOLD, original_name=canaries.FILE_NAME)
    assert receipt.testimony_id is not None
    return receipt.recording_id, receipt.testimony_id


def _nothing_is_found(backends: Backends, recording_id: str, testimony_id: str) -> None:
    """Neither by the database, nor by the index, nor by anybody who asks."""
    with backends.database.read() as session:
        running = select(func.count()).select_from(StageRun).where(StageRun.state == "running")
        assert session.scalar(running) == 0
        for viewer in (gate.PUBLIC, gate.Viewer("b", "band", frozenset({"MB"})), gate.Viewer("s", "steward")):
            assert not gate.may(session, viewer, testimony_id, "existence")
            for word in (canaries.WORD_KM, canaries.WORD_EN, canaries.TITLE_EN):
                assert search(session, backends.index, viewer, SearchRequest(word)).total == 0
    assert f"testimony:{testimony_id}" not in backends.index.digests()
    everybody = Allowed(dict.fromkeys(FORMS, frozenset({testimony_id})), frozenset())
    assert backends.index.search(parse(canaries.WORD_EN), everybody).total == 0
    assert not scratch.work_folder(backends, recording_id).exists()


@pytest.mark.parametrize(("stage", "moment"), EVERY)
def test_what_is_destroyed_meanwhile_leaves_no_byte(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch, stage: str, moment: str
) -> None:
    recording_id, testimony_id = _handed_in(backends, speech)
    begun = _lay(monkeypatch, stage, moment, lambda: _take_back(backends, testimony_id, "destroy"))
    original = speech().read_bytes()
    pipeline.run(backends, recording_id)
    assert begun == STAGES[: STAGES.index(stage) + 1], "no stage is begun after it was taken back"
    assert residue.deep_check(backends, canaries.WORDS) == []
    wanted = canaries.needles([*HEARD[:2], *canaries.WORDS], sounds=[original])
    backends.database.compact()
    assert canaries.scan([backends.settings.data], wanted) == {}
    assert list(backends.store.keys()) == []
    _nothing_is_found(backends, recording_id, testimony_id)
    assert purge.purge_waiting(backends) == []


@pytest.mark.parametrize(("stage", "moment"), RETURNING)
def test_what_is_restricted_meanwhile_keeps_its_original_and_can_come_back(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch, stage: str, moment: str
) -> None:
    recording_id, testimony_id = _handed_in(backends, speech)
    with monkeypatch.context() as trapped:
        begun = _lay(trapped, stage, moment, lambda: _take_back(backends, testimony_id, "restrict"))
        pipeline.run(backends, recording_id)
        assert begun == STAGES[: STAGES.index(stage) + 1]
    assert residue.deep_check(backends) == []
    _nothing_is_found(backends, recording_id, testimony_id)
    kept = list(backends.store.keys())
    assert len(kept) == 1
    assert backends.store.get_bytes(kept[0]) == speech().read_bytes()
    withdraw.reopen(backends, testimony_id, decisions.BAND_ONLY, GIVEN)
    pipeline.run(backends, recording_id)
    with backends.database.read() as session:
        assert session.get_one(Recording, recording_id).state in {"ready", "needs-a-person"}
        assert session.scalar(select(func.count()).select_from(Segment)) != 0
    assert backends.store.get_bytes(sound.original_key(recording_id)) == speech().read_bytes()


class SlowRecogniser(FakeRecogniser):
    """Hears a window only when it is let, and says that it has begun."""

    def __init__(self) -> None:
        super().__init__("km")
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.windows = 0

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        for heard in super().transcribe_windows(windows, language, prompt, usual, partly):
            self.windows += 1
            self.begun.set()
            assert self.go_on.wait(20)
            yield heard


def test_a_recogniser_at_work_is_stopped_and_what_it_heard_is_gone(
    backends: Backends, speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it happens: a worker transcribes in its thread, and a steward's decision comes from another."""
    slow = SlowRecogniser()
    monkeypatch.setattr(loader, "load", lambda *_, **__: slow)
    recording_id, testimony_id = _handed_in(backends, lambda: speech(seconds=40.0))
    worker = threading.Thread(target=pipeline.run, args=(backends, recording_id))
    worker.start()
    try:
        assert slow.begun.wait(30)
        _take_back(backends, testimony_id, "destroy")
        assert residue.deep_check(backends, canaries.WORDS) == [], "while the worker still has it in its hands"
    finally:
        slow.go_on.set()
        worker.join(30)
    assert not worker.is_alive()
    assert residue.deep_check(backends, canaries.WORDS) == []
    assert canaries.scan([backends.settings.data], canaries.needles([*HEARD[:2], *canaries.WORDS])) == {}
    with backends.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Segment)) == 0
        assert session.get(Testimony, testimony_id) is None


def test_what_a_killed_worker_wrote_too_late_is_swept_up_at_the_next_start(backends: Backends, speech: Sound) -> None:
    recording_id, testimony_id = _handed_in(backends, speech)
    pipeline.run(backends, recording_id)
    _take_back(backends, testimony_id, "restrict")
    late = f"recordings/{recording_id}/listening.m4a"
    backends.store.put_bytes(late, b"written by somebody who was killed before he could look")
    assert [str(one) for one in residue.deep_check(backends)] == [f"blob {late}: it was made of a withdrawn testimony"]
    purge.purge_waiting(backends)
    assert residue.deep_check(backends) == []
    assert list(backends.store.keys()) == [sound.original_key(recording_id)]


def test_a_withdrawn_recording_is_not_taken_up_again_by_asking(backends: Backends, speech: Sound) -> None:
    recording_id, testimony_id = _handed_in(backends, speech)
    _take_back(backends, testimony_id, "restrict")
    pipeline.retry(backends, recording_id)
    pipeline.run(backends, recording_id)
    with backends.database.read() as session:
        assert session.scalars(select(StageRun)).all() == []
