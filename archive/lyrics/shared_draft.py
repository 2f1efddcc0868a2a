"""Drafting: a song's draft as one Yjs document that several people write at once and merge without a loss.

The document holds a map `lines`, by the line's own name: where it stands (`pos`, compared as text), its section, its
words in Khmer and English, and which clippings it draws on. Moving a line changes where it stands and nothing else, and
taking it out only marks it (`gone`), so that what somebody else writes in it meanwhile is not lost. No words of a
testimony are in it but those the band wrote into a line.

Whoever writes takes the row's lock, merges, and counts the revision on; a reader that knows the revision is told so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pycrdt import Doc, Map, Text
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import Account, Clipping, Draft, DraftPresence, Song, now
from archive.models.source import RELATIONS

MOST_LINES = 300
MOST_WITH_GONE = 2000
LONGEST_LINE = 400
LONGEST_SECTION = 40
LONGEST_NAME = 64
LONGEST_PLACE = 250
MOST_SOURCES = 12
MOST_BYTES = 1024 * 1024
LEASE = timedelta(seconds=15)
SEEN_AGAIN = timedelta(seconds=5)
_TEXTS = {"km": LONGEST_LINE, "en": LONGEST_LINE}
_WORDS = {"pos": LONGEST_PLACE, "section": LONGEST_SECTION, "romanised": LONGEST_LINE, "gone": LONGEST_NAME}
_STEP = 1 << 20

WORDS = {
    "unreadable": Message(
        "What came from this browser could not be read. Load the page again: what you wrote is still on this device."
    ),
    "too-large": Message("This draft has grown too large. Begin another song."),
    "too-many": Message("A song can have 300 lines. Take some of them out."),
    "too-long": Message("A line can have 400 letters. Cut it in two."),
    "strange": Message("There is something in this draft that the desk does not know. Load the page again."),
}


class DraftRefused(ArchiveError, ValueError):
    """What a browser sent cannot be merged; its code is one of `WORDS`."""

    def __init__(self, code: str) -> None:
        super().__init__(WORDS[code], code=code)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a draft; `sources` are clipping ids with their relation, `ref` is the line's own name."""

    ref: str
    section: str = ""
    km: str = ""
    en: str = ""
    romanised: str = ""
    own: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)
    pos: str = ""
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who is at the draft too, and the line they are in."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser lacks (None when nothing), and what the archive has, as a state vector."""

    revision: int
    update: bytes | None
    vector: bytes


def lines_of(state: bytes, *, gone: bool = False) -> list[DraftLine]:
    """The lines of a draft in the order they stand; with `gone`, those that were taken out as well."""
    return _lines(_opened(state), gone=gone)


def draft_lines(session: Session, song_id: str) -> list[DraftLine]:
    """The lines of a song's draft, none when there is no draft yet."""
    draft = session.get(Draft, song_id)
    return lines_of(draft.state) if draft else []


def begin(session: Session, song: Song, lines: Iterable[DraftLine], by_id: str | None) -> Draft:
    """The song's draft, made from these lines when there is none yet; the song's row is locked until the end."""
    session.get(Song, song.id, with_for_update=True, populate_existing=True)
    draft = session.get(Draft, song.id)
    if draft is not None:
        return draft
    document: Doc[Any] = Doc(client_id=_writer(song.id, b""))
    put(document.get("lines", type=Map), lines)
    draft = Draft(song_id=song.id, state=document.get_update(), changed_by_id=by_id)
    session.add(draft)
    session.flush()
    return draft


def merge(session: Session, song_id: str, update: bytes, by_id: str | None) -> Draft:
    """Merge what a browser wrote.

    Raises:
        DraftRefused: it cannot be read, or the draft would outgrow its bounds; nothing of it is kept.
    """
    if len(update) > MOST_BYTES:
        raise DraftRefused("too-large")
    draft = session.get_one(Draft, song_id, with_for_update=True, populate_existing=True)
    document = _opened(draft.state)
    try:
        document.apply_update(update)
    except ValueError:
        raise DraftRefused("unreadable") from None
    return _kept(session, draft, document, by_id)


