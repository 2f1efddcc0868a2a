"""Transcribe: the recogniser's own words, kept as a draft with its engine, model, version and confidence."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import Recording, Term, TermLabel, Testimony
from archive.services.transcribing import transcripts
from ingest import engines
from ingest.checkpoints import Checkpoints
from ingest.engines.base import SAMPLE_RATE
from ingest.transcription import Progress, Source, transcribe
from ingest.work import Outcome, Tools, Work
from media import decode

NAME = "transcribe"
VERSION = 1
KINDS = frozenset({"testimony"})

_PROMPT_TERMS = 12  # each costs the recogniser time in every window, and hints at what nobody may have said
_SLACK_MS = 60_000  # the listening file ends a frame or two after the original


def run(work: Work, tools: Tools) -> Outcome:
    """Transcribe the listening file; windows that are done outlive a killed process.

    Raises:
        ingest.engines.RecogniserError: the engine or the model of the settings cannot be used.
    """
    settings, store = tools.backends.settings, tools.backends.store
    recogniser = engines.load(
        settings.engine,
        settings.model,
        settings.data / "models",
        threads=settings.threads or None,
        device=settings.device,
    )
    with tools.backends.database.read() as session:
        prompt = prompt_words(session, work.language)
    with store.local_path(work.listening_key) as path:
        blocks = partial(decode.pcm_blocks, path, rate=SAMPLE_RATE, limit_ms=settings.max_duration_ms + _SLACK_MS)
        heard = transcribe(
            Source(work.sha256, work.duration_ms, blocks),
            recogniser,
            language=work.language or settings.language or None,
            prompt=prompt,
            checkpoints=Checkpoints(tools.folder / "windows"),
            progress=lambda state: _pass_on(state, tools),
        )
    judged = heard.verdict

    def save(session: Session) -> None:
        recording = session.get_one(Recording, work.recording_id)
        recording.reason = judged.reason if judged.needs_person else ""
        recording.language = recording.language or heard.language or ""
        if work.testimony_id is None:
            return
        testimony = session.get_one(Testimony, work.testimony_id)
        testimony.language = testimony.language or heard.language or ""
        transcripts.replace_machine_version(
            session,
            testimony.id,
            heard.language or testimony.language or "und",
            heard.utterances,
            engine=(heard.engine, heard.model, heard.version),
            verdict=f"needs a person: {judged.reason}" if judged.needs_person else "ok",
        )

    note = f"{len(heard.utterances)} segments, {sum(bool(u.flags) for u in heard.utterances)} flagged"
    if heard.notice:
        note = f"{note}. {heard.notice}"
    return Outcome(save, f"{heard.engine} {heard.version} {heard.model}"[:200], note)


def _pass_on(state: Progress, tools: Tools) -> None:
    tools.progress(state.fraction)


def prompt_words(session: Session, language: str) -> str | None:
    """A few names and themes of the catalogue in the language spoken, which the recogniser then spells rightly."""
    if not language:
        return None
    query = (
        select(TermLabel.text)
        .join(Term)
        .where(TermLabel.language == language, TermLabel.preferred.is_(True), Term.kind == "theme")
        .order_by(Term.id)
        .limit(_PROMPT_TERMS)
    )
    labels = list(session.scalars(query))
    return ", ".join(labels) + "." if labels else None
