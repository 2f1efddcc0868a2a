"""What its narrator took back does not come in again: she alone opens it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.language.messages import Message
from archive.withdrawal import withdrawn_sound
from media.refused import Refused


class TakenBack(Refused):
    """The narrator of this very sound took it back; it is not taken in anew behind her back."""


def refuse_what_was_taken_back(session: Session, *hashes: str) -> None:
    """To be asked wherever sound comes in, with the SHA-256 of its file or of its decoded samples.

    Raises:
        TakenBack: one of them is that of a withdrawn testimony.
    """
    if withdrawn_sound.whose(session, *hashes) is not None:
        raise TakenBack(
            Message("Its narrator took this recording back, and only she reopens it. Ask a steward of the archive.")
        )
