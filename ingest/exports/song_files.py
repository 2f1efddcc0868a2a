"""A song in every form in which it can be taken along: timed words, sound with its words inside, video, a radio sheet.

Words are written at once. Sound and video take their time: they are made by a worker (`ingest.exports.export_jobs`) and
kept beside the song for as long as nothing that went into them changes.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from archive.access import sound
from archive.backends import Backends
from archive.language.day_words import day_in_words
from archive.language.messages import Message
from archive.ports import BlobMissing
from archive.songs.credits import TOLD
from archive.songs.song_export import ExportSheet
from archive.songs.song_view import Track
from media.broadcast import Programme, cue_sheet, make_broadcast
from media.cover import drawn
from media.derive import make_listening
from media.lyric_paper import plain_pages
from media.tags import Cover, SongTags, tag_song
from media.timed import ass, lrc, srt, ttml, ultrastar, webvtt
from media.timed.lines import Credits
from media.video import TALL, WIDE, Cards, Picture, make_video

BAND = Message("The Messenger Band")
KHMER = Message("Khmer")
CONSENT = Message("Those whose words are sung")
TRANSLATION = Message("The words and their translation")
UNNAMED = Message("A narrator who is not named")
ALLOWED = Message(
    "{name} has allowed radio and television to broadcast her words in this song. She can take it back at any time; "
    "then please do not broadcast it again."
)
UNTIL = Message("It may be broadcast until {day}.")

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a song.

    Attributes:
        kind: what the gate is asked for, one of `archive.songs.song_export.KINDS`.
        ending: what the file's name ends in after the song's own.
        mime: its media type.
        instrumental: sung to the track without the voice.
        bytes_a_second: about how large it is, for what is not made yet.
    """

    name: str
    kind: str
    ending: str
    mime: str
    instrumental: bool = False
    bytes_a_second: int = 0

    @property
    def at_once(self) -> bool:
        return self.kind in {"words", "paper"}


_TEXT = "text/plain"
FORMS = {
    form.name: form
    for form in (
        Form("mp3", "sound", ".mp3", "audio/mpeg", bytes_a_second=24_000),
        Form("m4a", "sound", ".m4a", "audio/mp4", bytes_a_second=14_500),
        Form("mp3-instrumental", "sound", "-instrumental.mp3", "audio/mpeg", True, 24_000),
        Form("video-wide", "video", ".mp4", "video/mp4", bytes_a_second=34_000),
        Form("video-tall", "video", "-tall.mp4", "video/mp4", bytes_a_second=34_000),
        Form("video-wide-instrumental", "video", "-instrumental.mp4", "video/mp4", True, 34_000),
        Form("video-tall-instrumental", "video", "-tall-instrumental.mp4", "video/mp4", True, 34_000),
        Form("radio", "broadcast", "-radio.zip", "application/zip", bytes_a_second=200_000),
        Form("sheet", "paper", ".pdf", "application/pdf"),
        Form("sheet-large", "paper", "-large.pdf", "application/pdf"),
        Form("lrc", "words", ".lrc", _TEXT),
        Form("lrc-words", "words", "-words.lrc", _TEXT),
        Form("srt", "words", ".srt", "application/x-subrip"),
        Form("vtt", "words", ".vtt", "text/vtt"),
        Form("ass", "words", ".ass", "text/x-ssa"),
        Form("ultrastar", "words", ".txt", _TEXT),
        Form("ttml", "words", ".ttml", "application/ttml+xml"),
    )
}
_PICTURES = {"video-wide": WIDE, "video-tall": TALL}


def offered(sheet: ExportSheet) -> list[Form]:
    """The forms that this song could have, whoever asks."""
    return [form for form in FORMS.values() if sheet.instrumental or not form.instrumental]


def file_name(sheet: ExportSheet, form: Form) -> str:
    return f"{sheet.slug}{form.ending}"


