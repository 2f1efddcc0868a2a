"""An OpenDocument text (.odt; OASIS OpenDocument 1.3, parts 2 and 3), as LibreOffice saves it, read as a stream."""

from __future__ import annotations

from collections.abc import Mapping

from archive.language.messages import Message
from media.timed.limits import Unreadable, whole
from media.timed.packed import broken, opened
from media.timed.pages import PageWriter, WrittenPages
from media.timed.word_document import attribute
from media.timed.xml_events import walk

_WHAT = Message("an OpenDocument text (.odt)")
_MOST_STYLES = 4 * 1024 * 1024
_MOST_SPACES, _MOST_BASES = 1000, 12
_PASSED_OVER = frozenset({"tracked-changes", "annotation", "note-citation", "sequence-decls", "forms"})
_ENCRYPTED = b"encryption-data"


def pages(data: bytes) -> WrittenPages:
    """The document's paragraphs and tables, headings left out. Raises Unreadable and TooMuch."""
    with opened(data, _WHAT) as document:
        if _ENCRYPTED in (document.part("META-INF/manifest.xml", _MOST_STYLES) or b""):
            raise Unreadable(Message("The document is locked with a password; save it without one."))
        fonts = _Fonts()
        if (part := document.part("styles.xml", _MOST_STYLES)) is not None:
            walk(part, fonts, _WHAT)
        part = document.part("content.xml")
        if part is None:
            raise broken(_WHAT)
        words = _Words(fonts)
        walk(part, words, _WHAT)
    return words.pages.pages()


class _Fonts:
    """The fonts of styles by the styles' names."""

    def __init__(self) -> None:
        self._fonts: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._faces: dict[str, str] = {}
        self._style = ""

    def start(self, name: str, attributes: Mapping[str, str], _line: int) -> None:
        local = name.rpartition("}")[2]
        if local == "style":
            self._style = attribute(attributes, "name")
            self._bases[self._style] = attribute(attributes, "parent-style-name")
        elif local == "font-face":
            self._faces[attribute(attributes, "name")] = attribute(attributes, "font-family").strip("'\"")
        elif local == "text-properties" and self._style:
            face = attribute(attributes, "font-name")
            self._fonts[self._style] = self._faces.get(face, face) or attribute(attributes, "font-family")

    def text(self, piece: str) -> None:
        pass

    def end(self, name: str) -> None:
        if name.endswith("}style"):
            self._style = ""

    def of(self, style: str) -> str:
        at = style
        for _ in range(_MOST_BASES):
            if font := self._fonts.get(at, ""):
                return font
            at = self._bases.get(at, "")
        return ""


class _Words:
    """The document as it goes by."""

    def __init__(self, fonts: _Fonts) -> None:
        self.pages = PageWriter()
        self._fonts = fonts
        self._styles: list[str] = []
        self._paragraphs = self._passed = 0
        self._begun = self._body = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        local = name.rpartition("}")[2]
        if not self._begun and local != "document-content":
            raise broken(_WHAT)
        self._begun = True
        if not self._body:
            self._body = local == "text"
            self._fonts.start(name, attributes, line)
        elif self._passed or local in _PASSED_OVER:
            self._passed += 1
        elif local in ("p", "h"):
            self._paragraphs += 1
            self._styles.append(attribute(attributes, "style-name"))
            self.pages.paragraph(line)
            if local == "h":
                self.pages.heading()
        elif local == "span":
            self._styles.append(attribute(attributes, "style-name"))
        elif local == "note":
            self.pages.note()
        elif local in ("table", "table-row", "table-cell"):
            {"table": self.pages.table, "table-row": self.pages.row, "table-cell": self.pages.cell}[local]()
        elif local == "s":
            said = attribute(attributes, "c")
            self.pages.text(" " * min(whole(said, line) if said else 1, _MOST_SPACES))
        elif local in ("tab", "line-break"):
            self.pages.text("\n" if local == "line-break" else "\t")

    def text(self, piece: str) -> None:
        if self._paragraphs and not self._passed:
            font = next((found for style in reversed(self._styles) if (found := self._fonts.of(style))), "")
            self.pages.text(" ".join(piece.split("\n")), font)

    def end(self, name: str) -> None:
        local = name.rpartition("}")[2]
        if not self._body:
            self._fonts.end(name)
        elif self._passed:
            self._passed -= 1
        elif local in ("p", "h"):
            self._paragraphs -= 1
            self.pages.end_paragraph()
            self._styles.pop()
        elif local == "span":
            self._styles.pop()
        elif local == "note":
            self.pages.end_note()
        elif local in ("table", "table-row", "table-cell"):
            {"table": self.pages.end_table, "table-row": self.pages.end_row, "table-cell": self.pages.end_cell}[local]()
