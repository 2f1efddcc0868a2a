"""Files that somebody made up to stop a reader, or that a machine broke: drawn from a seed, stored nowhere.

Each format has its floods (one thing repeated to the size limit) and its oddities; `texts` gives a few hundred of them.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ingest.intake.table import LARGEST as LARGEST_SHEET
from media.timed.limits import LARGEST, LARGEST_SONG

SRT = b"1\n00:00:01,000 --> 00:00:02,000\n"
VTT = b"WEBVTT\n\n00:01.000 --> 00:03.000\n"
ASS = b"[Script Info]\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,"
LRC = b"[00:01.00]"
ULTRASTAR = b"#TITLE:x\n#BPM:300\n#GAP:0\n: 0 4 60 "
TEXTGRID = b'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n9\n<exists>\n1\n"IntervalTier"\n"S1"\n0\n9\n'
EAF = (
    b'<?xml version="1.0"?><ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="%s"/></TIME_ORDER>'
    b'<TIER TIER_ID="%s"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" TIME_SLOT_REF2="a"><ANNOTATION_VALUE>%s'
    b"</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
)

TTML = b'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
OTR = b'{"text": "'
HEADS = {
    "srt": SRT, "vtt": VTT, "eaf": b"<ANNOTATION_DOCUMENT>", "TextGrid": TEXTGRID, "txt": b"[00:01] S1: ",
    "rtf": b"{\\rtf1 [00:01] S1: ", "xml": b"<ROOT><record><transcript>", "ttml": TTML, "otr": OTR,
    "json": b'[{"start": 0, "end": 1, "text": "', "html": b"<p><a name='ts_1_2_S'>",
}  # fmt: skip
SONG_HEADS = {"lrc": LRC, "srt": SRT, "vtt": VTT, "ass": ASS, "txt": ULTRASTAR, "ttml": TTML}

UNITS = [
    b"\n", b"\r", b"\r\n", b" ", b"\t", b"\0", b"\x0b", b"<", b"<b ", b"<b <b", b"{", b"{\\", b"<<<", b"{{{", b"[",
    b'"', b'""', b'"a""', b"&", b"&a", b"&#", b"&#1", b"-->", b"00:00:01,000 --> ",
    b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n",
    b"00:01.000 --> 00:02.000\nx\n\n", b"<00:00:02.000>", b"<00:00:02.000>a ", b"<v ", b"<v    ", b"a: ", b"X:\n", b"9",
    b"1 ", b"0 1 \"x\" ", b"-1 2 \"x\" ",
    b"{\\rtf", b"\\'e9", b"\\u6017?", b"\\cell ", b"{\\footnote ", b"[[",
    b'{"a":', b"[1,", b"<p>", b"&nbsp;",
    b"<span data-timestamp=\"1\">", b"<a name='ts_1_2_S'>", b"<point><time>1</time></point>", b"#00:01:02-3#",
    b"[[footnote]]1[[/footnote]]", b"{\\k1}a", b"{\\k", b"\\k9999999999", b"[00:01.00]", b"[a:", b": 1 2 3 a\n",
    b"- 1\n", b"- 1 1 1 1 ", b"F 0 1 0 a\n", b"Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,x\n", b"Format: a,",
    b"<a>", b"<a/>", b"<a ", b"<a b=\"c\"/>", b"</a>", b"<TIME_SLOT TIME_SLOT_ID=\"a\" TIME_VALUE=\"1\"/>",
    b"<TIER TIER_ID=\"x\">", b"<!--", b"<![CDATA[", b"<?x", b"(1:02) ", "ខ្ញុំ".encode(), "\u17d2".encode(),
    "\u17d2\u200b".encode(), "\u0301\u0323".encode(), "\u200b".encode(), "\u202e".encode(), "\U0001f600".encode(),
    "\u2028".encode(), "\u0f73".encode(), "\ufeff".encode(), "١".encode(), "²".encode(), b"\xff", b"\xed\xa0\x80",
]  # fmt: skip
"""What is repeated."""

NUMBERS = ["²", "9" * 5000, "9" * 400, "-5", "1e400", "nan", "inf", "", "0x10", "9" * 19, "1_000", "٣", "1." * 50]


class Flood(NamedTuple):
    """One thing again and again, made when it is wanted: hundreds of them would not fit into memory together."""

    head: bytes
    unit: bytes
    times: int

    def bytes(self) -> bytes:
        return self.head + self.unit * self.times


def made(case: bytes | Flood) -> bytes:
    return case.bytes() if isinstance(case, Flood) else case


def texts(seed: int) -> Iterator[tuple[str, bytes | Flood]]:
    """Names and bytes of transcripts, for every kind that is taken."""
    chance = random.Random(seed)
    for kind, head in HEADS.items():
        for unit in UNITS:
            size = chance.choice([1000, 100_000, LARGEST - len(head) - 1])
            yield f"flood.{kind}", Flood(head, unit, size // len(unit))
        for number in NUMBERS:
            yield f"number.{kind}", _numbered(kind, number)
        for encoding in ("utf-16", "utf-32", "utf-16-be", "latin-1"):
            yield f"{encoding}.{kind}", head.decode().encode(encoding) + b"x"
            yield f"{encoding}-odd.{kind}", head.decode().encode(encoding)[:-1] + b"\xff"
        for _ in range(3):
            broken = bytearray(_numbered(kind, "1") * 20)
            for _ in range(30):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            yield f"bits.{kind}", bytes(broken)
            yield f"short.{kind}", bytes(broken[: chance.randrange(len(broken))])
    yield from _elan(chance)
    yield from _word(chance)
    yield from _open_document(chance)


def songs(seed: int) -> Iterator[tuple[str, bytes | Flood]]:
    """Files with the times of songs."""
    chance = random.Random(seed)
    for kind, head in SONG_HEADS.items():
        for unit in UNITS:
            size = chance.choice([1000, LARGEST_SONG - len(head) - 1])
            yield f"flood.{kind}", Flood(head, unit, size // len(unit))
    for number in NUMBERS:
        said = number.encode()
        yield "n.txt", b"#TITLE:x\n#BPM:" + said + b"\n: 0 4 60 a\nE\n"
        yield "n.txt", b"#BPM:300\n#GAP:" + said + b"\n: " + said + b" 4 60 a\n- " + said + b"\nE\n"
        yield "n.lrc", b"[offset:" + said + b"]\n[00:01]a\n[" + said + b":01.00]b"
        yield "n.ass", ASS + b"{\\k" + said + b"}a{\\k5}b\nDialogue: 0," + said + b":00:01.00,0:00:02.00,,,0,0,0,,x"


def sheets(seed: int) -> Iterator[tuple[str, bytes | Flood]]:
    """CSV files, as they come with a folder of recordings."""
    chance = random.Random(seed)
    head = b"file,title_en\n"
    for unit in UNITS:
        for before in (b"", b'good.wav,"'):
            size = chance.choice([1000, 100_000, LARGEST_SHEET - len(head) - len(before) - 1])
            yield "flood.csv", Flood(head + before, unit, size // len(unit))
    for row in ("x" * 300 + ".wav,T", "a\0b.wav,T", "good.wav," + "x" * 200_000, "../../etc/passwd,T", "/dev/zero,T"):
        yield "row.csv", head + row.encode() + b"\nlast.wav,Last\n"
    for encoding in ("utf-16", "utf-32", "latin-1"):
        yield f"{encoding}.csv", head.decode().encode(encoding) + b"x"
    for _ in range(10):
        yield "noise.csv", chance.randbytes(100_000)
        yield "noise-below.csv", head + chance.randbytes(100_000)


def _numbered(kind: str, number: str) -> bytes:
    said = number.encode()
    return {
        "srt": said + b":00:01,000 --> 99:00:02,000\nwords\n",
        "vtt": b"WEBVTT\n\n" + said + b":00:01.000 --> 99:00:02.000\n&#" + said + b";a<" + said + b":00:02.000>b\n",
        "eaf": EAF % (said, b"S1", b"words"),
        "TextGrid": TEXTGRID + said + b"\n0\n" + said + b'\n"words"\n',
        "txt": b"[" + said + b":01] S1: words\n[00:05] S2: more",
        "rtf": b"{\\rtf1 \\u" + said + b"? \\f" + said + b" [" + said + b":01] words}",
        "xml": b"<ROOT><record><sync>"
        + said
        + b":|"
        + said
        + b"(1)</sync><index><point><time>"
        + said
        + b"</time></point></index><transcript>words</transcript></record></ROOT>",
        "ttml": TTML + b'<p begin="' + said + b's" end="' + said + b't">words</p></div></body></tt>',
        "otr": OTR + b"<span data-timestamp=" + said + b">words" + b'"}',
        "json": b'[{"start": ' + (said or b'""') + b', "end": 1, "text": "words"}]',
        "html": b"<p><a name='ts_" + said + b"_2_S'>words</a></p>",
    }[kind]


def _elan(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    plain = EAF % (b"1", b"S1", b"words")
    yield "lol.eaf", b'<!DOCTYPE x [<!ENTITY l0 "lol">' + lol + b"]><ANNOTATION_DOCUMENT>&l9;</ANNOTATION_DOCUMENT>"
    yield "outside.eaf", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><ANNOTATION_DOCUMENT/>'
    for encoding in (b"rot13", b"utf-7", b"idna", b"zip", b"utf-16", b"no-such"):
        yield "encoding.eaf", plain.replace(b'version="1.0"', b'version="1.0" encoding="' + encoding + b'"')
    for depth in (100, 100_000, 1_000_000):
        yield "deep.eaf", b"<ANNOTATION_DOCUMENT>" + b"<a>" * depth
    attributes = b"".join(b' a%d="1"' % n for n in range(500_000))
    yield "attributes.eaf", b"<ANNOTATION_DOCUMENT" + attributes + b"/>"
    tiers = b"".join(b'<TIER TIER_ID="%d"/>' % n for n in range(200_000))
    yield "tiers.eaf", b"<ANNOTATION_DOCUMENT>" + tiers + b"</ANNOTATION_DOCUMENT>"
    for _ in range(4):
        cut = chance.randrange(len(plain))
        yield "cut.eaf", plain[:cut]


def _word(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    head, tail = b"<w:document " + space + b"><w:body>", b"</w:body></w:document>"
    said = b'<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr><w:r><w:t>words</w:t></w:r></w:p>'

    def packed(document: bytes, method: int = zipfile.ZIP_DEFLATED, **more: bytes) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", method) as archive:
            archive.writestr("word/document.xml", document)
            for name, content in more.items():
                archive.writestr(f"word/{name}.xml", content)
        return held.getvalue()

    plain = packed(head + said * 3 + tail)
    yield "empty-paragraphs.docx", packed(head + b"<w:p/>" * 17_000 + tail)
    yield "paragraphs.docx", packed(head + said * 17_000 + tail)
    yield "more.docx", packed(head + said * 60_000 + tail)
    yield "bomb.docx", packed(b"0" * (200 * 1024 * 1024))
    yield "spaces.docx", packed(head + b"<w:p><w:r><w:t>" + b" " * 30_000_000 + b"</w:t></w:r></w:p>" + tail)
    yield "rows.docx", packed(head + b"<w:p><w:r><w:t>" + b"\n" * 30_000_000 + b"</w:t></w:r></w:p>" + tail)
    yield "deep.docx", packed(head + b"<w:p>" * 1_000_000)
    yield "styles.docx", packed(head + said + tail, styles=b"<w:styles " + space + b">" + b"<w:style/>" * 400_000)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED):
        yield "method.docx", packed(head + said + tail, method)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for n in range(65_535):
            archive.writestr(f"{n}", b"")
    yield "names.docx", many.getvalue()
    locked = bytearray(plain)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[plain.index(signature) + at] |= 1
    yield "locked.docx", bytes(locked)
    yield "old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000
    lying = bytearray(plain)
    struct.pack_into("<L", lying, plain.index(b"PK\x01\x02") + 24, 5)
    yield "lying.docx", bytes(lying)
    for _ in range(20):
        broken = bytearray(plain)
        for _ in range(4):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        yield "bits.docx", bytes(broken)
        yield "cut.docx", plain[: chance.randrange(len(plain))]
    yield "other.docx", packed(b"<html/>")
    yield from _laid_out(packed, head, said, tail, space)
    yield "styles-cut.docx", packed(head + said + tail, styles=b"<a")


def _open_document(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    names = b" ".join(
        b'xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (name, name)
        for name in (b"office", b"text", b"table", b"style")
    )
    head = b"<office:document-content " + names + b"><office:body><office:text>"
    tail, said = b"</office:text></office:body></office:document-content>", b"<text:p>words</text:p>"

    def packed(content: bytes, **more: bytes) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("content.xml", content)
            for name, part in more.items():
                archive.writestr({"manifest": "META-INF/manifest.xml"}.get(name, f"{name}.xml"), part)
        return held.getvalue()

    plain = packed(head + said * 3 + tail)
    yield "paragraphs.odt", packed(head + said * 60_000 + tail)
    yield "empty-paragraphs.odt", packed(head + b"<text:p/>" * 400_000 + tail)
    yield "bomb.odt", packed(b"0" * (60 * 1024 * 1024))
    yield "deep.odt", packed(head + b"<text:p>" * 1_000_000)
    yield "spans.odt", packed(head + b"<text:p>" + b"<text:span>x" * 500_000)
    for count in (b"999999999", b"-5", b"x", "²".encode()):
        yield (
            "spaces.odt",
            packed(head + b"<text:p>" + b'<text:s text:c="%s"/>' % count * 100_000 + b"</text:p>" + tail),
        )
    styles = b"".join(
        b'<style:style style:name="s%d" style:parent-style-name="s%d"/>' % (n, n + 1) for n in range(100_000)
    )
    worn = b'<text:p text:style-name="s0">x</text:p>' * 100_000
    yield (
        "styles.odt",
        packed(head + worn + tail, styles=b"<office:styles " + names + b">" + styles + b"</office:styles>"),
    )
    cell = b"<table:table-cell><text:p>x</text:p></table:table-cell>"
    yield "cells.odt", packed(head + b"<table:table><table:table-row>" + cell * 200_000 + tail)
    yield "tables.odt", packed(head + b"<table:table><table:table-row><table:table-cell>" * 50_000 + tail)
    yield "notes.odt", packed(head + b"<text:p><text:note>" * 100_000 + tail)
    yield "locked.odt", packed(head + said + tail, manifest=b"<a><encryption-data/></a>")
    yield "other.odt", packed(b"<html/>")
    yield "styles-cut.odt", packed(head + said + tail, styles=b"<a")
    yield "flat.odt", head + said + tail
    for _ in range(20):
        broken = bytearray(plain)
        for _ in range(4):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        yield "bits.odt", bytes(broken)
        yield "cut.odt", plain[: chance.randrange(len(plain))]


def _laid_out(
    packed: Callable[..., bytes], head: bytes, said: bytes, tail: bytes, space: bytes
) -> Iterator[tuple[str, bytes]]:
    """Tables, boxes and notes without end."""
    cell = b"<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>"
    yield "cells.docx", packed(head + b"<w:tbl><w:tr>" + cell * 100_000 + b"</w:tr></w:tbl>" + tail)
    yield "tables.docx", packed(head + b"<w:tbl><w:tr>" * 100_000 + tail)
    yield "boxes.docx", packed(head + (b"<w:p><w:r><w:txbxContent>" + said) * 10_000 + tail)
    call = b'<w:r><w:footnoteReference w:id="1"/></w:r>'
    note = b"<w:footnotes " + space + b'><w:footnote w:id="1"><w:p><w:r><w:t>' + b"x" * 9000
    note += b"</w:t></w:r></w:p></w:footnote></w:footnotes>"
    yield "notes.docx", packed(head + b"<w:p>" + call * 100_000 + b"</w:p>" + tail, footnotes=note)


Reader = Callable[[str, bytes], object]
