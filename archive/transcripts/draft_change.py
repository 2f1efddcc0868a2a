"""A draft of a transcript while one change is made to it: its segments in order, and what the change touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.consent import redaction
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import LinkCandidate, RivalText, Segment, SegmentTranslation, Source, Tagging, TranscriptVersion
from archive.timing import Span
from archive.transcripts import readable_text

REFUSED = {
    "gone": Message("That segment is not there any longer."),
    "changed": Message("Somebody changed it before you. Look at it, then do it again."),
    "edge": Message("A segment lasts at least a tenth of a second."),
}


class ChangeRefused(ArchiveError):
    """A change that no longer fits what is there; its code, one of `REFUSED`, is kept with the answer."""

    def __init__(self, code: str) -> None:
        super().__init__(REFUSED[code], code=code)


@dataclass(slots=True)
class DraftChange:
    """One version under one change by one person.

    Attributes:
        changed: words, times or speakers became others, so that a review of the version no longer holds.
    """

    session: Session
    version: TranscriptVersion
    by_id: str | None
    touched: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    changed: bool = False

    def find(self, segment_id: object) -> Segment | None:
        found = self.session.get(Segment, segment_id) if isinstance(segment_id, str) else None
        return found if found is not None and found.version_id == self.version.id else None

    def before(self, segment: Segment) -> Segment | None:
        return self._beside(Segment.position < segment.position, Segment.position.desc())

    def after(self, segment: Segment) -> Segment | None:
        return self._beside(Segment.position > segment.position, Segment.position)

    def at(self, moment: int) -> Segment | None:
        """The last segment that begins at or before a moment, or else the first of all."""
        earlier = self._beside(Segment.start_ms <= moment, Segment.position.desc())
        return earlier or self._beside(Segment.start_ms > moment, Segment.position)

    def _beside(self, condition: object, order: object) -> Segment | None:
        query = select(Segment).where(Segment.version_id == self.version.id, condition)  # type: ignore[arg-type]
        return self.session.scalars(query.order_by(order).limit(1)).one_or_none()  # type: ignore[arg-type]

    def touch(self, segment: Segment, *, changed: bool = True) -> None:
        segment.revision += 1
        self.touched.add(segment.id)
        self.changed = self.changed or changed

    def put(self, segment: Segment, after: Segment | None) -> None:
        """Add a segment behind another, or at the head."""
        place = after.position + 1 if after else 0
        self._make_room(place)
        segment.position = place
        self.session.add(segment)
        self.session.flush()
        self.touched.add(segment.id)
        self.changed = True

    def _make_room(self, place: int) -> None:
        """Positions are unique, and rows are moved one by one: by way of negative numbers none meets another."""
        mine = Segment.version_id == self.version.id
        taken = select(Segment.id).where(mine, Segment.position == place)
        if self.session.scalar(taken) is None:
            return
        self.session.flush()
        for condition, moved in (
            (Segment.position >= place, -Segment.position - 2),
            (Segment.position < 0, -Segment.position - 1),
        ):
            statement = update(Segment).where(mine, condition).values(position=moved)
            self.session.execute(statement.execution_options(synchronize_session=False))
        self.session.expire_all()

    def take(self, segment: Segment, heir: Segment | None) -> None:
        """Remove a segment; what hangs on it, rival words first of all, goes over to its heir."""
        for kind in (RivalText, Source, Tagging):
            values = {"segment_id": heir.id if heir else None}
            if heir is None and kind is not Source:
                continue
            statement = update(kind).where(kind.segment_id == segment.id).values(**values)
            self.session.execute(statement)
        for candidate in self.session.scalars(select(LinkCandidate).where(LinkCandidate.segment_id == segment.id)):
            self.session.delete(candidate)
        for row in self.session.scalars(select(SegmentTranslation).where(SegmentTranslation.segment_id == segment.id)):
            self.session.delete(row)
        self.removed.add(segment.id)
        self.session.delete(segment)
        self.session.flush()
        self.changed = True

    def keep_beside(self, segment: Segment, text: str, translation_id: str | None = None) -> None:
        """Keep words that cannot stand in the text beside it."""
        rival = RivalText(
            version_id=self.version.id,
            segment_id=segment.id,
            translation_id=translation_id,
            text=text,
            by_id=self.by_id,
        )
        self.session.add(rival)
        self.touch(segment)

    def marks(self, segment: Segment) -> Sequence[Span]:
        spans = (one.span for one in redaction.marks_of(self.session, self.version.testimony_id))
        return [span for span in spans if readable_text.touches(span, segment)]

    def translations(self, segment: Segment) -> dict[str, SegmentTranslation]:
        """Translation version id -> the words it gives to a segment."""
        query = select(SegmentTranslation).where(SegmentTranslation.segment_id == segment.id)
        return {row.version_id: row for row in self.session.scalars(query)}
