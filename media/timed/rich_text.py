"""Rich Text Format (.rtf), version 1.9.1: the words of a document, with its tables, notes and boxes.

Groups and control words are gone through once, from the first to the last; pictures, styles and all destinations that
hold no words are passed over. Text that was deleted with tracked changes, and hidden text, is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from archive.language.messages import Message
from media.timed.limits import TooMuch, Unreadable
from media.timed.pages import PageWriter, WrittenPages

_TOKEN = re.compile(
    rb"\\(?:(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,9})? ?|'(?P<byte>[0-9a-fA-F]{2})|(?P<sign>[^a-zA-Z]))"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)"
)
_DEEPEST, _MOST_TOKENS = 200, 700_000
_PASSED_OVER = frozenset(
    b"colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf generator "
    b"listtable listoverridetable rsidtbl themedata colorschememapping datastore latentstyles xmlnstbl fldinst "
    b"revtbl filetbl bkmkstart bkmkend pntext pntxta pntxtb nonshppict annotation atnid atnauthor template".split()
)
_LOOKED_INTO = frozenset({b"shpinst", b"shptxt", b"shp"})
_CHARACTERS = {
    b"tab": "\t", b"line": "\n", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"emdash": "—", b"endash": "–", b"bullet": "•", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_SIGNS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_CODE_PAGES = {0: 1252, 1: 1252, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874,
               238: 1250}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside a pair of braces."""

    font: int = -1
    after_u: int = 1
    passed: bool = False
    fonts: bool = False
    note: bool = False
    box: bool = False


def pages(data: bytes) -> WrittenPages:
    """The document's paragraphs and tables. Raises Unreadable and TooMuch."""
    if not data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf"):
        raise Unreadable(Message("The file is not in Rich Text Format (.rtf), or it is damaged."))
    return _Reading().through(data)


