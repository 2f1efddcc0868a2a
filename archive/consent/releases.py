"""The release ledger: what left the archive and cannot be called back.

A download is in somebody's hands, a broadcast in everybody's ears. When consent ends, the narrator is told the truth
about these; nothing else in the archive can.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import Release
from archive.models.base import ID_LENGTH

KINDS = ("download", "export", "broadcast", "screening", "handed-over", "carried")


class NotARelease(ArchiveError, ValueError):
    """A release is of a kind that nobody knows, or does not say what was released."""


def record(
    session: Session,
    kind: str,
    subject: str,
    testimonies: Collection[str],
    *,
    audience: str = "public",
    account_id: str | None = None,
    note: str = "",
) -> Release:
    """Write down that something left.

    Args:
        kind: one of `KINDS`.
        subject: `song:ID` or `testimony:ID`.
        testimonies: every testimony whose words or sound were in it.
        note: where to, for what was not fetched from the site; a station, a drop-in centre, never an address.
    """
    if kind not in KINDS or ":" not in subject:
        raise NotARelease(Message("A release says what left, and how: {kinds}."), kinds=", ".join(KINDS))
    made = Release(
        kind=kind,
        subject=subject,
        testimonies=sorted(set(testimonies)),
        audience=audience,
        account_id=account_id,
        note=note.strip(),
    )
    session.add(made)
    session.flush()
    return made


def releases_of(session: Session, testimony_id: str) -> list[Release]:
    """Everything that left with something of this testimony in it, oldest first."""
    if len(testimony_id) != ID_LENGTH or not testimony_id.isalnum():
        return []  # an id is looked for inside JSON; nothing that is not one may become part of the pattern
    inside = cast(Release.testimonies, Text).contains(f'"{testimony_id}"')
    mine = select(Release).where(or_(inside, Release.subject == f"testimony:{testimony_id}"))
    return list(session.scalars(mine.order_by(Release.at, Release.id)))
