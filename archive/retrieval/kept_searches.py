"""Searches that people keep: under a name, with what is new since they last looked, and as a feed that can be followed.

What answers a kept search is asked of the gate every time, as whoever keeps it; nothing that was found is kept beside
it. Of the answers seen there remain marks, which tell nothing without the search and the archive together.

A feed is for programs that cannot sign in. Its address carries a key made from the archive's secret, so that no reading
of the database gives it away, and lends the owner's rights at the moment of asking and nothing else. A new address
ends the one before it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b, sha256
from typing import cast

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.models import Account, KeptSearch, now
from archive.retrieval import searching
from archive.retrieval.search_request import SearchRequest
from archive.search.index import SearchIndex, Sort

LONGEST_NAME = 80
MOST_KEPT = 40  # searches of one account; each is asked again whenever the list is opened
MOST_MARKED = 2_000  # answers of one search that are remembered as seen
PUT_BACK_WITHIN = timedelta(hours=1)
_KEY_LENGTH = 32


class NotKept(ArchiveError, ValueError):
    """A search to be kept has no name, asks for nothing, or is one too many."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A kept search with its answers of this moment.

    Attributes:
        found: how many testimonies and songs answer; `more` says that there are at least so many.
        new: those that did not when its owner last looked, `KIND:ID`, the newest first.
    """

    kept: KeptSearch
    found: int
    more: bool
    new: tuple[str, ...]


def keep_search(
    session: Session, index: SearchIndex, account: Account, name: str, request: SearchRequest
) -> KeptSearch:
    """Keep a search under a name; what answers it now counts as seen.

    Raises:
        NotKept: see there.
    """
    mine = select(func.count()).select_from(KeptSearch).where(_owned(account.id), KeptSearch.removed_at.is_(None))
    if request.nothing or (session.scalar(mine) or 0) >= MOST_KEPT:
        raise NotKept(Message("Give the search a name to keep it under. There is room for {n}."), n=MOST_KEPT)
    made = KeptSearch(
        account_id=account.id,
        name=_named(name),
        query=request.query,
        filters={facet: list(values) for facet, values in request.filters.items() if values},
        sort=request.sort,
        exact=request.exact,
    )
    session.add(made)
    session.flush()
    made.seen = _marks(made, _answers(session, index, gate.viewer_of(session, account), [made])[0])
    session.flush()
    return made


def _named(name: str) -> str:
    given = " ".join(tidy(name).split())[:LONGEST_NAME]
    if not given:
        raise NotKept(Message("Give it a name."))
    return given


def looked(session: Session, index: SearchIndex, account: Account) -> list[Looked]:
    """The searches of an account with their answers, the one kept last first."""
    query = select(KeptSearch).where(_owned(account.id), KeptSearch.removed_at.is_(None))
    kept = session.scalars(query.order_by(KeptSearch.made_at.desc(), KeptSearch.id)).all()
    every = _answers(session, index, gate.viewer_of(session, account), kept)
    return [_compared(one, found) for one, found in zip(kept, every, strict=True)]


def _compared(kept: KeptSearch, found: tuple[str, ...]) -> Looked:
    seen = set(kept.seen)
    new = tuple(group for group in found if _mark(kept, group) not in seen)
    return Looked(kept, len(found), len(found) >= MOST_MARKED, new)


def _answers(session: Session, index: SearchIndex, viewer: Viewer, kept: Sequence[KeptSearch]) -> list[tuple[str, ...]]:
    return searching.answering(session, index, viewer, [request_of(one) for one in kept], MOST_MARKED)


def request_of(kept: KeptSearch) -> SearchRequest:
    """What a kept search asks for, each time it is asked."""
    return SearchRequest(kept.query, kept.filters, cast(Sort, kept.sort), kept.exact)


def _mark(kept: KeptSearch, group: str) -> str:
    """Six bytes that stand for an answer of this search; without knowing its id nobody reads it from them."""
    return blake2b(group.encode(), digest_size=6, key=kept.id.encode()).hexdigest()


def _marks(kept: KeptSearch, found: Sequence[str]) -> list[str]:
    return sorted({_mark(kept, group) for group in found})


def forget_testimony(session: Session, testimony_id: str) -> None:
    """Let no search remember that a destroyed testimony answered it: who has its id could ask each mark for it."""
    for kept in session.scalars(select(KeptSearch).execution_options(yield_per=500)):
        mark = _mark(kept, f"testimony:{testimony_id}")
        if mark in kept.seen:
            kept.seen = [one for one in kept.seen if one != mark]
        if kept.seen_before and mark in kept.seen_before:
            kept.seen_before = [one for one in kept.seen_before if one != mark]
    session.flush()


def removed(session: Session, account: Account) -> list[KeptSearch]:
    """Searches of an account that were taken away a short while ago and can still be put back."""
    recent = KeptSearch.removed_at > now() - PUT_BACK_WITHIN
    return list(session.scalars(select(KeptSearch).where(_owned(account.id), recent).order_by(KeptSearch.removed_at)))


def mine(session: Session, account: Account, kept_id: str, *, removed: bool = False) -> KeptSearch:
    """A search of this account. Raises Unknown, also where it is somebody else's."""
    there = KeptSearch.removed_at.is_not(None) if removed else KeptSearch.removed_at.is_(None)
    found = session.scalar(select(KeptSearch).where(KeptSearch.id == kept_id, _owned(account.id), there))
    if found is None:
        raise Unknown("There is no such search.")
    return found


