"""A Word document (.docx; ECMA-376 part 1, section 17), read as a stream: paragraphs, tables, boxes and notes.

What somebody added with tracked changes counts, what they took out does not; the copy of a box that is kept for older
programs (`mc:Fallback`) is passed over. Only the parts with words, notes and styles are unpacked.
"""

from __future__ import annotations

from collections.abc import Mapping

from archive.language.messages import Message
from media.timed.limits import Unreadable, not_too_many
from media.timed.packed import broken, opened
from media.timed.pages import PageWriter, WrittenPages
from media.timed.xml_events import walk

_WHAT = Message("a Word document (.docx)")
_MOST_STYLES = 4 * 1024 * 1024
_MOST_BASES = 12
_HEADINGS = ("heading", "title")
_PASSED_OVER = frozenset({"del", "moveFrom", "Fallback", "instrText", "delText"})
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def pages(data: bytes) -> WrittenPages:
    """The document's paragraphs and tables, headings left out.

    Raises:
        Unreadable: when it is no Word document, or locked with a password.
        TooMuch: when it unpacks to more than a transcript can be.
    """
    with opened(data, _WHAT) as document:
        styles, notes = _Styles(), {}
        main = document.related("", "officeDocument", "word/document.xml")
        if (part := document.part(document.related(main, "styles", "word/styles.xml"), _MOST_STYLES)) is not None:
            walk(part, styles, _WHAT)
        for kind in ("footnote", "endnote"):
            noted = document.related(main, f"{kind}s", f"word/{kind}s.xml")
            if (part := document.part(noted, _MOST_STYLES)) is not None:
                heard = _Notes(kind)
                walk(part, heard, _WHAT)
                notes.update({(kind, one): " ".join(text) for one, text in heard.found.items()})
        part = document.part(main)
        if part is None:
            raise broken(_WHAT)
        words = _Words(styles, notes)
        walk(part, words, _WHAT)
    return words.pages.pages()


class _Styles:
    """The names of styles by their ids, which other languages' Word translates, and their fonts."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._fonts: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._default = self._id = ""

    def start(self, name: str, attributes: Mapping[str, str], _line: int) -> None:
        local = name.rpartition("}")[2]
        if local == "style":
            self._id = attribute(attributes, "styleId")
            if attribute(attributes, "default") == "1" and attribute(attributes, "type") == "paragraph":
                self._default = self._id
        elif local == "rFonts":
            self._fonts.setdefault(self._id, attribute(attributes, "ascii") or attribute(attributes, "hAnsi"))
        elif local == "name" and self._id:
            self._names.setdefault(self._id, attribute(attributes, "val"))
        elif local == "basedOn" and self._id:
            self._bases.setdefault(self._id, attribute(attributes, "val"))

    def text(self, piece: str) -> None:
        pass

    def end(self, name: str) -> None:
        if name.endswith("}style"):
            self._id = ""

    def heading(self, style: str) -> bool:
        return self._names.get(style, "").lower().startswith(_HEADINGS)

    def font(self, style: str) -> str:
        """The font of a style, of what it is based on, or of the whole document."""
        at = style or self._default
        for _ in range(_MOST_BASES):
            if font := self._fonts.get(at, ""):
                return font
            if not at:
                break
            at = self._bases.get(at, "" if at == self._default else self._default)
        return self._fonts.get("", "")


class _Notes:
    """The words of foot- or endnotes by their number."""

    def __init__(self, kind: str) -> None:
        self.found: dict[str, list[str]] = {}
        self._kind, self._inside, self._in_text = kind, "", False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        local = name.rpartition("}")[2]
        if local == self._kind and not attribute(attributes, "type"):
            not_too_many(self.found, line)
            self._inside = attribute(attributes, "id")
            self.found[self._inside] = []
        elif local == "t" and self._inside:
            self._in_text = True

    def text(self, piece: str) -> None:
        if self._in_text:
            self.found[self._inside].append(piece)

    def end(self, name: str) -> None:
        local = name.rpartition("}")[2]
        if local == "t":
            self._in_text = False
        elif local == self._kind:
            self._inside = ""


class _Words:
    """The document as it goes by."""

    def __init__(self, styles: _Styles, notes: Mapping[tuple[str, str], str]) -> None:
        self.pages = PageWriter()
        self._styles, self._notes = styles, notes
        self._style: list[str] = []
        self._run_font = ""
        self._passed = 0
        self._in_text = self._in_run = self._begun = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        local = name.rpartition("}")[2]
        if not self._begun and local != "document":
            raise Unreadable(Message("The file is not {what}, or it is damaged."), what=_WHAT)
        self._begun = True
        if self._passed or local in _PASSED_OVER:
            self._passed += 1
        elif local in ("p", "tbl", "tr", "tc"):
            self._open(local, line)
        elif local == "r":
            self._in_run, self._run_font = True, ""
        elif local == "t":
            self._in_text = True
        elif local == "pStyle" and self._style:
            self._style[-1] = attribute(attributes, "val")
            if self._styles.heading(self._style[-1]):
                self.pages.heading()
        elif local == "rStyle" and self._in_run and not self._run_font:
            self._run_font = self._styles.font(attribute(attributes, "val"))
        elif local == "rFonts" and self._in_run:
            self._run_font = attribute(attributes, "ascii") or attribute(attributes, "hAnsi") or self._run_font
        elif local in _BREAKS:
            self._said(_BREAKS[local] if self._in_run else "")
        elif local.endswith("noteReference"):
            self._called(local.removesuffix("Reference"), attribute(attributes, "id"))

    def _open(self, local: str, line: int) -> None:
        if local == "p":
            self._style.append("")
            self.pages.paragraph(line)
        else:
            {"tbl": self.pages.table, "tr": self.pages.row, "tc": self.pages.cell}[local]()

    def _called(self, kind: str, number: str) -> None:
        if not self._passed and (note := " ".join(self._notes.get((kind, number), "").split())):
            self.pages.text(f" [{note}] ")

    def _said(self, piece: str) -> None:
        self.pages.text(piece, self._run_font or self._styles.font(self._style[-1] if self._style else ""))

    def text(self, piece: str) -> None:
        if self._in_text and not self._passed:
            self._said(piece)

    def end(self, name: str) -> None:
        if self._passed:
            self._passed -= 1
            return
        local = name.rpartition("}")[2]
        if local == "t":
            self._in_text = False
        elif local == "r":
            self._in_run = False
        elif local == "p":
            self.pages.end_paragraph()
            if self._style:
                self._style.pop()
        elif local in ("tbl", "tr", "tc"):
            {"tbl": self.pages.end_table, "tr": self.pages.end_row, "tc": self.pages.end_cell}[local]()


def attribute(attributes: Mapping[str, str], local: str) -> str:
    """An attribute by its name without its namespace."""
    return next((value for name, value in attributes.items() if name.rpartition("}")[2] == local), "")
