"""The only way in: a file and what is said of it become a recording that waits for its stages.

What can be seen at a glance to be no recording is turned away here, before a row or a byte is kept. Everything that
is kept waits in quarantine until the first stage has looked at it.

The same bytes are taken in once, for whoever may know that they are here. To anybody else the archive must answer as
if they were not, or a file in somebody's hands would be a question that it answers; they come in as a recording of
their own, and the audit log says so.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.rule import Grant
from archive.backends import Backends
from archive.catalogue import incoming
from archive.catalogue.descriptions import Description, add_testimony, known_narrator
from archive.consent import decisions
from archive.consent.spoken_answers import SpokenConsent
from archive.ledgers import audit
from archive.models import Account, Recording, Testimony, new_id
from archive.originals import discarding
from archive.preservation import sidecars
from ingest.intake.arriving import arriving
from ingest.stages.taken_back import refuse_what_was_taken_back
from media.sniff import demuxer_of

log = logging.getLogger(__name__)

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of handing a file in.

    Attributes:
        new: False when the archive has this very sound already, and this account may know of it; then nothing was
            added or changed.
        handed_out: False when the queue could not be reached, so that work on it begins somewhat later.
    """

    recording_id: str
    testimony_id: str | None
    new: bool
    handed_out: bool = True


@dataclass(frozen=True, slots=True)
class AlsoTold:
    """What comes with a recording beside its description.

    Attributes:
        consents: what the narrator allowed, as she said it in the recording; they stand in the place of the
            description's answer.
        write: writes what else hangs on the testimony, in the transaction in which its rows are made.
    """

    consents: Sequence[SpokenConsent]
    write: Callable[[Session, str], None]


def submit(
    backends: Backends,
    path: Path,
    description: Description | None,
    *,
    original_name: str = "",
    account_id: str | None = None,
    grants: Mapping[str, Sequence[Grant]] | None = None,
    salvage: bool = False,
    also: AlsoTold | None = None,
) -> Receipt:
    """Take a file in.

    Args:
        description: of the testimony; None for a song's recording, which has no narrator.
        original_name: as it was called where it came from.
        account_id: who hands it in; None for somebody at the machine itself, who has every file there anyway.
        salvage: it may end before its header says; what is there is taken.
        grants: by method, what the narrator allowed, where that is known more finely than `description.consent` says.
        also: see there.

    Raises:
        archive.catalogue.descriptions.DescriptionInvalid: the description names a narrator who is not there.
        ingest.stages.taken_back.TakenBack: its narrator took it back.
        media.refused.Refused: it can be seen at once that this is no recording.
        OSError: the file cannot be read.
    """
    demuxer_of(path)
    digest, size = digest_and_size(path)
    known = _known(backends, digest, account_id)
    if known is not None:
        return known
    with backends.database.read() as session:
        refuse_what_was_taken_back(session, digest)
        if description is not None:
            known_narrator(session, description)
    recording_id = new_id()
    with arriving(backends, recording_id, path):
        stated = list(also.consents) if also else _stated(description, account_id, grants)
        with backends.database.write() as session:
            recording = _row(recording_id, digest, size, description, original_name, account_id)
            recording.salvaged = salvage
            testimony_id = _keep(session, recording, description, stated)
            if also and testimony_id is not None:
                also.write(session, testimony_id)
    try:
        sidecars.follow(backends)
    except Exception as error:  # the sound and its rows are kept; the workers describe it later
        log.warning("a recording could not be described beside its sound yet (%s)", type(error).__name__)
    return Receipt(recording_id, testimony_id, new=True, handed_out=backends.queue.enqueue(recording_id))


def _stated(
    description: Description | None, account_id: str | None, grants: Mapping[str, Sequence[Grant]] | None
) -> list[SpokenConsent]:
    """The events that a description's answer is."""
    if description is None:
        return []
    stated = grants or {description.consent_method: decisions.PRESETS[description.consent]}
    return [
        SpokenConsent(tuple(allowed), decisions.ConsentGiven(method, account_id, note=decisions.AS_STATED))
        for method, allowed in stated.items()
    ]


def _row(
    recording_id: str,
    digest: str,
    size: int,
    description: Description | None,
    original_name: str,
    account_id: str | None,
) -> Recording:
    return Recording(
        id=recording_id,
        kind="song" if description is None else "testimony",
        sha256=digest,
        size=size,
        original_name=Path(original_name).name[:255],
        language=description.language if description else "",
        recorded_on=description.recorded_on if description else None,
        submitted_by_id=account_id,
    )


def _keep(
    session: Session, recording: Recording, description: Description | None, stated: Sequence[SpokenConsent]
) -> str | None:
    """The rows of a new recording, in one transaction."""
    session.add(recording)
    session.flush()
    testimony_id = None
    if description is not None:
        testimony_id = add_testimony(session, recording, description).id
        for one in stated:
            decisions.grant(session, testimony_id, one.grants, one.given)
    same = session.scalars(
        select(Recording.id).where(Recording.sha256 == recording.sha256, Recording.id != recording.id)
    )
    detail: dict[str, object] = {"same bytes as": others} if (others := sorted(same)) else {}
    audit.note(session, recording.submitted_by_id, "recording.submitted", f"recording:{recording.id}", detail)
    discarding.kept(session, recording.id)
    return testimony_id


def digest_and_size(path: Path) -> tuple[str, int]:
    """SHA-256 of a file in hexadecimal, and its length in bytes."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _known(backends: Backends, digest: str, account_id: str | None) -> Receipt | None:
    """The recording with these bytes of which this account may know that it has them, if there is one."""
    with backends.database.read() as session:
        query = (
            select(Recording, Testimony.id)
            .outerjoin(Testimony, Testimony.recording_id == Recording.id)
            .where(Recording.sha256 == digest, Recording.kind != "revoiced", Testimony.withdrawn_at.is_(None))
            .order_by(Recording.created_at, Recording.id)
        )
        closed = backends.withdrawals.closed()
        found = [row for row in session.execute(query) if row[1] not in closed]
        rows = [(one.id, told) for one, told in found if _may_know(session, account_id, one, told)]
    return Receipt(*rows[0], new=False) if rows else None


def _may_know(session: Session, account_id: str | None, recording: Recording, testimony_id: str | None) -> bool:
    """Whether this account handed it in, or may hear it; for whoever is at the machine there is no question."""
    if account_id is None or recording.submitted_by_id == account_id:
        return True
    who = gate.viewer_of(session, session.get(Account, account_id))
    if testimony_id is None:
        return incoming.may_manage(session, who, recording.id)
    return bool(gate.may(session, who, testimony_id, "original_sound"))
