"""The rows of words in a piece of HTML, as transcribing programs keep their text in: tags come and go, words stay.

oTranscribe marks a moment as `<span class="timestamp" data-timestamp="62.5">`, noScribe puts every passage between
`<a name="ts_START_END_SPEAKER">` and `</a>`, in milliseconds. Nothing is built and nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.language.messages import Message
from media.timed.limits import LONGEST_LINE, TOO_LONG, TooMuch, Unreadable, checked_ms, decimal_ms, whole
from media.timed.markup import unescaped

_PIECE = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,15})(?P<rest>[^<>]*+)>|<[!?][^<>]*+>|(?P<text>[^<]++)|<"
)
_HIDDEN = frozenset({"style", "script", "head", "title"})
_BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4"})
_MOMENT = re.compile(r"\bdata-timestamp\s?=\s?[\"']?(\d{1,7}(?:\.\d{1,9})?)")
_PASSAGE = re.compile(r"\bname\s?=\s?[\"']ts_(\d{1,9})_(\d{1,9})_([^\"'<>]{0,80})[\"']")
_CLOCK_TEXT = re.compile(r"\s{0,8}[\[(]?\d{1,2}:\d\d(?::\d\d)?[\])]?")
_MOST_ROWS, _MOST_PIECES = 100_000, 700_000


@dataclass(slots=True)
class HtmlRow:
    """A row, or a passage inside one, with the times that the markup gives it in milliseconds."""

    text: str = ""
    start_ms: int | None = None
    end_ms: int | None = None
    speaker: str | None = None


def rows(document: str) -> list[HtmlRow]:
    """The rows of a document, empty ones left out. Raises Unreadable."""
    reading = _Reading()
    for number, match in enumerate(_PIECE.finditer(document)):
        if number > _MOST_PIECES:
            raise TooMuch(Message("The document has more parts, or deeper ones, than a transcript can have."))
        if match["text"] is not None:
            reading.text(match["text"])
        elif match["name"] is not None:
            reading.tag(match["name"].lower(), match["rest"], bool(match["end"]))
    reading.close()
    return [row for row in reading.found if row.text]


class _Reading:
    def __init__(self) -> None:
        self.found: list[HtmlRow] = []
        self._row, self._pieces = HtmlRow(), [""]
        self._length = 0
        self._hidden = ""
        self._after_moment = False

    def text(self, piece: str) -> None:
        if self._hidden:
            return
        said = unescaped(piece)
        if self._after_moment:  # the moment written out once more, for people
            said, self._after_moment = _CLOCK_TEXT.sub("", said, count=1), False
        self._length += len(said)
        if self._length > 4 * LONGEST_LINE:
            raise TooMuch(TOO_LONG, n=LONGEST_LINE)
        self._pieces.append(said)

    def tag(self, name: str, rest: str, ends: bool) -> None:
        if name in _HIDDEN:
            self._hidden = "" if ends and name == self._hidden else self._hidden or ("" if ends else name)
        elif self._hidden:
            return
        elif name == "a":
            self._anchor(rest, ends)
        elif name in _BREAKS:
            self.close()
        elif name == "span" and not ends and (moment := _MOMENT.search(rest)):
            self.close()
            self._row.start_ms = decimal_ms(moment[1], 1000)
            self._after_moment = True

    def _anchor(self, rest: str, ends: bool) -> None:
        if ends:
            if self._row.end_ms is not None:
                self.close()
        elif passage := _PASSAGE.search(rest):
            self.close()
            self._row.start_ms = checked_ms(whole(passage[1]))
            self._row.end_ms = checked_ms(whole(passage[2]))
            self._row.speaker = unescaped(passage[3]).strip() or None

    def close(self) -> None:
        self._row.text = " ".join("".join(self._pieces).split())
        if self._row.text:
            if len(self.found) >= _MOST_ROWS:
                raise Unreadable(Message("The document has more rows than a transcript can have."))
            self.found.append(self._row)
        self._row, self._pieces, self._length, self._after_moment = HtmlRow(), [], 0, False
