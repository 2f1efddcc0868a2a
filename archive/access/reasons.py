"""Why the gate said yes or no, in words that can be read to a narrator."""

from __future__ import annotations

from archive.language.messages import Message

WORDS: dict[str, Message] = {
    "granted": Message("The narrator allows it."),
    "steward": Message("A steward needs it to look after consent."),
    "own": Message("These are the band's own words."),
    "unknown": Message("There is no such thing here."),
    "withdrawn": Message("The narrator has taken consent back."),
    "not-granted": Message("The narrator has not allowed this."),
    "not-listed": Message("The narrator has not allowed the testimony to be listed."),
    "not-yet": Message("The narrator allows it from a later day."),
    "ended": Message("The time for which the narrator allowed it is over."),
    "not-approved": Message("No transcript has been approved by a person yet."),
    "not-heard": Message("Nobody has listened yet to what was taken out."),
    "not-heard-through": Message("Before it is heard outside the band, somebody of the band first listens to the end."),
    "redacted": Message("Parts are taken out, so the public has the redacted form only."),
    "no-parent": Message("It does not say which testimony it came from, so it is not served."),
}


def words(reason: str, language: str) -> str:
    """The reason in a language."""
    return WORDS[reason].said(language)
