"""What the studio says, Khmer and English side by side: kinds, states, and why something could not be done."""

from __future__ import annotations

from typing import Any, Final

from archive.songs import arrangements
from archive.songs.arrangements import Offer
from media.offset import TOLERANCE_MS
from web.site import recording_words as arriving
from web.site.language import clock, language, number, say

KINDS: Final = {
    "studio": ("ថតក្នុងស្ទូឌីយោ", "Studio"),
    "live": ("ថតផ្ទាល់", "Live"),
    "instrumental": ("ភ្លេងសុទ្ធ", "Instrumental"),
    "guide": ("សំឡេងនាំ", "Guide voice"),
}
STATES: Final = {
    "draft": ("ព្រាង", "Draft"),
    "published": ("បានផ្សាយ", "Published"),
    "held": ("ផ្អាកទុក", "Held"),
    "retired": ("លែងប្រើ", "Retired"),
}
EDITS: Final = {
    "tap": ("ចុចដាក់ពេល", "Tapped"),
    "hold": ("ដាក់ប្រវែង", "Held for length"),
    "nudge": ("រំកិល", "Nudged"),
    "shift": ("រំកិលទាំងអស់ពីទីនេះ", "Shifted all from here"),
    "drag": ("អូស", "Dragged"),
    "pattern": ("យកលំនាំបន្ទរ", "Took the chorus pattern"),
    "unlink": ("ផ្ដាច់ពីបន្ទរ", "Unlinked"),
    "clear": ("លុបពេល", "Cleared"),
    "words": ("កែពាក្យ", "Cut words"),
    "romanised": ("អក្សរឡាតាំង", "Romanised"),
    "import": ("យកពេលពីឯកសារ", "Brought in from a file"),
    "take-back": ("យកមកវិញ", "Taken back"),
    "undo": ("ធ្វើវិញ", "Undone"),
    "machine": ("ម៉ាស៊ីនបានដាក់បន្ទាត់", "The machine placed lines"),
    "added": ("បានថែមសំឡេង", "Added a recording"),
    "renamed": ("បានប្ដូរប្រភេទសំឡេង", "Changed a recording"),
    "removed": ("បានដកសំឡេងចេញ", "Took a recording away"),
}
_WRONG: Final = {
    "The change could not be read. Load the page again.": "អានការកែមិនបាន។ សូមផ្ទុកទំព័រឡើងវិញ។",
    "The studio knows no such change.": "ស្ទូឌីយោមិនស្គាល់ការកែបែបនេះទេ។",
    "The words of the song have changed since. Load the page again.": "ពាក្យចម្រៀងបានប្ដូរហើយ។ សូមផ្ទុកទំព័រឡើងវិញ។",
    "This line is held: its source is not to be sung. It cannot be changed now.": (
        "បន្ទាត់នេះត្រូវផ្អាកទុក៖ ពាក្យដើមមិនឱ្យច្រៀងទេ។ ឥឡូវកែមិនបាន។"
    ),
    "Only Khmer lines are cut into words; others have spaces.": "មានតែបន្ទាត់ខ្មែរទេដែលកាត់ជាពាក្យ ព្រោះភាសាផ្សេងមានដកឃ្លា។",
    "The words do not make up the line any more. Load the page again.": "ពាក្យផ្គុំមិនត្រូវនឹងបន្ទាត់ទៀតទេ។ សូមផ្ទុកទំព័រឡើងវិញ។",
    "A word cannot be cut inside a letter and its signs.": "កាត់ពាក្យនៅកណ្ដាលតួអក្សរ និងស្រៈរបស់វាមិនបានទេ។",
    "A word needs a letter.": "ពាក្យមួយត្រូវមានតួអក្សរ។",
    "There is nothing to undo any more.": "គ្មានអ្វីត្រូវធ្វើវិញទៀតទេ។",
    "A line cannot end before it begins.": "បន្ទាត់មិនអាចចប់មុនវាចាប់ផ្ដើមទេ។",
    "Choose what kind of recording it is.": "សូមជ្រើសថាជាសំឡេងប្រភេទអ្វី។",
    "The archive has this sound already, and it is not a song's.": "បណ្ណសារមានសំឡេងនេះរួចហើយ ហើយវាមិនមែនជាចម្រៀងទេ។",
    "The archive has this recording already.": "បណ្ណសារមានសំឡេងនេះរួចហើយ។",
    "It is still being listened through.": "កំពុងស្ដាប់ពិនិត្យនៅឡើយ។",
    "It does not keep in step with the voice, so it cannot stand beside it.": (
        "វាមិនត្រូវចង្វាក់នឹងសំឡេងច្រៀងទេ ដូច្នេះដាក់ទន្ទឹមគ្នាមិនបាន។"
    ),
    "The recording is not ready yet.": "សំឡេងមិនទាន់រួចទេ។",
    "The recording is not in the archive any more.": "សំឡេងនេះលែងមានក្នុងបណ្ណសារហើយ។",
    "The song has no words yet.": "បទនេះមិនទាន់មានពាក្យទេ។",
}


