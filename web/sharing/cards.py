"""What a page says of itself to whoever shows a link to it: Open Graph, Twitter cards and schema.org.

A link that was shared is kept by others: by a telephone, a messenger, a search engine. So a card says what the archive
says of a thing and nothing that a narrator told: of a testimony its title, and that she decides; no summary, no name,
and no address of her voice. Cards are for the public alone; whoever has signed in is given none.

Sources: https://ogp.me/, https://schema.org/MusicRecording, https://schema.org/AudioObject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from archive.access import gate, song_access
from archive.access.gate import PUBLIC
from archive.catalogue import campaigns
from archive.catalogue.cards import TestimonyCard
from archive.language.messages import languages
from archive.language.words import words
from archive.models import Campaign
from archive.pages.campaign_page import CampaignPage
from archive.songs.song_view import SongPage
from web.sharing.blueprint import sharing
from web.site.language import _, clock, either, language
from web.site.viewer import account, database

LONGEST = 200
"""Letters of a description; what is longer is cut by whoever shows it, and Khmer in the middle of a word."""
_WROTE, _COMPOSED = frozenset({"words", "lyrics"}), frozenset({"music"})


@dataclass(frozen=True, slots=True)
class LinkCard:
    """One page's card.

    Attributes:
        address: where it lives, without moment or language.
        picture: its share picture, `pictured` what it shows.
        kind: Open Graph's type.
        data: what it is for schema.org.
        oembed: whether other sites may ask for a player.
        kept: whether search engines may keep a copy of the page.
        moment: what the address of a moment ends with; a search engine knows the page without.
    """

    title: str
    description: str
    address: str
    picture: str
    pictured: str
    kind: str
    data: Mapping[str, Any]
    audio: str = ""
    duration_ms: int | None = None
    oembed: bool = False
    kept: bool = True
    moment: str = ""

    @property
    def canonical(self) -> str:
        """The address of the page in the language it is in now."""
        return self.address if language() == languages()[0] else self.in_language(language())

    def in_language(self, other: str) -> str:
        return self.address if other == languages()[0] else f"{self.address}?lang={other}"

    @property
    def alternates(self) -> list[tuple[str, str]]:
        """Each language with its address; `x-default` for everybody else."""
        return [*((one, self.in_language(one)) for one in languages()), ("x-default", self.address)]


def titled(km: str, en: str) -> str:
    """A title in both languages: who follows a link has not chosen one yet."""
    return " · ".join(dict.fromkeys(one for one in (km, en) if one))


def shortened(text: str) -> str:
    """A text's beginning, cut between words."""
    plain = " ".join(text.split())
    if len(plain) <= LONGEST:
        return plain
    kept = ""
    for piece in words(plain):
        if len(kept) + len(piece.text) > LONGEST:
            break
        kept += piece.text
    return f"{kept.rstrip()}…"


@sharing.app_template_global("song_card")
def song_card(page: SongPage) -> LinkCard | None:
    """The card of a song that is out; None for whoever has signed in."""
    if account() is not None:
        return None
    song = page.song
    address = url_for("song.show", slug=song.slug, _external=True)
    picture = url_for("sharing.song_picture", slug=song.slug, _external=True)
    said = either(song.note_km, song.note_en)
    if not said and page.told_count:
        said = _("A song of the Messenger Band. {told} of its {all} lines came from testimony.",
                 told=page.told_count, all=len(page.lines))  # fmt: skip
    sound = url_for("media.listen", recording_id=page.tracks[0].recording_id, _external=True) if page.tracks else ""
    return LinkCard(
        title=titled(song.title_km, song.title_en),
        description=shortened(said or _("A song of the Messenger Band, to sing along.")),
        address=address,
        picture=picture,
        pictured=_("The title of the song, beside its words as stitches"),
        kind="music.song",
        data=_of_song(page, address, picture, sound),
        audio=sound,
        duration_ms=page.duration_ms,
        oembed=True,
    )


def _of_song(page: SongPage, address: str, picture: str, sound: str) -> dict[str, Any]:
    song = page.song
    work = {
        "@type": "MusicComposition",
        "name": song.title_km or song.title_en,
        "alternateName": [one for one in (song.title_romanised, song.title_en) if one],
        "inLanguage": "km",
        "lyricist": _people(page, _WROTE),
        "composer": _people(page, _COMPOSED),
        "license": page.licence_page,
    }
    if not sound:
        return _said({"@context": "https://schema.org", **work, "url": address, "image": picture})
    return _said(
        {
            "@context": "https://schema.org",
            "@type": "MusicRecording",
            "name": song.title_km or song.title_en,
            "alternateName": song.title_en,
            "url": address,
            "image": picture,
            "inLanguage": "km",
            "duration": _iso(page.duration_ms),
            "datePublished": str(song.year or ""),
            "byArtist": _band(),
            "recordingOf": _said(work),
            "audio": _said(
                {
                    "@type": "AudioObject",
                    "contentUrl": sound,
                    "encodingFormat": "audio/mp4",
                    "duration": _iso(page.duration_ms),
                }
            ),
        }
    )