def written(sheet: ExportSheet, form: Form) -> str:
    """The timed words of a song in one of the text forms."""
    about = Credits(
        sheet.title_km or sheet.title_en, BAND.said("km" if sheet.language == "km" else "en"), "", sheet.language
    )
    lines = sheet.lines
    instrumental = file_name(sheet, FORMS["mp3-instrumental"]) if sheet.instrumental else ""
    writers: dict[str, Callable[[], str]] = {
        "lrc": lambda: lrc.write(lines, about, translations=sheet.english),
        "lrc-words": lambda: lrc.write(lines, about, enhanced=True),
        "srt": lambda: srt.write(lines),
        "vtt": lambda: webvtt.write(lines, about),
        "ass": lambda: ass.write(lines, about),
        "ultrastar": lambda: ultrastar.write(
            lines, about, audio=file_name(sheet, FORMS["mp3"]), instrumental=instrumental
        ),
        "ttml": lambda: ttml.write(lines, about),
    }
    return writers[form.name]()


def make(backends: Backends, sheet: ExportSheet, form: Form, folder: Path, progress: Progress) -> Path:
    """Make a form that takes its time; the file lies in `folder`.

    Raises:
        BlobMissing: the song's sound is not there.
        FfmpegFailed, Refused: it cannot be made of this sound.
    """
    target = folder / file_name(sheet, form)
    if form.kind == "video":
        _video(backends, sheet, form, target, progress)
    elif form.kind == "broadcast":
        _radio(backends, sheet, target, progress)
    else:
        _sound(backends, sheet, form, target, progress)
    return target


@contextmanager
def _listening(backends: Backends, track: Track) -> Iterator[Path]:
    with backends.store.local_path(sound.whole_keys(track.recording_id).listening) as path:
        yield path


@contextmanager
def _original(backends: Backends, track: Track) -> Iterator[Path]:
    """The original, so that no sound goes through two lossy encoders; its time is the listening file's."""
    key = sound.original_key(track.recording_id)
    if not backends.store.exists(key):
        key = sound.whole_keys(track.recording_id).listening
    with backends.store.local_path(key) as path:
        yield path


def _track(sheet: ExportSheet, form: Form) -> Track:
    track = sheet.instrumental if form.instrumental else sheet.tracks[0]
    if track is None:
        raise BlobMissing(form.name)
    return track


def _sound(backends: Backends, sheet: ExportSheet, form: Form, target: Path, progress: Progress) -> None:
    """The song as a sound file in the time of its words, with the words inside."""
    track = _track(sheet, form)
    if target.suffix == ".m4a":
        with _listening(backends, track) as path:
            shutil.copyfile(path, target)
        target.chmod(0o600)
    else:
        with _original(backends, track) as path:
            length = sheet.tracks[0].duration_ms if form.instrumental else None
            make_listening(path, target, begin_ms=-track.offset_ms, length_ms=length, progress=progress)
    tag_song(target, tags_of(backends, sheet), sheet.lines)
    progress(1.0)


def _video(backends: Backends, sheet: ExportSheet, form: Form, target: Path, progress: Progress) -> None:
    picture: Picture = _PICTURES[form.name.removesuffix("-instrumental")]
    names = [name for name in (sheet.title_en, sheet.title_romanised) if name]
    rows = [f"{one.role_name.text}: {both(one.km, one.en)}" for one in sheet.credits]
    cards = Cards(sheet.title_km or sheet.title_en, " · ".join([*names[:1], BAND.said("km")]), (*rows, in_both(BAND)))
    if not form.instrumental:
        with _listening(backends, sheet.tracks[0]) as path:
            make_video(path, sheet.lines, target, cards, picture=picture, translations=sheet.english, progress=progress)
        return
    moved = target.with_name("instrumental.m4a")
    track = _track(sheet, form)
    with _original(backends, track) as path:
        make_listening(path, moved, begin_ms=-track.offset_ms, length_ms=sheet.tracks[0].duration_ms)
    make_video(moved, sheet.lines, target, cards, picture=picture, translations=sheet.english, progress=progress)
    moved.unlink()


def _radio(backends: Backends, sheet: ExportSheet, target: Path, progress: Progress) -> None:
    """One file to carry to a station: the song as WAV and MP3 at broadcast loudness, and the sheets beside it."""
    wav, mp3 = target.with_name(f"{sheet.slug}.wav"), target.with_name(f"{sheet.slug}.mp3")
    with _original(backends, sheet.tracks[0]) as path:
        make_broadcast(path, wav, mp3, progress=lambda share: progress(share * 0.95))
    tag_song(mp3, tags_of(backends, sheet), sheet.lines)
    with zipfile.ZipFile(target, "w") as packed:
        for path in (wav, mp3):
            packed.write(path, path.name)
            path.unlink()
        packed.writestr(f"{sheet.slug}-cue-sheet.txt", cues(sheet))
        packed.writestr(
            f"{sheet.slug}-cue-sheet.pdf", plain_pages(both(sheet.title_km, sheet.title_en), _station(sheet))
        )
    progress(1.0)