def rewrite(session: Session, song_id: str, change: Callable[[Map[Any]], None], by_id: str | None = None) -> Draft:
    """Change the document here in the archive; browsers get it like anybody else's change."""
    draft = session.get_one(Draft, song_id, with_for_update=True, populate_existing=True)
    document = _opened(draft.state, _writer(song_id, draft.state))
    with document.transaction():
        change(document.get("lines", type=Map))
    return _kept(session, draft, document, by_id)


def answer(draft: Draft, vector: bytes, known: int | None) -> Answer:
    """What somebody lacks who has `vector`; `known` is the revision they were last told.

    Raises:
        DraftRefused: the vector cannot be read.
    """
    document = _opened(draft.state)
    if known == draft.revision:
        return Answer(draft.revision, None, document.get_state())
    try:
        return Answer(draft.revision, document.get_update(vector), document.get_state())
    except ValueError:
        raise DraftRefused("unreadable") from None


def put(lines: Map[Any], added: Iterable[DraftLine]) -> None:
    """Add lines to a document's map as they are, in the order given where they do not say where they stand."""
    for number, line in enumerate(added):
        # One key after another, so that the same lines always make the same bytes.
        lines[line.ref] = Map({})
        made = lines[line.ref]
        made["pos"] = line.pos or place(number)
        made["section"] = line.section
        made["km"], made["en"] = Text(line.km), Text(line.en)
        made["romanised"], made["own"], made["gone"] = line.romanised, line.own, line.gone
        made["sources"] = Map({})
        for clipping, relation in line.sources.items():
            made["sources"][clipping] = relation


def place(number: int) -> str:
    """Where the line of that number stands in a freshly laid out draft; browsers put others between."""
    return f"{(number + 1) * _STEP:010x}"


def arrive(session: Session, song_id: str, tab: str, account_id: str, line: str) -> None:
    """Somebody is at the draft; written down again only when it is news."""
    known = session.get(DraftPresence, (song_id, tab))
    if known is None:
        session.add(DraftPresence(song_id=song_id, tab=tab, account_id=account_id, line=line))
        session.execute(delete(DraftPresence).where(DraftPresence.seen_at < now() - 20 * LEASE))
    else:
        known.account_id, known.line, known.seen_at = account_id, line, now()
    session.flush()


def is_news(session: Session, song_id: str, tab: str, line: str) -> bool:
    """Whether `arrive` has anything to write down."""
    known = session.get(DraftPresence, (song_id, tab))
    return known is None or known.line != line or known.seen_at < now() - SEEN_AGAIN


def leave(session: Session, song_id: str, tab: str) -> None:
    session.execute(delete(DraftPresence).where(DraftPresence.song_id == song_id, DraftPresence.tab == tab))


def here(session: Session, song_id: str, tab: str) -> list[Here]:
    """Who else is at the draft, each once for every line they are in."""
    query = (
        select(Account.display_name, DraftPresence.line)
        .join(DraftPresence, DraftPresence.account_id == Account.id)
        .where(DraftPresence.song_id == song_id, DraftPresence.tab != tab, DraftPresence.seen_at > now() - LEASE)
        .order_by(Account.display_name, DraftPresence.line)
        .distinct()
    )
    return [Here(name, line) for name, line in session.execute(query)]


