"""Why the gate said yes or no, in words that can be read to a narrator."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "granted": {
        "km": "អ្នកនិទានបានអនុញ្ញាត។",
        "en": "The narrator allows it.",
    },
    "steward": {
        "km": "អ្នកថែរក្សាត្រូវមើល ដើម្បីគ្រប់គ្រងការយល់ព្រម។",
        "en": "A steward needs it to look after consent.",
    },
    "own": {
        "km": "ជាពាក្យរបស់ក្រុមផ្ទាល់។",
        "en": "These are the band's own words.",
    },
    "unknown": {
        "km": "រកមិនឃើញទេ។",
        "en": "There is no such thing here.",
    },
    "withdrawn": {
        "km": "អ្នកនិទានបានដកការយល់ព្រមវិញហើយ។",
        "en": "The narrator has taken consent back.",
    },
    "not-granted": {
        "km": "អ្នកនិទានមិនបានអនុញ្ញាតរឿងនេះទេ។",
        "en": "The narrator has not allowed this.",
    },
    "not-listed": {
        "km": "អ្នកនិទានមិនបានអនុញ្ញាតឱ្យបង្ហាញថាមានទីបន្ទាល់នេះទេ។",
        "en": "The narrator has not allowed the testimony to be listed.",
    },
    "not-yet": {
        "km": "អ្នកនិទានបានអនុញ្ញាត តែមិនទាន់ដល់ថ្ងៃនៅឡើយទេ។",
        "en": "The narrator allows it from a later day.",
    },
    "ended": {
        "km": "ការអនុញ្ញាតរបស់អ្នកនិទានបានផុតកំណត់ហើយ។",
        "en": "The time for which the narrator allowed it is over.",
    },
    "not-approved": {
        "km": "អត្ថបទនៅមិនទាន់មានអ្នកពិនិត្យ និងយល់ព្រមនៅឡើយទេ។",
        "en": "No transcript has been approved by a person yet.",
    },
    "not-heard": {
        "km": "ផ្នែកដែលបានលុប នៅមិនទាន់មានអ្នកស្ដាប់ផ្ទៀងផ្ទាត់នៅឡើយទេ។",
        "en": "Nobody has listened yet to what was taken out.",
    },
    "not-heard-through": {
        "km": "មុនសំឡេងនេះចេញទៅក្រៅក្រុម ត្រូវមានម្នាក់ក្នុងក្រុមស្ដាប់ឱ្យចប់សិន។",
        "en": "Before it is heard outside the band, somebody of the band first listens to the end.",
    },
    "redacted": {
        "km": "មានផ្នែកខ្លះត្រូវលុបចេញ ដូច្នេះសាធារណជនបានតែអត្ថបទដែលលុបរួច។",
        "en": "Parts are taken out, so the public has the redacted form only.",
    },
    "no-parent": {
        "km": "មិនដឹងថាមកពីទីបន្ទាល់ណា ដូច្នេះមិនអាចបើកបានទេ។",
        "en": "It does not say which testimony it came from, so it is not served.",
    },
}


def words(reason: str, language: str) -> str:
    """The reason in `language`, Khmer where that language is not spoken here."""
    sentence = WORDS[reason]
    return sentence.get(language) or sentence["km"]