def wrong(error: Exception) -> str:
    """Why something could not be done, in the language of the page."""
    sentence = str(error)
    return say(_WRONG.get(sentence, sentence), sentence)


def kind(name: str) -> str:
    return say(*KINDS.get(name, (name, name)))


def state(name: str) -> str:
    return say(*STATES.get(name, (name, name)))


def edit(name: str) -> str:
    return say(*EDITS.get(name, (name, name)))


def step(offer: Offer) -> str:
    """Whether an offered recording keeps in step, and where it does not."""
    told, found = offer.offered.step, offer.offered.found
    if offer.recording.state == "failed":
        return arriving.reason(offer.recording.reason)
    if told == "coming":
        stage = arriving.stage(offer.stage) if offer.stage else say("កំពុងរង់ចាំវេន", "Waiting its turn")
        return f"{stage} · {arriving.share(offer.progress)}" if offer.stage else stage
    if told == "own-time":
        return say("នេះជាសំឡេងទីមួយរបស់បទ។", "It is the song's first recording.")
    if told == "nothing-common":
        return say(
            "រកភ្លេងដូចគ្នាមិនឃើញទេ។ វាប្រហែលជាបទផ្សេង លេងម្ដងផ្សេង ឬលឿនយឺតខុសគ្នាលើសពីមួយភាគរយ។",
            "It shares no accompaniment with the song's first recording. "
            "It may be another song, another take, or run more than one percent faster or slower.",
        )
    if told == "in-step":
        return _in_step(offer.offered.offset_ms, found)
    return _another_speed(found) if found.get("another_speed") else _apart(found, offer.offered.offset_ms)


def _in_step(offset_ms: int, found: dict[str, Any]) -> str:
    spread = max(1, round(found.get("spread_ms", 0)))
    return say(
        "ត្រូវចង្វាក់ពីដើមដល់ចប់ (ខុសគ្នាច្រើនបំផុត {spread} មិល្លីវិនាទី)។ វាចាប់ផ្ដើម {late} មិល្លីវិនាទី{way}។",
        "In step from beginning to end, to {spread} ms. It begins {late} ms {way}.",
        spread=spread,
        late=abs(offset_ms),
        way=say("ក្រោយ", "later") if offset_ms < 0 else say("មុន", "earlier"),
    )


def _another_speed(found: dict[str, Any]) -> str:
    drift, windows = float(found["drift_ppm"]), found["windows"]
    return say(
        "ជាបទដដែល តែលេង{way}សំឡេងទីមួយ {share} ភាគរយ។ ពីដើមដល់ចប់ វាឃ្លាត {ms} មិល្លីវិនាទី ដូច្នេះដាក់ទន្ទឹមគ្នាមិនបានទេ។ "
        "សូមយកឯកសារដែលមានល្បឿនដូចសំឡេងទីមួយ។",
        "It is the same song, {share} % {way} than the first recording. From beginning to end it drifts by {ms} ms, "
        "so the two cannot stand side by side. Bring it at the first recording's speed.",
        share=_share(abs(drift) / 10_000),
        way=say("យឺតជាង", "slower") if drift > 0 else say("លឿនជាង", "faster"),
        ms=round(abs(windows[-1][1] - windows[0][1])),
    )


def _apart(found: dict[str, Any], offset_ms: int) -> str:
    places = arrangements.drift_places(found, offset_ms, TOLERANCE_MS)
    told = say(" និង ", " and ").join(
        say("{ms} មិល្លីវិនាទី នៅ {at}", "{ms} ms at {at}", ms=abs(by), at=clock(at)) for at, by in places
    )
    if not told:
        return say(
            "ស្ដាប់ឮភ្លេងដូចគ្នាតែមួយភាគប៉ុណ្ណោះ ដូច្នេះមិនដឹងថាត្រូវចង្វាក់ដល់ចប់ទេ។",
            "The same accompaniment is heard in a part of it only, so nobody can say that it keeps in step to the end.",
        )
    return say("មិនត្រូវចង្វាក់ទេ៖ ឃ្លាត {told}។", "Not in step: it is out by {told}.", told=told)


def _share(value: float) -> str:
    """A share with two places after the point, in the page's digits."""
    text = f"{value:.2f}"
    return text if language() == "en" else "".join(number(int(one)) if one.isdigit() else "," for one in text)
