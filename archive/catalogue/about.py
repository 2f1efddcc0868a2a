"""Who keeps the archive and how to reach them, and the instructions that are read aloud: stewards write both."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.consent.spoken_answers import QUESTIONS
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import AboutText, SpokenInstruction, now
from archive.models.narrator import COMMUNITIES

INSTRUCTIONS = ("enter", "mine", "testimony", "sure")
"""The pages of a narrator's visit that can be read aloud, in their order."""
RECORDER = ("record-who", "record-hear", "record-radio", "record-name", "record-telling", "record-out", "record-about")
"""What the recorder says and asks before, while and after somebody tells, in its order."""
RECORDER_BUTTONS = (
    *(f"button-{name}" for name in ("start", "ask", "home")),
    *(f"answer-{question}-{answer}" for question, answers in QUESTIONS.items() for answer in answers),
    *(
        f"button-{name}"
        for name in ("nothing", "pause", "resume", "matters", "out", "speaker", "finish", "undo", "about")
    ),
    *(f"community-{name}" for name in COMMUNITIES),
    *(f"button-{name}" for name in ("keep", "send", "go-on", "close", "bring")),
)
"""What can be pressed in the recorder, in the order in which it comes."""
SPOKEN = (*INSTRUCTIONS, *RECORDER, *RECORDER_BUTTONS)
LONGEST = 20_000
LARGEST = 2 * 1024 * 1024
NO_SOUND = FilledMessage(
    Message("Choose an mp3, m4a, ogg or wav file of up to {n} MB."), {"n": LARGEST // 1024 // 1024}
)


class NotAnInstruction(ArchiveError, ValueError):
    """There is no such instruction, or the sound is too large."""


def about(session: Session) -> tuple[str, str]:
    """The text in Khmer and in English; empty while nobody has written one."""
    row = session.get(AboutText, 1)
    return (row.km, row.en) if row else ("", "")


def write_about(session: Session, km: str, en: str, by_id: str) -> None:
    """Write the text anew."""
    row = session.get(AboutText, 1) or AboutText(id=1)
    row.km, row.en = (tidy(text).strip()[:LONGEST] for text in (km, en))
    row.changed_at = now()
    session.add(row)
    session.flush()
    audit.note(session, by_id, "about.written")


def spoken(session: Session) -> frozenset[str]:
    """Names of the instructions that have a sound."""
    return frozenset(session.scalars(select(SpokenInstruction.name)))


def instruction(session: Session, name: str) -> SpokenInstruction | None:
    return session.get(SpokenInstruction, name)


def keep_instruction(session: Session, name: str, sound: bytes, media_type: str, by_id: str) -> None:
    """Put a recording of an instruction in the place of the one before. Raises NotAnInstruction."""
    if name not in SPOKEN or not sound or len(sound) > LARGEST:
        raise NotAnInstruction(NO_SOUND)
    row = session.get(SpokenInstruction, name) or SpokenInstruction(name=name)
    row.sound, row.media_type, row.changed_at = sound, media_type, now()
    session.add(row)
    session.flush()
    audit.note(session, by_id, "instruction.kept", "", {"name": name})


def remove_instruction(session: Session, name: str, by_id: str) -> None:
    """Take an instruction's recording away; its button is shown no more."""
    row = session.get(SpokenInstruction, name)
    if row is not None:
        session.delete(row)
        session.flush()
        audit.note(session, by_id, "instruction.removed", "", {"name": name})
