"""The pages of a pack: plain values out of songs as they leave, put into templates that need no server.

Everything said stands in Khmer with English beside it, since a stick does not know who opens it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from archive.language.day_words import day_in_words
from archive.language.messages import FilledMessage, Message
from archive.language.words import rows_may_end_after
from archive.songs.packing import PackPlan
from archive.songs.song_export import ExportSheet
from archive.timing import TimedLine
from ingest.exports.packs.scripts import plain_script, static
from ingest.exports.song_files import BAND, both, in_both
from ingest.exports.song_paper import part

TEXTS = {
    "past": Message("The last day of this pack is over. Bring it back to the band, and take a new one in exchange."),
    "promise": Message(
        "The people whose words are sung here can take them back at any time. Then this pack is brought back to the "
        "band and exchanged for one without them. Please do not put its songs on the internet."
    ),
    "until": Message("Use this pack until {day}. Then bring it back and take a new one in exchange."),
    "find": Message("Find a song by its title or its words"),
    "nothing": Message("No song here has these words."),
    "band": BAND,
    "all": Message("All songs"),
    "silent": Message("There is no recording of it yet."),
    "stage": Message("Sing on the whole screen"),
    "alone": Message("Without the singer"),
    "leave": Message("Leave the stage"),
}
_FACES = (
    ("Noto Sans Khmer", "noto-sans-khmer", "400 700", "U+1780-17FF,U+200B-200D,U+25CC"),
    ("Moul", "moul", "400", "U+1780-17FF,U+200B-200D,U+25CC"),
    (
        "Alegreya Sans",
        "alegreya-sans-400",
        "400",
        "U+0020-007E,U+00A0,U+00A9,U+00AB,U+00B7,U+00BB,U+00D7,U+2013-2014,U+2018-201D,U+2026",
    ),
    (
        "Alegreya Sans",
        "alegreya-sans-700",
        "700",
        "U+0020-007E,U+00A0,U+00A9,U+00AB,U+00B7,U+00BB,U+00D7,U+2013-2014,U+2018-201D,U+2026",
    ),
    (
        "Alegreya Sans",
        "alegreya-sans-accents-400",
        "400",
        "U+00A1-00A8,U+00AA,U+00AC-00B6,U+00B8-00BA,U+00BC-00D6,U+00D8-00FF",
    ),
    ("Alegreya Sans", "alegreya-sans-ext-400", "400", "U+0100-017F,U+1E00-1EFF"),
)


@dataclass(frozen=True, slots=True)
class BothTexts:
    """A text as it stands in a pack, once in each language."""

    km: str
    en: str


@dataclass(frozen=True, slots=True)
class PackedWord:
    """A stretch of a line; `start` is None where nothing of it is timed, `ends` says that a row may end after it."""

    text: str
    start: int | None
    end: int | None
    ends: bool


@dataclass(frozen=True, slots=True)
class PackedLine:
    """A line of a packed song, counted from 1 through the song."""

    at: int
    language: str
    words: tuple[PackedWord, ...]
    romanised: str
    english: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class PackedVerse:
    """Lines that belong together; `name` is in both languages."""

    name: str
    lines: tuple[PackedLine, ...]


@dataclass(frozen=True, slots=True)
class PackedText:
    """A file of a pack that is made here: where it lies, what it is, what it is called, and its bytes."""

    path: str
    mime: str
    title: str
    data: bytes


def texts_of(plan: PackPlan) -> dict[str, BothTexts]:
    """Everything that is said in a pack, in both languages."""
    days = {language: day_in_words(plan.until, language) for language in ("km", "en")}
    return {
        name: BothTexts(*(FilledMessage(message, {"day": days[language]}).said(language) for language in ("km", "en")))
        for name, message in TEXTS.items()
    }


def pages(plan: PackPlan, alone: frozenset[str]) -> Iterator[PackedText]:
    """Every file of a pack but its sound.

    Args:
        alone: slugs of the songs that have a recording without the voice.
    """
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    said = {"plan": plan, "texts": texts_of(plan)}
    home = templates.get_template("index.html").render(up="", **said)
    yield PackedText("index.html", "text/html", plan.title_km or plan.title_en, home.encode())
    song = templates.get_template("song.html")
    for at, sheet in enumerate(plan.songs):
        page = song.render(
            up="../",
            song=sheet,
            verses=verses_of(sheet),
            credits=[f"{in_both(one.role_name)}: {both(one.km, one.en)}" for one in sheet.credits],
            sound=f"../sound/{sheet.slug}.mp3" if sheet.tracks else "",
            alone=f"../sound/{sheet.slug}-instrumental.mp3" if sheet.slug in alone else "",
            after=plan.songs[at + 1] if at + 1 < len(plan.songs) else None,
            **said,
        )
        yield PackedText(f"songs/{sheet.slug}.html", "text/html", sheet.title_km or sheet.title_en, page.encode())
    yield PackedText("parts/pack.css", "text/css", "", (static() / "css" / "pack.css").read_bytes())
    yield PackedText("parts/fonts.css", "text/css", "", _fonts().encode())
    yield PackedText("parts/button.svg", "image/svg+xml", "", (static() / "img" / "button.svg").read_bytes())
    for name in ("home", "song"):
        yield PackedText(f"parts/{name}.js", "text/javascript", "", plain_script(f"pack/{name}.js").encode())
    songs = json.dumps([_found_by(one) for one in plan.songs], ensure_ascii=False)
    yield PackedText("parts/songs.js", "text/javascript", "", f'window["SONGS"] = {songs};\n'.encode())


def verses_of(sheet: ExportSheet) -> list[PackedVerse]:
    """The lines of a song under the names of their verses."""
    lines = [_line(sheet, at) for at in range(len(sheet.lines))]
    return [
        PackedVerse(part(section) if section else "", tuple(line for _section, line in some))
        for section, some in groupby(zip(sheet.sections, lines, strict=True), key=lambda one: one[0])
    ]


def _line(sheet: ExportSheet, at: int) -> PackedLine:
    line = sheet.lines[at]
    khmer = any("\u1780" <= sign <= "\u17ff" for sign in line.text)
    language = "km" if khmer else "en"
    return PackedLine(
        at + 1, language, tuple(_words(line)), sheet.romanised[at], sheet.english[at], line.start_ms, line.end_ms
    )


def _words(line: TimedLine) -> Iterator[PackedWord]:
    """The line in its timed words and what stands between them."""
    reached = 0
    for word in line.words:
        start = line.text.find(word.text, reached)
        if start < 0:
            continue
        yield from _untimed(line.text[reached:start])
        reached = start + len(word.text)
        follows = line.text[reached : reached + 1]
        yield PackedWord(word.text, word.start_ms, word.end_ms, bool(follows.strip()))
    yield from _untimed(line.text[reached:])


def _untimed(text: str) -> Iterator[PackedWord]:
    for piece in rows_may_end_after(text) if text.strip() else filter(None, [text]):
        yield PackedWord(piece, None, None, not piece.endswith(" ") and bool(piece.strip()))


def _found_by(sheet: ExportSheet) -> dict[str, object]:
    """What the search of the first page looks in."""
    titles = "\n".join(filter(None, (sheet.title_km, sheet.title_en, sheet.title_romanised)))
    lines = [
        [at + 1, "\n".join(filter(None, (line.text, sheet.romanised[at], sheet.english[at])))]
        for at, line in enumerate(sheet.lines)
    ]
    return {"slug": sheet.slug, "titles": titles, "lines": lines}


def _fonts() -> str:
    """The faces inside the style sheet: some browsers take no font from beside a page that lies on a stick."""
    rules = []
    for family, file, weight, letters in _FACES:
        path = static() / "vendor" / "fonts" / f"{file}.woff2"
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight}; unicode-range: {letters}; '
                f'src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
            )
    return "".join(rules)
