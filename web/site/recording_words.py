"""Recordings on their way, in words: stages, states and refusals, Khmer and English side by side."""

from __future__ import annotations

from typing import Final

from ingest.stages.taken_back import TakenBack
from media import refused
from web.site.language import language, number, say

STAGES: Final = {
    "receive": ("រក្សាទុកសំឡេងដើម", "Keeping the original"),
    "probe": ("ស្ដាប់ពិនិត្យ", "Listening through"),
    "derive": ("ធ្វើសំឡេងសម្រាប់ស្ដាប់", "Making the listening file"),
    "step": ("ស្ដាប់ថាត្រូវចង្វាក់គ្នា", "Hearing whether it keeps in step"),
    "align": ("ដាក់បន្ទាត់ឱ្យត្រូវពេល", "Placing the lines"),
    "transcribe": ("សរសេរពាក្យ", "Writing down the words"),
    "tag": ("រកប្រធានបទ", "Finding themes"),
    "link": ("រកបទចម្រៀងដែលជាប់គ្នា", "Looking for songs"),
    "index": ("ធ្វើឱ្យរកឃើញ", "Making it findable"),
    "remake": ("ធ្វើសំឡេងសម្រាប់ស្ដាប់ឡើងវិញ", "Making the listening file again"),
    "redact": ("ដកអ្វីដែលបានគូសចេញ", "Taking out what is marked"),
}
STATES: Final = {
    "waiting": ("កំពុងរង់ចាំវេន", "Waiting its turn"),
    "working": ("កំពុងធ្វើ", "Under way"),
    "ready": ("រួចរាល់", "Ready"),
    "needs-a-person": ("ត្រូវការមនុស្ស", "Needs a person"),
    "failed": ("បរាជ័យ", "Failed"),
    "cancelled": ("បានបញ្ឈប់", "Stopped"),
}
CONSENTS: Final = {
    "band-only": ("មានតែក្រុមទេដែលស្ដាប់បាន", "Only the band may hear this"),
    "band-songs": (
        "ក្រុមស្ដាប់បាន ហើយយកពាក្យទៅធ្វើបទចម្រៀងបាន",
        "The band may hear it, and its words may go into songs",
    ),
    "listed-sealed": (
        "គេអាចដឹងថាមានរឿងនេះ តែមានតែក្រុមទេដែលស្ដាប់បាន",
        "People may know it is here; only the band may hear it",
    ),
    "heard-not-quoted": (
        "អ្នកណាក៏ស្ដាប់បាន តែកុំយកពាក្យទៅច្រៀង",
        "Everyone may listen, but its words stay out of songs",
    ),
    "public": (
        "អ្នកណាក៏ស្ដាប់ អាន និងច្រៀងបាន ក្រោមឈ្មោះដែលខ្ញុំជ្រើស",
        "Everyone may hear, read and sing it, under the name I chose",
    ),
    "public-on-air": (
        "អ្នកណាក៏ស្ដាប់ អាន និងច្រៀងបាន ក្រោមឈ្មោះដែលខ្ញុំជ្រើស ទាំងតាមវិទ្យុ និងទូរទស្សន៍",
        "Everyone may hear, read and sing it, under the name I chose, on radio and television too",
    ),
}
METHODS: Final = {
    "recorded-verbal": ("និយាយយល់ព្រមក្នុងការថតសំឡេង", "Said so in the recording"),
    "thumbprint": ("ផ្ដិតមេដៃ", "Thumbprint"),
    "signed": ("ចុះហត្ថលេខា", "Signed"),
    "witnessed": ("និយាយនៅមុខសាក្សី", "Said so before a witness"),
}
REFUSALS: Final[dict[type[refused.Refused], tuple[str, str]]] = {
    refused.EmptyFile: (
        "ឯកសារនេះទទេ។ សូមពិនិត្យលើទូរសព្ទ រួចផ្ញើម្ដងទៀត។",
        "The file is empty. Look on the telephone and send it again.",
    ),
    refused.NotSound: ("ឯកសារនេះមិនមែនជាសំឡេងទេ។", "This file is not a sound recording."),
    refused.NoSoundTrack: ("វីដេអូនេះគ្មានសំឡេងទេ។", "This film has no sound in it."),
    refused.PlaylistRefused: (
        "ឯកសារនេះជាបញ្ជី មិនមែនជាសំឡេងទេ។ សូមផ្ញើសំឡេងផ្ទាល់។",
        "This is a list of files and not a sound. Send the recording itself.",
    ),
    TakenBack: (
        "ម្ចាស់រឿងបានដកការថតនេះវិញហើយ ហើយមានតែម្ចាស់រឿងទេដែលបើកវាវិញបាន។ សូមសួរអ្នកថែរក្សាបណ្ណសារ។",
        "Its narrator took this recording back, and only she reopens it. Ask a steward of the archive.",
    ),
    refused.TooLong: ("ការថតនេះវែងពេក។ សូមកាត់វាជាពីរ។", "This recording is too long. Cut it in two."),
}


def refusal(error: refused.Refused) -> str:
    """Why a file was not taken: our words for its kind, or else the sentence it brings."""
    return late_refusal(type(error).__name__, error.reason)


def late_refusal(kind: str, reason: str) -> str:
    """As `refusal`, of something refused after a closer look, of which only the name of the kind is left."""
    for known, words in REFUSALS.items():
        if known.__name__ == kind:
            return say(*words)
    return say("ឯកសារនេះខូច៖ មិនអាចស្ដាប់បានទេ។", reason)


def stage(name: str) -> str:
    return say(*STAGES.get(name, (name, name)))


def state(name: str) -> str:
    return say(*STATES.get(name, (name, name)))


def reason(stored: str) -> str:
    """A reason from a recording's row, with its stage in the words of the page."""
    name, colon, rest = stored.partition(": ")
    return f"{stage(name)}{colon}{rest}" if name in STAGES else stored


def left(seconds: int | None) -> str:
    """About how long it will still take; empty where nobody knows."""
    if seconds is None:
        return ""
    if seconds < 50:
        return say("តិចជាងមួយនាទីទៀត", "less than a minute left")
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        unit = "minute" if minutes == 1 else "minutes"
        return say("ប្រហែល {n} នាទីទៀត", "about {n} " + unit + " left", n=minutes)
    return say("ប្រហែល {n} ម៉ោងទៀត", "about {n} hours left", n=round(minutes / 60))


def share(fraction: float) -> str:
    """How much is done, as a percentage in the digits of the page."""
    text = number(int(fraction * 100))
    return f"{text} %" if language() == "en" else f"{text}%"


def later() -> str:
    """Of a recording that was kept while the queue could not be reached."""
    return say(
        "បានទទួល និងរក្សាទុកហើយ។ ជួរការងារមិនឆ្លើយតបទេ ដូច្នេះការងារលើវានឹងចាប់ផ្ដើមយឺតបន្តិច។",
        "It has come in and is kept. The queue does not answer, so work on it begins a little later.",
    )