def forget_draft_lines(session: Session, testimony_id: str, texts: frozenset[str]) -> list[str]:
    """Take a destroyed testimony out of every draft: lines that are her very words are emptied, ties to it cut.

    Args:
        texts: words that were sung as she said them; a line that says the same is emptied too.

    Returns:
        Ids of the songs whose drafts were changed.
    """
    clipped = set(session.scalars(select(Clipping.id).where(Clipping.testimony_id == testimony_id)))
    quotes = set(session.scalars(select(Clipping.quote).where(Clipping.testimony_id == testimony_id))) | texts
    changed = []
    for song_id in session.scalars(select(Draft.song_id)).all():
        lines = lines_of(session.get_one(Draft, song_id).state, gone=True)
        hers = [line for line in lines if clipped & set(line.sources) or quotes & {line.km, line.en} - {""}]
        if not hers:
            continue
        rewrite(session, song_id, lambda held, hers=hers: _empty(held, hers, clipped, quotes))  # type: ignore[misc]
        changed.append(song_id)
    return changed


def empty_line(session: Session, song_id: str, ref: str) -> None:
    """Take the words out of one line of a draft and leave the line; browsers get it like anybody else's change."""

    def emptied(held: Map[Any]) -> None:
        if ref in held:
            held[ref]["km"].clear()
            held[ref]["en"].clear()
            held[ref]["romanised"] = ""

    rewrite(session, song_id, emptied)


def _empty(held: Map[Any], hers: Iterable[DraftLine], clipped: set[str], quotes: set[str]) -> None:
    for line in hers:
        here_ = held[line.ref]
        mine = clipped & set(line.sources)
        if any(line.sources[one] == "verbatim" for one in mine) or {line.km, line.en} & quotes - {""}:
            here_["km"].clear()
            here_["en"].clear()
            here_["romanised"] = ""
        for one in mine:
            del here_["sources"][one]


def _writer(song_id: str, state: bytes) -> int:
    """The archive's own number among those who write: another one for every state, so that none is used twice."""
    return int.from_bytes(hashlib.sha256(song_id.encode() + state).digest()[:4], "big")


def _opened(state: bytes, writer: int | None = None) -> Doc[Any]:
    document: Doc[Any] = Doc(client_id=writer)
    document.apply_update(state)
    return document


def _kept(session: Session, draft: Draft, document: Doc[Any], by_id: str | None) -> Draft:
    if set(document.keys()) - {"lines"}:
        raise DraftRefused("strange")
    lines = _lines(document, gone=True)
    if len(lines) > MOST_WITH_GONE or sum(not line.gone for line in lines) > MOST_LINES:
        raise DraftRefused("too-many")
    state = document.get_update()
    if len(state) > MOST_BYTES:
        raise DraftRefused("too-large")
    if state != draft.state:
        draft.state, draft.revision = state, draft.revision + 1
        draft.changed_by_id, draft.changed_at = by_id, now()
        session.flush()
    return draft


def _lines(document: Doc[Any], *, gone: bool) -> list[DraftLine]:
    try:
        found = document.get("lines", type=Map).to_py()
    except (RuntimeError, TypeError, ValueError):
        raise DraftRefused("strange") from None
    lines = [_line(ref, raw) for ref, raw in (found or {}).items()]
    return sorted((one for one in lines if gone or not one.gone), key=lambda one: (one.pos, one.ref))


def _line(ref: str, raw: object) -> DraftLine:
    """One line, checked; what an older browser does not write is empty."""
    if not isinstance(raw, dict) or len(ref) > LONGEST_NAME or set(raw) - {*_TEXTS, *_WORDS, "own", "sources"}:
        raise DraftRefused("strange")
    for name, longest in (_TEXTS | _WORDS).items():
        value = raw.setdefault(name, "")
        if not isinstance(value, str):
            raise DraftRefused("strange")
        if len(value) > longest:
            raise DraftRefused("too-long")
    sources = raw.setdefault("sources", {})
    own = raw.setdefault("own", False)
    if not isinstance(sources, dict) or not isinstance(own, bool) or len(sources) > MOST_SOURCES:
        raise DraftRefused("strange")
    if any(len(one) > LONGEST_NAME or relation not in RELATIONS for one, relation in sources.items()):
        raise DraftRefused("strange")
    return DraftLine(ref=ref, **raw)