def consent_statements(sheet: ExportSheet) -> list[tuple[str, str]]:
    """For each who told what is sung: that she has allowed it to be broadcast, in both languages.

    Only for what has passed the gate for broadcasting. Who is not named to everybody is not named to a station.
    """
    named = [(one.km or one.en, one.en or one.km) for one in sheet.credits if one.role == TOLD]
    unnamed = (UNNAMED.said("km"), UNNAMED.text)
    people = [*named, *[unnamed] * max(0, sheet.told_by - len(named))]
    return [(ALLOWED.said("km", name=km), ALLOWED.text.format(name=en)) for km, en in people]


def _station(sheet: ExportSheet) -> list[tuple[str, float]]:
    """What a station reads: the cue sheet, what each narrator allowed, and the words with their translation."""
    rows: list[tuple[str, float]] = [(line, 11.0) for line in cues(sheet).splitlines()]
    rows += [("", 11.0), (in_both(CONSENT), 14.0)]
    for pair in consent_statements(sheet):
        rows += [(text, 11.0) for text in pair]
    if sheet.on_air_until:
        until = date.fromisoformat(sheet.on_air_until)
        rows += [(UNTIL.said(one, day=day_in_words(until, one)), 11.0) for one in ("km", "en")]
    rows += [("", 11.0), (in_both(TRANSLATION), 14.0)]
    for at, line in enumerate(sheet.lines):
        rows += [(text, size) for text, size in ((line.text, 12.0), (sheet.english[at], 10.0)) if text]
    return rows


def programme(sheet: ExportSheet) -> Programme:
    """What a station is told of the song."""
    placed = [line for line in sheet.lines if line.placed]
    return Programme(
        title=both(sheet.title_km, sheet.title_en),
        artist=in_both(BAND),
        language=in_both(KHMER) if sheet.language == "km" else sheet.language,
        credits=tuple(f"{one.role_name.text}: {both(one.km, one.en)}" for one in sheet.credits),
        first_words=placed[0].text if placed else "",
        last_words=placed[-1].text if placed else "",
        read_out=both(sheet.note_km, sheet.note_en),
    )


def cues(sheet: ExportSheet) -> str:
    """The cue sheet as plain text."""
    return cue_sheet(programme(sheet), sheet.tracks[0].duration_ms or 0, intro_of(sheet))


def intro_of(sheet: ExportSheet) -> int | None:
    """How long the music plays before the first word."""
    return min((line.start_ms for line in sheet.lines if line.start_ms is not None), default=None)


def tags_of(backends: Backends, sheet: ExportSheet) -> SongTags:
    """Title, credits and picture for inside a sound file."""
    return SongTags(
        title=both(sheet.title_km, sheet.title_en),
        artist=in_both(BAND),
        year=str(sheet.year or ""),
        language=sheet.language,
        credits=_by_role(sheet),
        cover=_cover(backends, sheet),
    )


def both(km: str, en: str) -> str:
    """A text in both languages in one row, once where they are the same."""
    return " · ".join(dict.fromkeys(filter(None, (km, en))))


def in_both(message: Message) -> str:
    """What we say ourselves, in both languages in one row."""
    return both(message.said("km"), message.text)


def _by_role(sheet: ExportSheet) -> dict[str, str]:
    named: dict[str, list[str]] = {}
    for one in sheet.credits:
        named.setdefault(one.role_name.text, []).append(both(one.km, one.en))
    return {role: ", ".join(names) for role, names in named.items()}


def _cover(backends: Backends, sheet: ExportSheet) -> Cover:
    """The song's cover where it is one that players show, and else the picture sewn from its words."""
    if sheet.cover_key.endswith((".png", ".jpg", ".jpeg")):
        try:
            cover = Cover(backends.store.get_bytes(sheet.cover_key))
            if cover.mime:
                return cover
        except (BlobMissing, ValueError):
            pass
    return Cover(drawn(sheet.rows))