def _owned(account_id: str) -> ColumnElement[bool]:
    return KeptSearch.account_id == account_id


def look(session: Session, index: SearchIndex, account: Account, kept_id: str) -> KeptSearch:
    """Everything that answers now has been seen. Raises Unknown."""
    found = mine(session, account, kept_id)
    answers = _answers(session, index, gate.viewer_of(session, account), [found])[0]
    found.seen_before, found.seen, found.seen_at = found.seen, _marks(found, answers), now()
    session.flush()
    return found


def unlook(session: Session, account: Account, kept_id: str) -> KeptSearch:
    """What was new before the last look is new again. Raises Unknown."""
    found = mine(session, account, kept_id)
    if found.seen_before is not None:
        found.seen, found.seen_before = found.seen_before, None
    session.flush()
    return found


def rename(session: Session, account: Account, kept_id: str, name: str) -> KeptSearch:
    """Raises Unknown or NotKept."""
    found = mine(session, account, kept_id)
    found.name = _named(name)
    session.flush()
    return found


def remove(session: Session, account: Account, kept_id: str) -> KeptSearch:
    """Take a search away and end its feed; it can be put back for a while, and then it is gone. Raises Unknown."""
    found = mine(session, account, kept_id)
    found.removed_at = now()
    session.execute(delete(KeptSearch).where(_owned(account.id), KeptSearch.removed_at < now() - PUT_BACK_WITHIN))
    session.flush()
    return found


def put_back(session: Session, account: Account, kept_id: str) -> KeptSearch:
    """Raises Unknown."""
    found = mine(session, account, kept_id, removed=True)
    found.removed_at = None
    session.flush()
    return found


def follow(session: Session, account: Account, kept_id: str) -> KeptSearch:
    """Give the search a feed with a new address; one that it had before answers no longer. Raises Unknown."""
    found = mine(session, account, kept_id)
    found.feed, found.followed = found.feed + 1, True
    session.flush()
    return found


def unfollow(session: Session, account: Account, kept_id: str) -> KeptSearch:
    """End the feed; its address never answers again. Raises Unknown."""
    found = mine(session, account, kept_id)
    found.followed = False
    session.flush()
    return found


def feed_key(secret: str, kept: KeptSearch) -> str:
    """The key in the address of the search's feed."""
    return hmac.new(secret.encode(), f"feed {kept.id} {kept.feed}".encode(), sha256).hexdigest()[:_KEY_LENGTH]


def followed(session: Session, secret: str, kept_id: str, key: str) -> tuple[KeptSearch, Viewer]:
    """The search behind a feed's address, and whoever keeps it, with the rights they have at this moment.

    Raises:
        Unknown: there is none, its feed has ended, the key is another's, or the account is disabled.
    """
    found = session.get(KeptSearch, kept_id)
    if found is None or found.removed_at is not None or not found.followed:
        raise Unknown("There is no such feed.")
    owner = session.get(Account, found.account_id)
    if owner is None or owner.disabled or not hmac.compare_digest(feed_key(secret, found).encode(), key.encode()):
        raise Unknown("There is no such feed.")
    return found, gate.viewer_of(session, owner)
