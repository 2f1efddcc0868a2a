"""How the room says what a transcript is and wants."""

from __future__ import annotations

from archive.catalogue.index_points import NotAPoint
from archive.models import TranscriptVersion, TypedTranscript
from archive.transcripts.reviewing import NotYet
from ingest.intake.transcript_files import CannotTake
from web.site.language import number, say
from web.site.recording_words import share

STAGES = {
    "machine": ("ម៉ាស៊ីនសរសេរ", "Machine’s words"),
    "corrected": ("កំពុងកែ", "Being corrected"),
    "reviewed": ("បានពិនិត្យ", "Reviewed"),
    "approved": ("បានអនុម័ត", "Approved"),
}
ROOMS = {
    "person": ("ត្រូវការមនុស្ស", "Needs a person"),
    "drafts": ("កំពុងកែ", "Being corrected"),
    "reviewed": ("រង់ចាំអនុម័ត", "Waiting to be approved"),
    "machine": ("ម៉ាស៊ីនបានសរសេរ មិនទាន់មានអ្នកកែ", "Written by a machine, not yet corrected"),
    "done": ("បានអនុម័ត", "Approved"),
}
NOT_YET = {
    "flagged": (
        "នៅមានកន្លែងដែលម៉ាស៊ីនសង្ស័យ។ សូមស្ដាប់ រួចកែ ឬបញ្ជាក់ថាត្រូវ។",
        "Some places are still marked as doubtful. Listen, then correct them or say that they are right.",
    ),
    "rivals": (
        "នៅមានកន្លែងដែលមនុស្សពីរនាក់សរសេរខុសគ្នា។ សូមជ្រើសមួយ។",
        "In some places two people wrote different words. Choose between them.",
    ),
    "unreviewed": ("សូមពិនិត្យឱ្យចប់សិន រួចទើបអនុម័ត។", "Go through the whole of it first, and mark it as reviewed."),
    "empty": ("មិនទាន់មានពាក្យសរសេរទេ។", "No words have been written yet."),
    "closed": ("ច្បាប់នេះបានបិទហើយ។ សូមចាប់ផ្ដើមកែថ្មី។", "This version is closed already. Start a new correction."),
}


def stage(version: TranscriptVersion) -> str:
    return say(*STAGES[version.stage])


def room(name: str) -> str:
    return say(*ROOMS[name])


def not_yet(error: NotYet) -> str:
    return say(*NOT_YET[error.why])


CANNOT_TAKE = {
    "kind": "មិនស្គាល់ប្រភេទឯកសារនេះទេ។ យើងទទួល .srt .vtt .eaf .TextGrid .txt និង .docx។",
    "encoding": "ឯកសារនេះមិនមែនជា UTF-8 ទេ។ សូមរក្សាទុកជា UTF-8 រួចនាំចូលម្ដងទៀត។",
    "broken": "ឯកសារនេះខូច ឬមិនមែនជាប្រភេទដែលឈ្មោះវាប្រាប់។",
    "empty": "គ្មានពាក្យក្នុងឯកសារនេះទេ។",
    "longer": "អត្ថបទនេះវែងជាងសំឡេង។ តើវាជារបស់សំឡេងផ្សេងមែនទេ?",
    "large": "ឯកសារនេះធំពេកសម្រាប់អត្ថបទ។",
    "slow": "អានឯកសារនេះមិនបានទេ៖ វាខូច ឬចំណាយពេលយូរពេក។",
}
NOT_A_POINT = {
    "title": ("សូមសរសេរចំណងជើងមួយ។", "Write a title."),
    "time": ("សូមសរសេរពេលជានាទី:វិនាទី ក្នុងសំឡេង។", "Write the time as minutes:seconds, inside the recording."),
    "term": ("មិនមានប្រធានបទនោះទេ។", "There is no such theme."),
}
JOBS = {
    "waiting": ("រង់ចាំវេន", "Waiting its turn"),
    "working": ("កំពុងដាក់លើសំឡេង {share}", "Being laid over the sound, {share}"),
    "failed": ("មិនបានសម្រេច៖ {reason}", "It did not work: {reason}"),
    "done": ("រួចហើយ", "Done"),
}


def cannot_take(error: CannotTake) -> str:
    """One sentence; in English the reader's own, which names what is wrong in the file."""
    row = f" (ជួរទី {number(error.line)})" if error.line is not None else ""
    return say(CANNOT_TAKE[error.why] + row, str(error))


def not_a_point(error: NotAPoint) -> str:
    return say(*NOT_A_POINT[error.why])


def job(typed: TypedTranscript) -> str:
    return say(*JOBS[typed.state], share=share(typed.progress), reason=typed.reason)
