"""What a radio or television station is handed: the sound at its loudness, and one page that says what it is.

EBU R 128: -23 LUFS, true peaks not above -1 dBTP, two channels. WAV is for the station, MP3 for the telephone of
whoever drives there. The cue sheet is plain text that prints on one page and can be read out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.timing import Span
from media.decode import Probe, probe
from media.derive import Derived, Progress, make_listening
from media.loudness import BROADCAST_LUFS, measure
from media.timed.lines import one_line

_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Programme:
    """What the cue sheet says of a song; empty fields are left out.

    `first_words` and `last_words` are what the studio listens for; `read_out` is what the band asks to be said with it.
    """

    title: str
    artist: str = ""
    language: str = ""
    credits: tuple[str, ...] = ()
    first_words: str = ""
    last_words: str = ""
    licence: str = ""
    contact: str = ""
    read_out: str = ""


def make_broadcast(
    source: Path,
    wav: Path,
    mp3: Path,
    *,
    redactions: Sequence[Span] = (),
    probed: Probe | None = None,
    progress: Progress | None = None,
) -> Derived:
    """Make the WAV and the MP3 of a song at broadcast loudness.

    Raises:
        Refused: when the source is no recording.
        FfmpegFailed: when encoding fails.
    """
    found = probed or probe(source)
    loudness = measure(source)
    made = None
    for half, target in enumerate((wav, mp3)):
        told = None if progress is None else _half(progress, half)
        made = make_listening(
            source,
            target,
            probed=found,
            loudness=loudness,
            redactions=redactions,
            channels=2,
            lufs=BROADCAST_LUFS,
            progress=told,
        )
    assert made is not None
    return made


def cue_sheet(programme: Programme, duration_ms: int, intro_ms: int | None = None) -> str:
    """One page of plain text.

    Args:
        duration_ms: of the sound file.
        intro_ms: how long the music plays before the first word, where it is known.
    """
    rows = [
        ("Title", programme.title),
        ("Artist", programme.artist),
        ("Language", programme.language),
        ("Duration", _minutes(duration_ms)),
        ("Intro", _minutes(intro_ms) if intro_ms is not None else ""),
        ("In words", programme.first_words),
        ("Out words", programme.last_words),
        *(("Credits" if number == 0 else "", who) for number, who in enumerate(programme.credits)),
        ("Loudness", "-23 LUFS, EBU R 128"),
        ("Licence", programme.licence),
        ("Contact", programme.contact),
    ]
    page = [_row(label, one_line(text)) for label, text in rows if one_line(text)]
    if programme.read_out:
        page.append("\nPlease read out:\n" + textwrap.fill(one_line(programme.read_out), _WIDTH))
    return "\n".join(page) + "\n"


def _half(progress: Progress, half: int) -> Progress:
    return lambda share: progress((half + share) / 2)


def _row(label: str, text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=f"{label:<12}", subsequent_indent=" " * 12)


def _minutes(duration_ms: int) -> str:
    seconds = round(duration_ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"
