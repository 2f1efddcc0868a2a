"""Transcribe: the recogniser's own words, kept as a draft with its engine, model, version and confidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.rule import PUBLIC
from archive.backends import Backends
from archive.language.messages import FilledMessage
from archive.models import Recording, Tagging, Term, TermLabel, Testimony
from archive.transcripts import transcript_versions
from ingest.engines import loader
from ingest.engines.recogniser import Recogniser
from ingest.recognition.stored_checkpoints import StoredCheckpoints, Writing, forget
from ingest.recognition.transcription import Transcription, in_file, transcribe
from ingest.stages.contract import StageOutcome, Tools, Work

NAME = "transcribe"
VERSION = 1
KINDS = frozenset({"testimony"})
SHARE = 86

_PROMPT_TERMS = 8  # each costs the recogniser time in every window, and hints at what nobody may have said
_PROMPT_TOKENS = 48  # a Khmer letter takes two or three, and what the hints take is missing for the text
_SLACK_MS = 60_000  # the listening file ends a frame or two after the original


def run(work: Work, tools: Tools) -> StageOutcome:
    """Transcribe the listening file; windows that are done outlive a killed process.

    Raises:
        ingest.engines.errors.RecogniserError: the engine or the model of the settings cannot be used.
    """
    settings = tools.backends.settings
    heard = hear(tools.backends, work, settings.engine, settings.model, tools.writing, tools.progress)
    judged = heard.verdict

    def save(session: Session) -> None:
        forget(session, work.recording_id)
        recording = session.get_one(Recording, work.recording_id)
        recording.reason = FilledMessage(judged.reason).kept() if judged.reason else ""
        recording.language = recording.language or heard.language or ""
        if work.testimony_id is None:
            return
        testimony = session.get_one(Testimony, work.testimony_id)
        testimony.language = testimony.language or heard.language or ""
        transcript_versions.replace_machine_version(
            session,
            testimony.id,
            heard.language or testimony.language or "und",
            heard.utterances,
            engine=(heard.engine, heard.model, heard.version),
            verdict=verdict_of(heard),
        )

    return StageOutcome(save, f"{heard.engine} {heard.version} {heard.model}"[:200], _note(heard))


def hear(
    backends: Backends, work: Work, engine: str, model: str, writing: Writing, progress: Callable[[float], None]
) -> Transcription:
    """What a model hears in the listening file; of each person on their own where each has a channel.

    Raises:
        ingest.engines.errors.RecogniserError: the engine or the model cannot be used.
    """
    settings = backends.settings
    models, threads = settings.data / "models", settings.threads or None
    recogniser = loader.load(engine, model, models, threads=threads, device=settings.device)
    language = work.language or settings.language
    kept = StoredCheckpoints(work.recording_id, writing)
    limit_ms = settings.max_duration_ms + _SLACK_MS
    with backends.database.read() as session:
        one_each = "one-each" in session.get_one(Recording, work.recording_id).findings.split()
    with backends.store.local_path(work.listening_key) as path:
        return transcribe(
            in_file(path, work.sha256, work.duration_ms, limit_ms=limit_ms, one_each=one_each),
            recogniser,
            language=language or None,
            prompt=kept.prompt(language, lambda session: _fitting(prompt_words(session, language), recogniser)),
            checkpoints=kept,
            progress=lambda state: progress(state.fraction),
        )


def verdict_of(heard: Transcription) -> str:
    """Whether a person has to write it down, as a version keeps it."""
    reason = heard.verdict.reason
    return f"needs a person: {reason.text}" if reason else "ok"


def _note(heard: Transcription) -> str:
    counted = f"{len(heard.utterances)} segments, {sum(bool(u.flags) for u in heard.utterances)} flagged"
    return f"{counted}. {heard.notice}" if heard.notice else counted


def prompt_words(session: Session, language: str) -> list[str]:
    """Themes and places in the language spoken, which the recogniser spells rightly when it is told of them.

    Those that people confirmed most often come first, then the broadest themes. What was only hinted at is sometimes
    written. So only testimonies whose words are open to everybody count, or a sealed one's places could turn up in
    another's text; names of people are never among them, and where this narrator lives is not asked.
    """
    used = func.count(Tagging.id)
    open_to_all = Tagging.testimony_id.in_(gate.permitted(PUBLIC, "full_transcript"))
    query = (
        select(TermLabel.text)
        .join(Term)
        .outerjoin(Tagging, and_(Tagging.term_id == Term.id, Tagging.state == "confirmed", open_to_all))
        .where(TermLabel.language == language, TermLabel.preferred.is_(True), Term.retired_at.is_(None))
        .group_by(TermLabel.text, Term.id, Term.kind, Term.broader_id)
        .having(or_(Term.kind == "theme", used > 0))
        .order_by(used.desc(), Term.broader_id.is_not(None), Term.id)
        .limit(_PROMPT_TERMS)
    )
    return list(session.scalars(query))


def _fitting(words: Iterable[str], recogniser: Recogniser) -> str:
    """As many of the words as may be hinted at, those that would take too much room left out."""
    prompt = ""
    for word in words:
        longer = f"{prompt}, {word}" if prompt else word
        if recogniser.token_count(longer) <= _PROMPT_TOKENS:
            prompt = longer
    return prompt
