"""What a file says about itself: read from uploads with care, written into exports on purpose.

Tags of an upload are hints for the person who catalogues it and may name a narrator; they are shown to that person
and go nowhere else, since every derived file starts without any. mutagen raises more than its own errors on malformed
files.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import mutagen
from mutagen.id3 import APIC, ID3, TALB, TCOP, TDRC, TIT2, TLAN, TPE1, TPUB, TXXX, Encoding, PictureType
from mutagen.mp4 import MP4, MP4Cover

from archive.timing import TimedLine
from media.apart import Overrun, read_apart
from media.timed.lines import end_of, one_line
from media.timed.sylt import language_code, plain_frame, timed_frame

_LONGEST = 500
_CPU_S = 0.8
"""Tags are hints: whatever takes longer says nothing."""
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a recording that a cataloguer may want; empty where the file says nothing.

    `recorded` is the date as the file has it, often only a year; a phone's clock may be wrong.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    recorded: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture for the front of a song, PNG or JPEG."""

    data: bytes

    @property
    def mime(self) -> str:
        """Raises ValueError for anything but PNG and JPEG."""
        if self.data.startswith(_PNG):
            return "image/png"
        if self.data.startswith(_JPEG):
            return "image/jpeg"
        raise ValueError("a cover is a PNG or a JPEG picture")


@dataclass(frozen=True, slots=True)
class SongTags:
    """What an export says: names of our own choosing and nothing that came in with a file."""

    title: str
    artist: str = ""
    album: str = ""
    year: str = ""
    publisher: str = ""
    licence: str = ""
    language: str = "km"
    credits: Mapping[str, str] | None = None
    cover: Cover | None = None


_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("TIT2", "\u00a9nam", "title", "INAM"),
    "artist": ("TPE1", "\u00a9ART", "artist", "IART"),
    "album": ("TALB", "\u00a9alb", "album", "IPRD"),
    "recorded": ("TDRC", "TDOR", "\u00a9day", "date", "ICRD"),
    "comment": ("COMM", "\u00a9cmt", "comment", "description", "ICMT"),
}


def tags_apart(path: Path) -> Tags:
    """The tags of a file from outside, read in a process of their own; empty ones when that comes to nothing."""
    try:
        found = read_apart("media.tags:plainly", cpu_s=_CPU_S, path=str(path.absolute()))
    except (Overrun, UnicodeError):
        return Tags()
    return Tags(**found)


def plainly(_data: bytes, path: str) -> dict[str, str]:
    """What `tags_apart` reads, in the process made for it."""
    return asdict(read_tags(Path(path)))


def read_tags(path: Path) -> Tags:
    """The tags of a file; empty ones when there are none or they are malformed."""
    try:
        file = mutagen.File(path)
        found = dict(file.tags.items()) if file is not None and file.tags else {}
    except (mutagen.MutagenError, ValueError, LookupError, TypeError, OverflowError, EOFError, struct.error, OSError):
        return Tags()
    return Tags(**{field: _first(found, names) for field, names in _NAMES.items()})


def tag_song(path: Path, about: SongTags, lines: Sequence[TimedLine] = ()) -> None:
    """Put title, credits, cover and lyrics into an MP3 or M4A that we made; replaces every tag there.

    An MP3 carries the lyrics plain (USLT) and timed (SYLT); MP4 has a place for plain ones only.

    Raises:
        ValueError: for a file of another kind, or a cover that is no picture.
    """
    if path.suffix == ".mp3":
        _tag_mp3(path, about, lines)
    elif path.suffix in {".m4a", ".mp4"}:
        _tag_mp4(path, about, lines)
    else:
        raise ValueError(f"lyrics and credits go into .mp3 and .m4a files, not {path.suffix}")


def _tag_mp3(path: Path, about: SongTags, lines: Sequence[TimedLine]) -> None:
    tags = ID3()
    texts = (
        (TIT2, about.title),
        (TPE1, about.artist),
        (TALB, about.album),
        (TDRC, about.year),
        (TPUB, about.publisher),
        (TCOP, about.licence),
        (TLAN, language_code(about.language)),
    )
    for frame, text in texts:
        if text:
            tags.add(frame(encoding=Encoding.UTF16, text=one_line(text)))
    for role, names in (about.credits or {}).items():
        tags.add(TXXX(encoding=Encoding.UTF16, desc=one_line(role), text=one_line(names)))
    if about.cover is not None:
        front = PictureType.COVER_FRONT
        tags.add(APIC(encoding=Encoding.LATIN1, mime=about.cover.mime, type=front, desc="", data=about.cover.data))
    if lines:
        tags.add(plain_frame(lines, about.language))
        if any(line.placed and end_of(line) for line in lines):
            tags.add(timed_frame(lines, about.language))
    if _has_id3(path):
        ID3(path).delete(path)
    tags.save(path, v1=0, v2_version=3)


def _tag_mp4(path: Path, about: SongTags, lines: Sequence[TimedLine]) -> None:
    file: Any = MP4(path)
    file.delete()
    if file.tags is None:
        file.add_tags()
    names = "; ".join(f"{one_line(role)}: {one_line(who)}" for role, who in (about.credits or {}).items())
    texts = {
        "\u00a9nam": about.title,
        "\u00a9ART": about.artist,
        "\u00a9alb": about.album,
        "\u00a9day": about.year,
        "cprt": about.licence,
        "\u00a9cmt": names,
        "\u00a9lyr": "\n".join(one_line(line.text) for line in lines),
    }
    for key, text in texts.items():
        if text:
            file.tags[key] = [text]
    if about.cover is not None:
        kind = MP4Cover.FORMAT_PNG if about.cover.mime == "image/png" else MP4Cover.FORMAT_JPEG
        file.tags["covr"] = [MP4Cover(about.cover.data, imageformat=kind)]
    file.save()


def _has_id3(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == b"ID3"


def _first(found: Mapping[str, Any], names: Sequence[str]) -> str:
    for key, value in found.items():
        if any(key.split(":")[0].lower() == name.lower() for name in names):
            texts = getattr(value, "text", value)
            text = str(texts[0]) if isinstance(texts, list) and texts else str(texts)
            if shown := one_line(text)[:_LONGEST]:
                return shown
    return ""
