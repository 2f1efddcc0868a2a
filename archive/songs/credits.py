"""Credits: who made a song, and whose stories it is made of, named as they chose and for as long as they allow it.

Who wrote, composed and sang is kept with the song. The narrators are not: they are asked for at every look, so that a
name which is taken back is gone on the next one, from the page and from whatever is made to be taken along.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.consent_states import ConsentStates
from archive.access.gate import PUBLIC
from archive.catalogue import details
from archive.language.messages import Message
from archive.lyrics.current_words import current_lyric
from archive.models import DetailChange, LyricLine, LyricVersion, Narrator, Song, Source, Testimony

TOLD = "told"
ROLES = {
    "words": Message("Words"),
    "lyrics": Message("Words"),
    "music": Message("Music"),
    "voice": Message("Voice"),
    "instruments": Message("Instruments"),
    "recording": Message("Recording"),
    TOLD: Message("Told by"),
}


@dataclass(frozen=True, slots=True)
class Credit:
    """One row: what somebody did for the song, and the name in Khmer and English; either may be empty."""

    role: str
    km: str
    en: str

    @property
    def role_name(self) -> Message:
        """What was done; as it was typed where it is none of the usual."""
        return ROLES.get(self.role) or Message(self.role.capitalize())


def credits_of(
    session: Session, song: Song, sung: Collection[str] | None = None, states: ConsentStates | None = None
) -> tuple[Credit, ...]:
    """The song's credits as anybody may read them.

    A narrator is named when she allows everyone the name she chose, for one testimony at least whose words the song
    still sings. A row that was typed and names a narrator who does not allow it is left out, whether or not the song
    still sings her words.

    Args:
        sung: ids of the lines that are sung now; unless given, those of the current words that are not held.
        states: where the same testimonies are asked after for something else as well.
    """
    named, unnamed = _narrators(session, song, sung, states or ConsentStates(session))
    kept = [Credit(one.get("role", ""), one.get("km", ""), one.get("en", "")) for one in song.credits]
    others = [one for one in kept if one.role != TOLD and not any(names(one, who) for who in unnamed)]
    return (*others, *(Credit(TOLD, who.pseudonym_km, who.pseudonym_en) for who in named))


def names(credit: Credit, who: Narrator) -> bool:
    """Whether the row gives the narrator's chosen name."""
    return any(name and name in (credit.km, credit.en) for name in (who.pseudonym_km, who.pseudonym_en))


def forget_name(session: Session, songs: Sequence[str], who: Narrator) -> None:
    """Take a narrator's name out of what is kept with these songs."""
    for song in session.scalars(select(Song).where(Song.id.in_(songs))):
        if any(_bears(row, (who.pseudonym_km, who.pseudonym_en)) for row in _rows_before(session, song)):
            details.forget_changes(session, song)
        rows = [one for one in song.credits if not names(Credit("", one.get("km", ""), one.get("en", "")), who)]
        if rows != song.credits:
            song.credits = rows


def follow_name(session: Session, who: Narrator, before: tuple[str, str]) -> None:
    """Put a narrator's new name in the place of the one before, in what is kept with the songs that draw on her."""
    drawn = (
        select(LyricVersion.song_id)
        .join(LyricLine, LyricLine.version_id == LyricVersion.id)
        .join(Source, Source.line_id == LyricLine.id)
        .join(Testimony, Testimony.id == Source.testimony_id)
        .where(Testimony.narrator_id == who.id)
    )
    now = {"km": who.pseudonym_km, "en": who.pseudonym_en}
    for song in session.scalars(select(Song).where(Song.id.in_(drawn))):
        if any(_bears(row, before) for row in _rows_before(session, song)):
            details.forget_changes(session, song)
        rows = [{**one, **now} if _bears(one, before) else one for one in song.credits]
        if rows != song.credits:
            song.credits = rows


def _rows_before(session: Session, song: Song) -> list[dict[str, str]]:
    """Rows that stand in earlier states of the credits, which undoing would bring back."""
    rows = session.scalars(select(DetailChange).where(DetailChange.song_id == song.id))
    return [one for row in rows for state in (row.before, row.after) for one in state.get("credits", ())]


def _bears(row: dict[str, str], names: tuple[str, str]) -> bool:
    return any(name and name in (row.get("km"), row.get("en")) for name in names)


def _narrators(
    session: Session, song: Song, sung: Collection[str] | None, states: ConsentStates
) -> tuple[list[Narrator], list[Narrator]]:
    """Whoever the song ever drew on: those it still sings who allow everyone their chosen name, and who does not."""
    if sung is None:
        lyric = current_lyric(session, song.id)
        sung = [line.id for line in lyric.lines if not line.held] if lyric else []
    ever = select(Source.testimony_id, Source.line_id).join(LyricLine).join(LyricVersion)
    drawn: dict[str, bool] = {}
    for testimony_id, line_id in session.execute(ever.where(LyricVersion.song_id == song.id)):
        drawn[testimony_id] = drawn.get(testimony_id, False) or line_id in sung
    told = session.scalars(
        select(Testimony).where(Testimony.id.in_(drawn)).order_by(Testimony.created_at, Testimony.id)
    )
    named: dict[str, Narrator] = {}
    others: dict[str, Narrator] = {}
    for testimony in told:
        who = testimony.narrator
        if who.pseudonym_km or who.pseudonym_en:
            if not states.may(PUBLIC, testimony.id, "pseudonym"):
                others[who.id] = who
            elif drawn[testimony.id]:
                named[who.id] = who
    return list(named.values()), [who for key, who in others.items() if key not in named]
