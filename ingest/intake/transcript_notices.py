"""What of a brought transcript is told to whoever brought it: where it came in otherwise than it stood in the file."""

from __future__ import annotations

from collections.abc import Mapping

from archive.language.messages import Message
from archive.language.numerals import in_digits_of

NOTICES = {
    "backwards": Message(
        "Passages that ended before they began: {n}, the first at {at}. They end where the next one begins."
    ),
    "scrolled": Message("Rows left out because they only scrolled on: {n}."),
    "names": Message("Taken for speakers, though they speak only once: {names}."),
    "encoding": Message("The file was not in UTF-8; it was read as {name}. Look whether its letters are right."),
    "legacy": Message("The words were in a Khmer font from before Unicode, and were converted. Look through them."),
    "legacy-doubt": Message(
        "These words may be in a Khmer font from before Unicode (Limon, ABC). "
        "If so, convert the file to Unicode and bring it in again."
    ),
    "coarse": Message("The file gives few times; those in between were reckoned from the length of the words."),
    "late": Message("The first words stand at {at}. If the file’s clock begins at a whole hour, have it taken away."),
}


def said(language: str, code: str, values: Mapping[str, str | int]) -> str:
    """One sentence in a language; moments, in milliseconds, as a clock in its digits."""
    shown: dict[str, object] = {name: value for name, value in values.items() if name != "at"}
    if isinstance(at := values.get("at"), int):
        clock = f"{at // 3_600_000}:{at // 60_000 % 60:02}:{at // 1000 % 60:02}"
        shown["at"] = in_digits_of(language, clock)
    return NOTICES[code].said(language, **shown)
