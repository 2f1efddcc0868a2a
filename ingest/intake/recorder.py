"""What the site's own recorder sends: a recording with what was agreed in it, and what was tapped while she spoke.

It becomes a testimony through the same intake as any other. What was to be left out is marked in the same transaction,
so that there is no moment in which it could leave the band; the other taps wait for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from archive.accounts import invitations
from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.consent import redaction
from archive.consent.spoken_answers import SpokenAnswer, brought_unasked, consents
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import RecorderArrival, TappedMoment
from archive.models.recorded import TAPS
from archive.timing import Span
from ingest.intake.submit import AlsoTold, digest_and_size, submit
from ingest.stages.taken_back import TakenBack
from media.joined import joined

MOST_TAPS, MOST_SITTINGS, LONGEST_WORDS = 2000, 500, 200
LEFT_OUT = "out"
MARGIN_MS = 1000
"""How much more than was tapped is taken out at either end: a finger is slower than a word."""
_LONGEST_MS = 24 * 3_600_000


class NotAParcel(ArchiveError, ValueError):
    """What came with a recording cannot be read; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__(Message("What came with the recording cannot be read. Open the page anew and send it again."))


@dataclass(frozen=True, slots=True)
class Tap:
    """`kind` is one of `TAPS` or `LEFT_OUT`; the span of a moment is empty."""

    kind: str
    span: Span
    words: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What comes with the sound.

    Attributes:
        id: drawn by the device, so that what is sent twice is taken once.
        owner: the account, or the invitation, whose device it was.
        sittings: length in bytes of each stretch, since a device that died begins another.
        language: in which the questions were asked.
        brought: a file of another recorder, in which nobody was asked anything.
    """

    id: str
    owner: str
    sittings: tuple[int, ...]
    answers: tuple[SpokenAnswer, ...]
    taps: tuple[Tap, ...] = ()
    language: str = "km"
    brought: bool = False


@dataclass(frozen=True, slots=True)
class ParcelReceipt:
    """`sha256` is of the bytes that came; the device forgets them when they are its own.

    Attributes:
        testimony_id: empty where nothing was added, and whoever sent it may not know why.
    """

    testimony_id: str
    sha256: str


def read_parcel(told: Mapping[str, object], owner: str) -> Parcel:
    """A parcel out of what a device wrote: lists of numbers and words, each looked at.

    Raises:
        NotAParcel: see there.
    """
    try:
        sittings = tuple(int(str(one)) for one in _list(told, "sittings", MOST_SITTINGS))
        answers = tuple(
            SpokenAnswer(str(one["question"]), str(one["answer"]), _span(one)) for one in _list(told, "answers", 50)
        )
        taps = tuple(
            Tap(str(one["kind"]), _span(one), str(one.get("words", ""))) for one in _list(told, "taps", MOST_TAPS)
        )
        parcel_id, language = str(told["id"]), str(told.get("language", "km"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotAParcel from None
    known = {*TAPS, LEFT_OUT}
    if len(parcel_id) != 32 or not parcel_id.isalnum() or not sittings or language not in {"km", "en"}:
        raise NotAParcel
    if any(one.kind not in known for one in taps):
        raise NotAParcel
    brought = told.get("brought") is True
    if brought and (answers or taps or len(sittings) > 1):
        raise NotAParcel
    return Parcel(parcel_id, owner, sittings, answers, taps, language, brought)


def _list(told: Mapping[str, object], name: str, most: int) -> Sequence[dict[str, object]]:
    found = told.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise NotAParcel
    return found


def _span(one: Mapping[str, object]) -> Span:
    start = int(str(one["start"]))
    end = int(str(one.get("end", start)))
    if end > _LONGEST_MS:
        raise NotAParcel
    return Span(start, end)


def arrived(backends: Backends, parcel_id: str, owner: str) -> ParcelReceipt | None:
    """What was answered when this came before; None for what has not come, and for what somebody else sent."""
    with backends.database.read() as session:
        row = session.get(RecorderArrival, parcel_id)
        return ParcelReceipt(row.testimony_id, row.sha256) if row is not None and row.owner == owner else None


def take_parcel(
    backends: Backends, path: Path, parcel: Parcel, description: Description, account_id: str | None
) -> ParcelReceipt:
    """Take a recording in with everything that came with it.

    Raises:
        archive.consent.spoken_answers.NothingAnswered: see there.
        archive.catalogue.descriptions.DescriptionInvalid, ingest.stages.taken_back.TakenBack, media.refused.Refused:
            as `submit`.
    """
    said = (
        brought_unasked(account_id)
        if parcel.brought
        else consents(parcel.answers, account_id, language=parcel.language)
    )
    invitation = parcel.owner != account_id
    digest, _ = digest_and_size(path)

    def write(session: Session, testimony_id: str) -> None:
        session.add(RecorderArrival(id=parcel.id, owner=parcel.owner, sha256=digest, testimony_id=testimony_id))
        _tapped(session, testimony_id, parcel.taps, account_id)
        if len(parcel.sittings) > 1:
            detail = {"sha256": digest, "stretches": list(parcel.sittings)}
            audit.note(session, account_id, "recording.joined", f"testimony:{testimony_id}", detail)
        if invitation:
            invitations.came_with(session, parcel.owner)

    work = backends.settings.data / "work"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix="recorder-", dir=work) as folder:
        whole = joined(path, parcel.sittings, Path(folder))
        # A browser that was killed closes no file; what it wrote until then is the recording.
        also = AlsoTold(said, write)
        try:
            receipt = submit(backends, whole, description, account_id=account_id, salvage=not parcel.brought, also=also)
        except TakenBack:
            if not invitation:
                raise
            return ParcelReceipt("", digest)  # whoever was invited is not told that there was such a recording
    return ParcelReceipt(receipt.testimony_id or "", digest)


def _tapped(session: Session, testimony_id: str, taps: Sequence[Tap], account_id: str | None) -> None:
    for one in taps:
        if one.kind == LEFT_OUT:
            span = Span(max(0, one.span.start_ms - MARGIN_MS), one.span.end_ms + MARGIN_MS)
            redaction.mark(session, testimony_id, span, account_id, "other")
            continue
        words = tidy(" ".join(one.words.split()))[:LONGEST_WORDS]
        session.add(TappedMoment(testimony_id=testimony_id, kind=one.kind, start_ms=one.span.start_ms, words=words))
    session.flush()
