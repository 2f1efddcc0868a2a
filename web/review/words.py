"""How the room says what a transcript is and wants."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from archive.language.messages import Message
from archive.models import TranscriptVersion, TypedTranscript
from ingest.intake import transcript_notices
from web.site.language import _, _l, language
from web.site.recording_words import kept, share

STAGES = {
    "machine": _l("Machine’s words"),
    "corrected": _l("Being corrected"),
    "reviewed": _l("Reviewed"),
    "approved": _l("Approved"),
}
ROOMS = {
    "person": _l("Needs a person"),
    "drafts": _l("Being corrected"),
    "reviewed": _l("Waiting to be approved"),
    "machine": _l("Written by a machine, not yet corrected"),
    "done": _l("Approved"),
}


def stage(version: TranscriptVersion) -> str:
    return str(STAGES[version.stage])


def room(name: str) -> str:
    return str(ROOMS[name])


JOBS = {
    "waiting": Message("Waiting its turn"),
    "working": Message("Being laid over the sound, {share}"),
    "failed": Message("It did not work: {reason}"),
    "done": Message("Done"),
}


def notice(code: str, values: Mapping[str, str | int]) -> str:
    """What came in otherwise than it stood in the file, in one sentence."""
    return transcript_notices.said(language(), code, values)


def verdict(stored: str) -> str:
    """Why a machine's words are no use as a draft, as its version keeps it."""
    return _("needs a person: {why}", why=kept(stored.removeprefix("needs a person: ")))


def reason(stored: str) -> str:
    """Why a person has to write it down."""
    return kept(stored)


AGAIN = {
    "waiting": Message("{model}: waiting its turn"),
    "working": Message("{model} is writing it down, {share}"),
    "failed": Message("{model} could not write it down: {reason}"),
    "done": Message("{model} has written it down"),
}


def job(typed: TypedTranscript) -> str:
    said = AGAIN[typed.state] if typed.model else JOBS[typed.state]
    model = Path(typed.model).name
    return _(said, share=share(typed.progress), reason=kept(typed.reason), model=model)
