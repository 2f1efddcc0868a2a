"""The words for each form a song can be taken in, and for why it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from archive.songs.song_export import ExportSheet
from ingest.exports import export_jobs
from ingest.exports.export_jobs import Note
from ingest.exports.song_files import Form, offered
from web.site.language import _, _l
from web.site.sizes import size
from web.site.viewer import backends

NAMES = {
    "mp3": (
        _l("Sound, MP3"),
        _l("For any telephone. The words are inside."),
    ),
    "m4a": (_l("Sound, M4A"), _l("Smaller than MP3, and sounds the same.")),
    "mp3-instrumental": (
        _l("Music alone, MP3"),
        _l("Without the singer, to sing to."),
    ),
    "video-wide": (
        _l("Karaoke video, wide"),
        _l("For televisions and projectors."),
    ),
    "video-tall": (_l("Karaoke video, tall"), _l("For telephones.")),
    "video-wide-instrumental": (
        _l("Video, wide, without the singer"),
        _l("For singing together."),
    ),
    "video-tall-instrumental": (
        _l("Video, tall, without the singer"),
        _l("For singing with a telephone."),
    ),
    "radio": (
        _l("For the radio"),
        _l(
            "WAV and MP3 at broadcast loudness, −23 LUFS, a cue sheet, the translation, and what each narrator allowed."
        ),
    ),
    "sheet": (_l("Lyric sheet, PDF"), _l("On one page, in all its languages.")),
    "sheet-large": (_l("Lyric sheet in large print, PDF"), _l("For eyes that read with effort.")),
    "lrc": ("LRC", _l("Words by the line, for music players.")),
    "lrc-words": (_l("LRC by the word"), _l("The words light up one by one.")),
    "srt": ("SRT", _l("Subtitles for a video.")),
    "vtt": ("WebVTT", _l("Subtitles for a web page.")),
    "ass": ("ASS", _l("Karaoke subtitles, for people who cut video.")),
    "ultrastar": (
        "UltraStar",
        _l("For singing games. Put it beside the MP3."),
    ),
    "ttml": ("TTML", _l("For television.")),
}

GROUPS = (
    ("sound", _l("Sound")),
    ("video", _l("Video")),
    ("broadcast", _l("Radio")),
    ("paper", _l("Paper")),
    ("words", _l("Words with their times")),
)

REFUSALS = {
    "no-sound": _l("There is no recording of this song yet."),
    "no-words": _l("It has no words yet."),
    "untimed": _l("The words have no times yet."),
    "held": _l("A line waits for a decision. Until then the sound stays here."),
    "not-public": _l("The song is not open to everybody yet, so it cannot go on the air."),
    "consent": _l("Somebody whose words are in it has not agreed to this."),
    "not-on-air": _l("Somebody whose words are in it has not allowed radio and television. A steward can ask."),
    "band": "",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One row of what may be taken: the form in words, how large it is, and how far its making is."""

    form: Form
    name: str
    about: str
    size: str
    note: Note

    @property
    def ready(self) -> bool:
        return self.form.at_once or self.note.state == "ready"


@dataclass(frozen=True, slots=True)
class FormGroup:
    """Forms of one kind, or the sentence that says why there are none."""

    kind: str
    name: str
    ways: tuple[Way, ...]
    refused: str


def groups(sheet: ExportSheet, refused: dict[str, str]) -> list[FormGroup]:
    """What may be taken of the song, by kind; a kind that is not for this viewer at all is not there."""
    found = []
    for kind, name in GROUPS:
        why = refused[kind]
        if why == "band":
            continue
        ways = () if why else tuple(way(sheet, form) for form in offered(sheet) if form.kind == kind)
        found.append(FormGroup(kind, str(name), ways, refusal(why)))
    return found


def refusal(why: str) -> str:
    """Why it cannot be had, as a sentence; empty where it can."""
    return str(REFUSALS[why]) if why else ""


def way(sheet: ExportSheet, form: Form) -> Way:
    name, about = (str(text) for text in NAMES[form.name])
    note = Note("ready", 1.0) if form.at_once else export_jobs.export_state(backends(), sheet, form)
    return Way(form, name, about, _size(sheet, form, note), note)


def _size(sheet: ExportSheet, form: Form, note: Note) -> str:
    if form.at_once:
        return ""
    if note.state == "ready":
        return size(backends().store.size(export_jobs.key_of(sheet, form)))
    guess = form.bytes_a_second * (sheet.tracks[0].duration_ms or 0) // 1000 if sheet.tracks else 0
    return _("about {size}", size=size(guess)) if guess else ""