class _Reading:
    def __init__(self) -> None:
        self._pages = PageWriter()
        self._groups = [_Group()]
        self._fonts: dict[int, tuple[str, str]] = {}  # by number: name, encoding
        self._naming = -1
        self._encoding, self._default = "cp1252", -1
        self._held = bytearray()
        self._skip = 0  # characters that stand for a \u that was understood
        self._paragraph = self._row_open = self._in_table = self._ignorable = self._table = False
        self._high = 0

    def through(self, data: bytes) -> WrittenPages:
        for number, match in enumerate(_TOKEN.finditer(data)):
            if number > _MOST_TOKENS:
                raise TooMuch(Message("The document has more parts, or deeper ones, than a transcript can have."))
            kind = match.lastgroup
            if match["byte"] is not None:
                self._byte(int(match["byte"], 16))
                continue
            if match["text"] is not None:
                self._raw(match["text"])
                continue
            self._flush()
            if kind == "brace":
                self._brace(match["brace"])
            elif match["sign"] is not None:
                self._sign(match["sign"])
            else:
                self._control(match["word"], int(match["number"]) if match["number"] is not None else None)
        self._flush()
        self._end_paragraph()
        return self._pages.pages()

    def _brace(self, brace: bytes) -> None:
        self._skip = 0
        self._ignorable = False
        if brace == b"{":
            if len(self._groups) >= _DEEPEST:
                raise TooMuch(Message("The document has more parts, or deeper ones, than a transcript can have."))
            self._groups.append(replace(self._groups[-1], note=False, box=False))
        elif len(self._groups) > 1:
            group = self._groups.pop()
            if group.note or group.box:
                self._end_paragraph()
                if group.note:
                    self._pages.end_note()
                self._paragraph = True

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._ignorable = True
        elif sign in _SIGNS:
            self._said(_SIGNS[sign])

    def _control(self, word: bytes, number: int | None) -> None:
        group = self._groups[-1]
        if (self._ignorable and word not in _LOOKED_INTO) or word in _PASSED_OVER:
            self._groups[-1] = replace(group, passed=True)
        elif word == b"fonttbl":
            self._groups[-1] = replace(group, fonts=True)
        elif word in (b"footnote", b"shptxt") and not group.passed:
            self._begin_paragraph()
            if word == b"footnote":
                self._pages.note()
            self._pages.paragraph(0)
            self._groups[-1] = replace(group, note=word == b"footnote", box=word == b"shptxt")
        elif word in (b"deleted", b"v"):
            self._groups[-1] = replace(group, passed=number != 0)
        elif word == b"f" and number is not None:
            self._naming = number
            self._groups[-1] = replace(group, font=number)
        elif word in (b"uc", b"u") and number is not None:
            self._unicode(word, number)
        elif word in _CHARACTERS:
            self._said(_CHARACTERS[word])
        else:
            self._setting(word, number)
        self._ignorable = False

    def _setting(self, word: bytes, number: int | None) -> None:
        if word == b"plain":
            self._groups[-1] = replace(self._groups[-1], font=self._default)
        elif word == b"deff" and number is not None:
            self._default = number
            self._groups[-1] = replace(self._groups[-1], font=number)
        elif word == b"fcharset" and number is not None and self._groups[-1].fonts:
            name = self._fonts.get(self._naming, ("", ""))[0]
            self._fonts[self._naming] = name, f"cp{_CODE_PAGES.get(number, 1252)}"
        elif word == b"ansicpg" and number is not None and 874 <= number <= 1258:
            self._encoding = f"cp{number}" if number in _CODE_PAGES.values() else "cp1252"
        elif not self._groups[-1].passed:
            self._layout(word)

    def _layout(self, word: bytes) -> None:
        if word in (b"par", b"sect", b"page"):
            self._end_paragraph()
        elif word == b"pard":
            self._in_table = False
        elif word in (b"intbl", b"trowd"):
            self._in_table = True
        elif word in (b"cell", b"nestcell"):
            self._in_table = True
            self._begin_paragraph()
            self._end_paragraph()
            self._pages.end_cell()
            self._pages.cell()
        elif word in (b"row", b"nestrow") and self._table:
            self._pages.end_row()
            self._pages.row()

    def _unicode(self, word: bytes, number: int) -> None:
        if word == b"uc":
            self._groups[-1] = replace(self._groups[-1], after_u=max(0, min(number, 8)))
            return
        code = number % 0x10000
        if 0xD800 <= code < 0xDC00:
            self._high = code
        elif 0xDC00 <= code < 0xE000:
            self._said(chr(0x10000 + ((self._high & 0x3FF) << 10) + (code & 0x3FF)) if self._high else "")
            self._high = 0
        else:
            self._said(chr(code))
        self._skip = self._groups[-1].after_u

    def _raw(self, text: bytes) -> None:
        if self._groups[-1].fonts:
            name, encoding = self._fonts.get(self._naming, ("", ""))
            if len(self._fonts) < 1000:
                self._fonts[self._naming] = (name + text.decode("latin-1"))[:80].rstrip(";"), encoding
            return
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        self._held += text[skipped:]

    def _byte(self, value: int) -> None:
        if self._skip:
            self._skip -= 1
        elif not self._groups[-1].fonts:
            self._held.append(value)

    def _flush(self) -> None:
        if self._held:
            _, encoding = self._fonts.get(self._groups[-1].font, ("", ""))
            held, self._held = bytes(self._held), bytearray()
            self._said(held.decode(encoding or self._encoding, "replace"))

    def _said(self, text: str) -> None:
        if self._groups[-1].passed or self._groups[-1].fonts or not text:
            return
        self._begin_paragraph()
        self._pages.text(text, self._fonts.get(self._groups[-1].font, ("", ""))[0])

    def _begin_paragraph(self) -> None:
        if self._paragraph:
            return
        if self._in_table and not self._table:
            self._table = True
            self._pages.table()
            self._pages.row()
            self._pages.cell()
        elif self._table and not self._in_table:
            self._table = False
            self._pages.end_table()
        self._paragraph = True
        self._pages.paragraph(0)

    def _end_paragraph(self) -> None:
        if self._paragraph:
            self._paragraph = False
            self._pages.end_paragraph()