def _people(page: SongPage, roles: frozenset[str]) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": titled(one.km, one.en)} for one in page.credits if one.role in roles]


@sharing.app_template_global("testimony_card")
def testimony_card(card: TestimonyCard, start_ms: int | None, end_ms: int | None) -> LinkCard | None:
    """The card of a testimony that everybody may know of, or of a moment of it; None for whoever has signed in."""
    if account() is not None:
        return None
    address = url_for("testimony.show", testimony_id=card.id, _external=True)
    picture = url_for("sharing.testimony_picture", testimony_id=card.id, _external=True)
    said = _("A testimony in the archive of the Messenger Band. Its narrator decides who may hear it.")
    when = moment = ""
    if start_ms is not None and end_ms is not None:
        when = _("From {start} to {end}.", start=clock(start_ms), end=clock(end_ms))
        moment = f"?t={start_ms}-{end_ms}"
    elif start_ms is not None:
        when = _("From {start}.", start=clock(start_ms))
        moment = f"?t={start_ms}"
    said = f"{when} {said}".strip()
    title = titled(card.title_km, card.title_en) or _("Testimony")
    data = {
        "@context": "https://schema.org",
        "@type": "AudioObject" if card.recording_id else "CreativeWork",
        "name": title,
        "url": address,
        "inLanguage": card.language,
        "duration": _iso(card.duration_ms),
        "publisher": _band(),
    }
    pictured = _("The title of the testimony, beside a thread")
    return LinkCard(
        title, said, address, picture, pictured, "article", _said(data), oembed=True, kept=False, moment=moment
    )


@sharing.app_template_global("campaign_card")
def campaign_card(found: CampaignPage) -> LinkCard | None:
    """The card of a campaign; None for whoever has signed in."""
    if account() is not None:
        return None
    one = found.campaign
    address = url_for("campaign.show", slug=one.address, _external=True)
    picture = url_for("sharing.campaign_picture", slug=one.address, _external=True)
    title = titled(one.name_km, one.name_en)
    songs = [
        {
            "@type": "MusicComposition",
            "name": song.title_km or song.title_en,
            "url": url_for("song.show", slug=song.slug, _external=True),
        }
        for song in found.songs
    ]
    said = either(one.description_km, one.description_en) or _("A campaign of the Messenger Band, and its songs.")
    data = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "name": title,
        "url": address,
        "hasPart": songs,
        "publisher": _band(),
    }
    pictured = _("The name of the campaign, beside the stitches of its songs")
    return LinkCard(title, shortened(said), address, picture, pictured, "article", _said(data), oembed=True)


@sharing.app_template_global("site_card")
def site_card() -> LinkCard | None:
    """The card of the archive itself; None for whoever has signed in."""
    if account() is not None:
        return None
    address = url_for("listening.front", _external=True)
    data = {"@context": "https://schema.org", "@type": "WebSite", "name": "Messenger Band", "url": address}
    return LinkCard(
        _("Songs of the Messenger Band"),
        _("Songs sewn from what people said"),
        address,
        url_for("sharing.site_picture", _external=True),
        _("The name of the archive, beside a thread"),
        "website",
        data,
    )


@sharing.app_template_global("song_is_out")
def song_is_out(page: SongPage) -> bool:
    """Whether everybody may open the song, so that its link is worth sharing."""
    if account() is None:  # what is seen then is what everybody sees
        return True
    with database().read() as session:
        return song_access.song_shown(session, PUBLIC, page.song.id)


@sharing.app_template_global("testimony_is_out")
def testimony_is_out(card: TestimonyCard) -> bool:
    """Whether everybody may know of the testimony."""
    if account() is None:  # what is seen then is what everybody sees
        return True
    with database().read() as session:
        return bool(gate.may(session, PUBLIC, card.id, "existence"))


@sharing.app_template_global("campaign_is_out")
def campaign_is_out(one: Campaign) -> bool:
    """Whether everybody may know of the campaign."""
    if account() is None:  # what is seen then is what everybody sees
        return True
    with database().read() as session:
        return campaigns.known(session, PUBLIC, one.id)


@sharing.app_template_global("oembed_address")
def oembed_address(card: LinkCard) -> str:
    """Where another site asks how to show this page."""
    return url_for("sharing.oembed", url=card.address, format="json", _external=True)


def _band() -> dict[str, str]:
    return {"@type": "MusicGroup", "name": "Messenger Band"}


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what there is nothing to say of."""
    return {name: value for name, value in data.items() if value not in ("", None, [], ())}


def _iso(milliseconds: int | None) -> str:
    """A length as ISO 8601 writes it, `PT3M7S`; empty where it is not known."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"PT{minutes}M{seconds}S"
