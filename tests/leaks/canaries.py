"""Words, a name, a place and a sound that exist in one testimony only, and looking for them however they are written.

The search for them is written here a second time, apart from `narrators.remains`, so that a form which one of
the two forgets is found by the other.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

WORD_KM = "ត្រីបាឡែនស"
WORD_EN = "quillfeather"
NAME_KM = "សេរ៉ាហ្វីន"
NAME_EN = "Séraphine Kolabel"
TITLE_KM = "យប់ដែលផ្លេកបន្ទោរ"
TITLE_EN = "The night of Vesperlight"
PLACE_SAID = "Ochrestone bend"
THEME_KM = "បក្សីកាណារីលឿង"
THEME_EN = "saffron-canary matter"
FILE_NAME = "kept-from-madder-lane.wav"
TAKEN_OUT_EN = "Tamarindova"
LINE_KM = "ត្រីបាឡែនសហែលក្រោមព្រះចន្ទ"
LINE_EN = "a quillfeather under the moon"
CAMPAIGN_EN = "Bellwether Quay"
CAMPAIGN_KM = "យុទ្ធនាការអណ្ដែត"
PURPOSE = "for the Larkmeadow thesis"

WORDS = (
    WORD_KM, WORD_EN, NAME_KM, NAME_EN, TITLE_KM, TITLE_EN, PLACE_SAID, THEME_KM, THEME_EN, FILE_NAME, TAKEN_OUT_EN,
    LINE_KM, LINE_EN, PURPOSE,
)  # fmt: skip

PIECE = 48  # bytes of a sound that are looked for at once
MOST_UNPACKED = 16 * 1024 * 1024


def written(word: str) -> Iterator[bytes]:
    """The ways in which a word may stand in a file."""
    for form in {unicodedata.normalize(name, word) for name in ("NFC", "NFD", "NFKC", "NFKD")} | {word}:
        yield form.encode()
        yield from (form.encode(name) for name in ("utf-16-le", "utf-16-be"))
        yield from (quote(form, safe=""), quote(form, safe="").lower(), form.replace(" ", "+"))
        yield html.escape(form).encode()
        yield "".join(f"&#{ord(char)};" for char in form).encode()
        yield from ("".join(f"&#x{ord(char):{case}};" for char in form).encode() for case in ("x", "X"))
        yield json.dumps(form)[1:-1].encode()
        yield re.sub(
            r"\\u[0-9a-f]{4}", lambda found: found[0].upper().replace("U", "u"), json.dumps(form)[1:-1]
        ).encode()
        yield from _in_base64(form.encode())


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """What is the same of its base64 whatever stands before and after it, at each of three places."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        first = -(-before * 8 // 6)
        last = (before + len(plain)) * 8 // 6
        yield coded[first:last]
        yield coded[first:last].replace(b"+", b"-").replace(b"/", b"_")


def needles(words: Iterable[str] = WORDS, sounds: Iterable[bytes] = ()) -> dict[str, frozenset[bytes]]:
    """What is looked for -> the bytes that give it away."""
    found = {
        word: frozenset(one if isinstance(one, bytes) else one.encode() for one in written(word)) for word in words
    }
    for number, sound in enumerate(sounds):
        middles = range(len(sound) // 8, len(sound) - PIECE, max(PIECE, len(sound) // 8))
        found[f"sound {number}"] = frozenset(
            piece for at in middles if len(set(piece := sound[at : at + PIECE])) > PIECE // 4
        )
    return found


def contained(content: bytes, wanted: dict[str, frozenset[bytes]]) -> set[str]:
    """Which of them stand in these bytes, or in anything packed with gzip or zlib inside them."""
    readings = [content, *_unpacked(content)]
    return {name for name, forms in wanted.items() if any(form in one for one in readings for form in forms)}


def _unpacked(content: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", content):
        reader = zlib.decompressobj(47)
        try:
            plain = reader.decompress(content[found.start() :], MOST_UNPACKED)
        except zlib.error:
            continue
        if plain:
            yield plain


def scan(folders: Collection[Path], wanted: dict[str, frozenset[bytes]]) -> dict[str, set[str]]:
    """File -> what was found in its bytes or in its name."""
    found = {}
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            inside = contained(path.read_bytes(), wanted) | contained(str(path.relative_to(folder)).encode(), wanted)
            if inside:
                found[str(path.relative_to(folder))] = inside
    return found
