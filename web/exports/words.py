"""The words for each form a song can be taken in, and for why it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from archive.songs.song_export import ExportSheet
from ingest.exports import export_jobs
from ingest.exports.export_jobs import Note
from ingest.exports.song_files import Form, offered
from web.site.language import language, number, say
from web.site.viewer import backends

_UNITS = ((1_000_000, "មេហ្គាបៃ", "MB"), (1000, "គីឡូបៃ", "KB"))

NAMES = {
    "mp3": (
        ("សំឡេង MP3", "Sound, MP3"),
        ("សម្រាប់ទូរស័ព្ទគ្រប់យ៉ាង។ មានពាក្យនៅខាងក្នុង។", "For any telephone. The words are inside."),
    ),
    "m4a": (("សំឡេង M4A", "Sound, M4A"), ("តូចជាង MP3 ហើយស្ដាប់ដូចគ្នា។", "Smaller than MP3, and sounds the same.")),
    "mp3-instrumental": (
        ("ភ្លេងសុទ្ធ MP3", "Music alone, MP3"),
        ("គ្មានសំឡេងច្រៀង សម្រាប់ច្រៀងខ្លួនឯង។", "Without the singer, to sing to."),
    ),
    "video-wide": (
        ("វីដេអូខារ៉ាអូខេ ទទឹង", "Karaoke video, wide"),
        ("សម្រាប់ទូរទស្សន៍ និងម៉ាស៊ីនបញ្ចាំង។", "For televisions and projectors."),
    ),
    "video-tall": (("វីដេអូខារ៉ាអូខេ បញ្ឈរ", "Karaoke video, tall"), ("សម្រាប់ទូរស័ព្ទ។", "For telephones.")),
    "video-wide-instrumental": (
        ("វីដេអូ ទទឹង គ្មានសំឡេងច្រៀង", "Video, wide, without the singer"),
        ("សម្រាប់ច្រៀងជាមួយគ្នា។", "For singing together."),
    ),
    "video-tall-instrumental": (
        ("វីដេអូ បញ្ឈរ គ្មានសំឡេងច្រៀង", "Video, tall, without the singer"),
        ("សម្រាប់ច្រៀងតាមទូរស័ព្ទ។", "For singing with a telephone."),
    ),
    "radio": (
        ("សម្រាប់វិទ្យុ", "For the radio"),
        (
            "WAV និង MP3 តាមកម្រិតផ្សាយ −23 LUFS ជាមួយក្រដាសមួយទំព័រ។",
            "WAV and MP3 at broadcast loudness, −23 LUFS, with a one-page sheet.",
        ),
    ),
    "lrc": (("LRC", "LRC"), ("ពាក្យរត់តាមបន្ទាត់ សម្រាប់កម្មវិធីចាក់ភ្លេង។", "Words by the line, for music players.")),
    "lrc-words": (("LRC តាមពាក្យ", "LRC by the word"), ("ពាក្យរត់ម្ដងមួយៗ។", "The words light up one by one.")),
    "srt": (("SRT", "SRT"), ("អក្សររត់សម្រាប់វីដេអូ។", "Subtitles for a video.")),
    "vtt": (("WebVTT", "WebVTT"), ("អក្សររត់សម្រាប់គេហទំព័រ។", "Subtitles for a web page.")),
    "ass": (("ASS", "ASS"), ("អក្សររត់ខារ៉ាអូខេ សម្រាប់អ្នកកាត់វីដេអូ។", "Karaoke subtitles, for people who cut video.")),
    "ultrastar": (
        ("UltraStar", "UltraStar"),
        ("សម្រាប់ហ្គេមច្រៀង។ ដាក់នៅក្បែរឯកសារ MP3។", "For singing games. Put it beside the MP3."),
    ),
    "ttml": (("TTML", "TTML"), ("សម្រាប់ទូរទស្សន៍។", "For television.")),
}

GROUPS = (
    ("sound", ("សំឡេង", "Sound")),
    ("video", ("វីដេអូ", "Video")),
    ("broadcast", ("វិទ្យុ", "Radio")),
    ("words", ("ពាក្យជាមួយពេលវេលា", "Words with their times")),
)

REFUSALS = {
    "no-sound": ("បទនេះមិនទាន់មានសំឡេងទេ។", "There is no recording of this song yet."),
    "untimed": ("ពាក្យមិនទាន់មានពេលវេលាទេ។", "The words have no times yet."),
    "held": (
        "មានបន្ទាត់មួយកំពុងរង់ចាំការសម្រេចចិត្ត។ មុនពេលនោះ សំឡេងនៅទីនេះ។",
        "A line waits for a decision. Until then the sound stays here.",
    ),
    "not-public": (
        "បទនេះមិនទាន់បើកសម្រាប់ទាំងអស់គ្នា ដូច្នេះមិនអាចផ្សាយបានទេ។",
        "The song is not open to everybody yet, so it cannot go on the air.",
    ),
    "consent": (
        "ម្ចាស់ពាក្យម្នាក់មិនបានឱ្យយកពាក្យទៅក្រៅតាមវិធីនេះទេ។",
        "Somebody whose words are in it has not agreed to this.",
    ),
    "not-on-air": (
        "ម្ចាស់ពាក្យម្នាក់មិនទាន់បានអនុញ្ញាតឱ្យផ្សាយតាមវិទ្យុ និងទូរទស្សន៍ទេ។ អ្នកថែរក្សាអាចសួរគាត់បាន។",
        "Somebody whose words are in it has not allowed radio and television. A steward can ask.",
    ),
    "band": ("", ""),
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
    for kind, (km, en) in GROUPS:
        why = refused[kind]
        if why == "band":
            continue
        ways = () if why else tuple(way(sheet, form) for form in offered(sheet) if form.kind == kind)
        found.append(FormGroup(kind, say(km, en), ways, refusal(why)))
    return found


def refusal(why: str) -> str:
    """Why it cannot be had, as a sentence; empty where it can."""
    return say(*REFUSALS[why]) if why else ""


def way(sheet: ExportSheet, form: Form) -> Way:
    (name, about) = (say(*words) for words in NAMES[form.name])
    note = Note("ready", 1.0) if form.at_once else export_jobs.export_state(backends(), sheet, form)
    return Way(form, name, about, _size(sheet, form, note), note)


def _size(sheet: ExportSheet, form: Form, note: Note) -> str:
    if form.at_once:
        return ""
    if note.state == "ready":
        return size(backends().store.size(export_jobs.key_of(sheet, form)))
    guess = form.bytes_a_second * (sheet.tracks[0].duration_ms or 0) // 1000 if sheet.tracks else 0
    return say("ប្រហែល {size}", "about {size}", size=size(guess)) if guess else ""


def size(count: int) -> str:
    """A number of bytes as people say it: `12 MB`, `340 KB`."""
    for unit, km, en in _UNITS:
        if count >= unit:
            whole = count / unit
            shown = number(round(whole)) if whole >= 10 else _tenths(whole)
            return f"{shown} {km if language() == 'km' else en}"
    return say("{count} បៃ", "{count} bytes", count=count)


def _tenths(value: float) -> str:
    whole, tenth = divmod(round(value * 10), 10)
    return f"{number(whole)}.{number(tenth)}"
