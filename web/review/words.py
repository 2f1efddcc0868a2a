"""How the room says what a transcript is and wants."""

from __future__ import annotations

from archive.catalogue.index_points import NotAPoint
from archive.language.messages import Message
from archive.models import TranscriptVersion, TypedTranscript
from archive.transcripts.reviewing import NotYet
from ingest.intake.transcript_files import CannotTake
from web.site.language import _, _l, language
from web.site.recording_words import share

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
NOT_YET = {
    "flagged": _l("Some places are still marked as doubtful. Listen, then correct them or say that they are right."),
    "rivals": _l("In some places two people wrote different words. Choose between them."),
    "unreviewed": _l("Go through the whole of it first, and mark it as reviewed."),
    "empty": _l("No words have been written yet."),
    "closed": _l("This version is closed already. Start a new correction."),
}


def stage(version: TranscriptVersion) -> str:
    return str(STAGES[version.stage])


def room(name: str) -> str:
    return str(ROOMS[name])


def not_yet(error: NotYet) -> str:
    return str(NOT_YET[error.why])


CANNOT_TAKE = {
    "kind": _l("This kind of file is not known. We take .srt, .vtt, .eaf, .TextGrid, .txt and .docx."),
    "encoding": _l("The file is not in UTF-8. Save it as UTF-8 and bring it in again."),
    "broken": _l("The file is broken, or not of the kind that its name says."),
    "empty": _l("There are no words in this file."),
    "longer": _l("This transcript is longer than the recording. Is it of another one?"),
    "large": _l("This file is too large for a transcript."),
    "slow": _l("The file could not be read: it is broken, or takes too long."),
}
NOT_A_POINT = {
    "title": _l("Write a title."),
    "time": _l("Write the time as minutes:seconds, inside the recording."),
    "term": _l("There is no such theme."),
}
JOBS = {
    "waiting": Message("Waiting its turn"),
    "working": Message("Being laid over the sound, {share}"),
    "failed": Message("It did not work: {reason}"),
    "done": Message("Done"),
}


def cannot_take(error: CannotTake) -> str:
    """One sentence; in English the reader's own, which names what is wrong in the file, elsewhere that of its kind."""
    if language() == "en":
        return str(error)
    why = str(CANNOT_TAKE[error.why])
    return why if error.line is None else _("{why} (row {n})", why=why, n=error.line)


def not_a_point(error: NotAPoint) -> str:
    return str(NOT_A_POINT[error.why])


def job(typed: TypedTranscript) -> str:
    return _(JOBS[typed.state], share=share(typed.progress), reason=typed.reason)
