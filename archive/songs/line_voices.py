"""The testimonies behind a song's lines, as far as the gate lets a viewer have them.

Each part of a voice is asked for by itself: a line may be quoted whose speaker is not to be found here, and a
testimony may be listed whose voice is not to be heard. What may not be had is not there; nothing says that it was
left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.consent_states import ConsentStates
from archive.models import LyricLine, Redaction, Source, Testimony, TranscriptVersion
from archive.timing import Span


@dataclass(frozen=True, slots=True)
class LineVoice:
    """One source of a line.

    Attributes:
        quote: the words that were said, with the language they are in; empty where they may not be quoted.
        testimony_id: only where the testimony may be listed.
        name_km, name_en, community: who speaks, under the chosen name; empty where that may not be told.
        recording_id: the sound to play from `span`; None where it may not be heard.
    """

    id: str
    relation: str
    span: Span
    quote: str = ""
    quote_language: str = "km"
    testimony_id: str | None = None
    title_km: str = ""
    title_en: str = ""
    name_km: str = ""
    name_en: str = ""
    community: str = ""
    recording_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What this viewer may have of one testimony."""

    testimony: Testimony
    forms: frozenset[str]
    sound: str | None
    hidden: tuple[Span, ...]


class Voices:
    """The voices behind lines, for one viewer; each testimony, and each version quoted from, is asked about once."""

    def __init__(self, session: Session, viewer: gate.Viewer) -> None:
        self._session = session
        self._viewer = viewer
        self.states = ConsentStates(session)
        self._asked: dict[str, _Known | None] = {}
        self._languages: dict[str, str] = {}

    def of(self, line: LyricLine) -> tuple[LineVoice, ...]:
        """The voices behind a line that this viewer may know of, closest relation first."""
        order = ("verbatim", "adapted", "inspired")
        found = (self._voice(source) for source in sorted(line.sources, key=lambda s: order.index(s.relation)))
        return tuple(voice for voice in found if voice is not None)

    def _voice(self, source: Source) -> LineVoice | None:
        known = self._known(source.testimony_id)
        if known is None or source.state == "held":
            return None
        if gate.FORM_OF_RELATION[source.relation] not in known.forms:
            return None
        quotable = "quotation" in known.forms and not any(span.overlaps(source.span) for span in known.hidden)
        listed = "existence" in known.forms
        testimony = known.testimony
        named = "pseudonym" in known.forms
        return LineVoice(
            id=source.id,
            relation=source.relation,
            span=source.span,
            quote=source.quote if quotable else "",
            quote_language=self._language(source) if quotable else "km",
            testimony_id=testimony.id if listed else None,
            title_km=testimony.title_km if listed else "",
            title_en=testimony.title_en if listed else "",
            name_km=testimony.narrator.pseudonym_km if named else "",
            name_en=testimony.narrator.pseudonym_en if named else "",
            community=testimony.narrator.community if listed else "",
            recording_id=testimony.recording_id if listed and known.sound else None,
        )

    def _language(self, source: Source) -> str:
        if source.version_id not in self._languages:
            of_version = select(TranscriptVersion.language).where(TranscriptVersion.id == source.version_id)
            self._languages[source.version_id] = self._session.scalar(of_version) or "km"
        return self._languages[source.version_id]

    def _known(self, testimony_id: str) -> _Known | None:
        if testimony_id not in self._asked:
            self._asked[testimony_id] = self._ask(testimony_id)
        return self._asked[testimony_id]

    def _ask(self, testimony_id: str) -> _Known | None:
        state = self.states.of(testimony_id)
        if state is None:
            return None
        asked: dict[str, str | None] = dict.fromkeys(("existence", "pseudonym", "full_transcript"))
        asked |= dict.fromkeys(("quotation", "paraphrase"), gate.SUNG_FOR)
        forms = frozenset(form for form, use in asked.items() if self.states.may(self._viewer, testimony_id, form, use))
        hidden: tuple[Span, ...] = ()
        if state.marks and "full_transcript" not in forms:
            marks = self._session.scalars(select(Redaction).where(Redaction.testimony_id == testimony_id))
            hidden = tuple(mark.span for mark in marks)
        testimony = self._session.get_one(Testimony, testimony_id)
        return _Known(testimony, forms, self.states.sound_for(self._viewer, testimony_id), hidden)
