"""Collections: begun, named, shared by the names of accounts, taken away and put back.

A collection is its keeper's; whoever it is shared with reads it with their own rights and changes nothing. Whether
there is an account of a name is told to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Account, CollectionReader, GatheredPassage, PassageCollection, now

LONGEST_NAME = 120
LONGEST_NOTE = 4_000
MOST_COLLECTIONS = 100
MOST_READERS = 40
PUT_BACK_WITHIN = timedelta(days=1)


class NotGathered(ArchiveError, ValueError):
    """A collection or a passage in it cannot be as it was asked for; says what to do."""


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection in the list.

    Attributes:
        keeper: how its keeper is called; empty for one's own.
        passages: how many there are that its reader may read.
    """

    collection: PassageCollection
    keeper: str
    passages: int


def readable(viewer: Viewer) -> ColumnElement[bool]:
    """Of a gathered passage: the viewer may read the words of its testimony."""
    forms = ("redacted_transcript", "full_transcript")
    return or_(*(GatheredPassage.testimony_id.in_(gate.permitted(viewer, form)) for form in forms))


def listed(session: Session, viewer: Viewer, account: Account, wanted: ListRequest) -> ListPage[CollectionRow]:
    """One's own collections and those that are shared with one, the one used last first."""
    there = (PassageCollection.removed_at.is_(None), _readable_by(account.id))
    found = [PassageCollection.name.icontains(word, autoescape=True) for word in wanted.words]
    everything = session.scalar(select(func.count()).select_from(PassageCollection).where(*there)) or 0
    total = session.scalar(select(func.count()).select_from(PassageCollection).where(*there, *found)) or 0
    rows = session.execute(
        select(PassageCollection, Account.display_name)
        .join(Account, Account.id == PassageCollection.account_id)
        .where(*there, *found)
        .order_by(PassageCollection.used_at.desc(), PassageCollection.id)
        .offset(wanted.offset)
        .limit(PAGE)
    ).all()
    counts = _counts(session, viewer, [one.id for one, _ in rows])
    shown = [
        CollectionRow(one, "" if one.account_id == account.id else name, counts.get(one.id, 0)) for one, name in rows
    ]
    return ListPage(wanted, shown, total, everything)


def _counts(session: Session, viewer: Viewer, ids: list[str]) -> Mapping[str, int]:
    rows = session.execute(
        select(GatheredPassage.collection_id, func.count())
        .where(GatheredPassage.collection_id.in_(ids), GatheredPassage.removed_at.is_(None), readable(viewer))
        .group_by(GatheredPassage.collection_id)
    )
    found: dict[str, int] = {}
    for collection_id, count in rows:
        found[collection_id] = count
    return found


def _readable_by(account_id: str) -> ColumnElement[bool]:
    shared = select(CollectionReader.collection_id).where(CollectionReader.account_id == account_id)
    return or_(PassageCollection.account_id == account_id, PassageCollection.id.in_(shared))


def collection_at(session: Session, account: Account, collection_id: str) -> PassageCollection:
    """A collection that this account may read. Raises Unknown, also where it is somebody else's."""
    found = session.scalar(
        select(PassageCollection).where(
            PassageCollection.id == collection_id, PassageCollection.removed_at.is_(None), _readable_by(account.id)
        )
    )
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def own(session: Session, account: Account, collection_id: str, *, removed: bool = False) -> PassageCollection:
    """A collection that this account keeps. Raises Unknown."""
    found = session.get(PassageCollection, collection_id)
    if found is None or found.account_id != account.id or (found.removed_at is not None) is not removed:
        raise Unknown("There is no such thing here.")
    return found


def kept_by(session: Session, account: Account) -> list[PassageCollection]:
    """Every collection of an account, the one used last first; the first takes what is gathered next."""
    query = select(PassageCollection).where(
        PassageCollection.account_id == account.id, PassageCollection.removed_at.is_(None)
    )
    return list(session.scalars(query.order_by(PassageCollection.used_at.desc(), PassageCollection.id)))


def begin(session: Session, account: Account, name: str, note: str = "") -> PassageCollection:
    """A new collection, into which goes what is gathered next. Raises NotGathered."""
    if len(kept_by(session, account)) >= MOST_COLLECTIONS:
        told = Message("You have {n} collections. Take one away before you begin another.")
        raise NotGathered(FilledMessage(told, {"n": MOST_COLLECTIONS}))
    made = PassageCollection(account_id=account.id, name=_named(name), note=written(note))
    session.add(made)
    session.flush()
    return made


def write(collection: PassageCollection, name: str, note: str) -> None:
    """Name a collection anew, and say what it is for. Raises NotGathered."""
    collection.name, collection.note = _named(name), written(note)


def _named(name: str) -> str:
    given = " ".join(tidy(name).split())[:LONGEST_NAME]
    if not given:
        raise NotGathered(Message("Give it a name."))
    return given


def written(note: str) -> str:
    """A note as it is kept."""
    return tidy(note).strip()[:LONGEST_NOTE]


def use(collection: PassageCollection) -> None:
    """What is gathered next goes here."""
    collection.used_at = now()


def remove(session: Session, account: Account, collection_id: str, *, back: bool = False) -> PassageCollection:
    """Take a collection away, or put it back; after a day it is gone. Raises Unknown."""
    found = own(session, account, collection_id, removed=back)
    found.removed_at = None if back else now()
    gone = (PassageCollection.account_id == account.id, PassageCollection.removed_at < now() - PUT_BACK_WITHIN)
    session.execute(delete(PassageCollection).where(*gone))
    session.flush()
    return found


def removed(session: Session, account: Account) -> list[PassageCollection]:
    """What was taken away not long ago and can still be put back."""
    recent = PassageCollection.removed_at > now() - PUT_BACK_WITHIN
    query = select(PassageCollection).where(PassageCollection.account_id == account.id, recent)
    return list(session.scalars(query.order_by(PassageCollection.removed_at)))


def readers(session: Session, collection: PassageCollection) -> list[str]:
    """The names that it is shared with, whether or not an account has them."""
    query = select(CollectionReader.name).where(CollectionReader.collection_id == collection.id)
    return list(session.scalars(query.order_by(CollectionReader.name)))


def share(session: Session, collection: PassageCollection, name: str) -> str:
    """Let the account of this name read it; returns the name as it was kept. Raises NotGathered."""
    given = name.strip()[:80]
    if not given:
        raise NotGathered(Message("Write the account name of whoever is to read it."))
    if given in (shared := readers(session, collection)):
        return given
    if len(shared) >= MOST_READERS:
        told = Message("It is shared with {n} people. End it for one of them first.")
        raise NotGathered(FilledMessage(told, {"n": MOST_READERS}))
    account_id = session.scalar(select(Account.id).where(Account.name == given))
    session.add(CollectionReader(collection_id=collection.id, name=given, account_id=account_id))
    session.flush()
    return given


def stop_sharing(session: Session, collection: PassageCollection, name: str) -> None:
    """Whoever has the account of this name reads it no longer."""
    session.execute(
        delete(CollectionReader).where(
            CollectionReader.collection_id == collection.id, CollectionReader.name == name[:80]
        )
    )
