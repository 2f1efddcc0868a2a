"""The files of the table in `test_kinds_of_transcripts`: each as small as it can be, as other programs write it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, NamedTuple

from tests.archive.language.old_fonts import typed_for

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
OLD = "ខ្ញុំមកពីវាល យើងធ្វើការនៅរោងចក្រ ប្រាក់ខែតិចណាស់ ហើយយើងត្រូវធ្វើការថែមម៉ោងរាល់ថ្ងៃ"


class Brought(NamedTuple):
    """A file by its ending, and what becomes of it: (start, end, speaker, words) of each passage, and codes told."""

    kind: str
    data: str | bytes
    said: list[tuple[Any, ...]]
    told: tuple[str, ...] = ()


def packed(**parts: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return held.getvalue()


def word(body: str, **parts: str) -> bytes:
    return packed(word__document_xml=f"<w:document {W}><w:body>{body}</w:body></w:document>", **parts)


def text_of_odt(body: str, styles: str = "") -> bytes:
    head = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    return packed(
        content_xml=f"<office:document-content {ODF}>{head}<office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )


def run(text: str, properties: str = "") -> str:
    return f"<w:r>{properties}<w:t>{text}</w:t></w:r>"


def paragraph(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def table_of(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def cells_of(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row) for row in rows)
    return "<table:table>" + "".join(f"<table:table-row>{row}</table:table-row>" for row in cells) + "</table:table>"


TURNS = [(1000, 5000, "Chan", "We left."), (5000, 5800, "Sokha", "Why?")]
LIMON = "<w:rPr><w:rFonts w:ascii='Limon S1'/></w:rPr>"
BOX = f"<w:r><w:txbxContent>{paragraph(run('in a box'))}</w:txbxContent></w:r>"

TABLE: dict[str, Brought] = {
    # Word
    "docx: a table of time, who and words": Brought(
        "docx",
        word(table_of(("Time", "Who", "Words"), ("00:00:01", "Chan", "We left."), ("00:00:05", "Sokha", "Why?"))),
        TURNS,
    ),
    "docx: a table of ranges, who stands first": Brought(
        "docx",
        word(table_of(("Chan", "[00:01 - 00:03]", "We left."), ("Sokha", "[00:05 - 00:06]", "Why?"))),
        [(1000, 3000, "Chan", "We left."), (5000, 6000, "Sokha", "Why?")],
    ),
    "docx: a table without times": Brought(
        "docx",
        word(table_of(("Chan", "We left in the dark."), ("Sokha", "Why?"))),
        [("Chan", "We left in the dark."), ("Sokha", "Why?")],
    ),
    "docx: inserted counts, deleted does not": Brought(
        "docx",
        word(
            paragraph(
                f"{run('We ')}<w:ins>{run('all ')}</w:ins><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
                f"<w:moveFrom>{run('once ')}</w:moveFrom>{run('left')}"
            )
        ),
        [(None, "We all left")],
    ),
    "docx: a text box comes after its paragraph": Brought(
        "docx", word(paragraph(run("before") + BOX + run(" after"))), [(None, "before after"), (None, "in a box")]
    ),
    "docx: a box kept for older programs is given once": Brought(
        "docx",
        word(
            paragraph(
                "<w:r><mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
                f"<mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent></w:r>{run('x')}"
            )
        ),
        [(None, "x"), (None, "in a box")],
    ),
    "docx: a footnote stands where it is called": Brought(
        "docx",
        word(
            paragraph(f"{run('We left')}<w:r><w:footnoteReference w:id='2'/></w:r>{run('at night')}"),
            word__footnotes_xml=f"<w:footnotes {W}><w:footnote w:id='2'>{paragraph(run('in 1997'))}</w:footnote>"
            "</w:footnotes>",
        ),
        [(None, "We left [in 1997] at night")],
    ),
    "docx: soft line breaks part turns, and else keep words apart": Brought(
        "docx",
        word(
            paragraph(
                run("[00:01] Chan: We")
                + "<w:r><w:br/></w:r>"
                + run("left.")
                + "<w:r><w:br/></w:r>"
                + run("[00:05] Sokha: Why?")
            )
        ),
        TURNS,
    ),
    "docx: an old font, by its name": Brought(
        "docx", word(paragraph(run(typed_for("limon", "ខ្ញុំមក"), LIMON))), [(None, "ខ្ញុំមក")], ("legacy",)
    ),
    "docx: tags are no letters": Brought(
        "docx", word(paragraph(run("&lt;i&gt;We&lt;/i&gt; left &amp;amp; went"))), [(None, "We left & went")]
    ),
    # LibreOffice
    "odt: a table of time, who and words": Brought(
        "odt", text_of_odt(cells_of(("00:00:01", "Chan", "We left."), ("00:00:05", "Sokha", "Why?"))), TURNS
    ),
    "odt: notes, breaks, spaces; deleted text and remarks are left out": Brought(
        "odt",
        text_of_odt(
            "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>Interview</text:h>"
            "<text:p>We<text:s text:c='2'/>left<text:note><text:note-citation>1</text:note-citation><text:note-body>"
            "<text:p>in 1997</text:p></text:note-body></text:note> at<text:line-break/>night"
            "<office:annotation><text:p>who?</text:p></office:annotation></text:p>"
        ),
        [(None, "We  left [in 1997]  at night")],
    ),
    "odt: an old font, by its name": Brought(
        "odt",
        text_of_odt(
            f"<text:p text:style-name='P1'>{typed_for('abc', 'ខ្ញុំមក')}</text:p>",
            "<style:style style:name='P1'><style:text-properties style:font-name='ABC-TEXT-05'/></style:style>",
        ),
        [(None, "ខ្ញុំមក")],
        ("legacy",),
    ),
    "rtf: letters, notes, tables; deleted text is left out": Brought(
        "rtf",
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\info{\author Somebody}}"
        r"\pard [00:01] Chan: Caf\'e9 \u6017?"
        r"{\footnote\pard in 1997}{\deleted gone}\par\trowd\intbl 00:05\cell Sokha\cell Why?\cell\row\pard\par}",
        [(1000, 5000, "Chan", "Café ខ [in 1997]"), (5000, 5800, "Sokha", "Why?")],
    ),
    "rtf: an old font, by its name": Brought(
        "rtf",
        b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset0 Limon S1;}}\\pard\\f1 "
        + "".join(f"\\'{byte:02x}" for byte in typed_for("limon", "ខ្ញុំមក").encode("cp1252")).encode()
        + b"\\par}",
        [(None, "ខ្ញុំមក")],
        ("legacy",),
    ),
    # typed
    "txt: f4, a mark where a turn ends": Brought(
        "txt",
        "I: Why? #00:00:12-3#\n\nB: We left. #00:00:15-0#\n",
        [(0, 12_300, "I", "Why?"), (12_300, 15_000, "B", "We left.")],
    ),
    "txt: easytranscript, a mark in front": Brought(
        "txt",
        "#00:00:01-0# Chan: We left.\n#00:00:05-0# Sokha: Why?",
        TURNS,
    ),
    "txt: a bare clock": Brought("txt", "00:00:01 Chan: We left.\n00:00:05 Sokha: Why?", TURNS),
    "txt: braces": Brought("txt", "{00:00:01} Chan: We left.\n{00:00:05} Sokha: Why?", TURNS),
    "txt: a head above the words": Brought("txt", "Chan  0:01\nWe left.\n\nSokha  0:05\nWhy?", TURNS),
    "txt: a name before the time": Brought("txt", "Chan [00:01]: We left.\nSokha [00:05]: Why?", TURNS),
    "txt: a Khmer colon": Brought(
        "txt",
        "ចាន់៖ ខ្ញុំមក\nសុខា៖ ហេតុអ្វី\nចាន់៖ មក",
        [("ចាន់", "ខ្ញុំមក"), (None, "សុខា៖ ហេតុអ្វី"), ("ចាន់", "មក")],
    ),
    "txt: one sentence with a colon has no speaker": Brought(
        "txt",
        "One thing: we stayed.\nAnd left at (12:30) at last.",
        [(None, "One thing: we stayed."), (None, "And left at (12:30) at last.")],
    ),
    "txt: subtitles under another name": Brought(
        "txt", "1\n00:00:01,000 --> 00:00:02,000\nWe left\n", [(1000, 2000, None, "We left")]
    ),
    "txt: turns without a time share the time around them": Brought(
        "txt",
        "[00:00] A: yes\nB: no\n[00:10] A: end",
        [(0, 6000, "A", "yes"), (6000, 10_000, "B", "no"), (10_000, 10_600, "A", "end")],
        ("coarse",),
    ),
    # encodings
    "txt: UTF-16 with a mark": Brought("txt", "We left".encode("utf-16"), [(None, "We left")]),
    "txt: UTF-16 without": Brought("txt", "We left".encode("utf-16-le"), [(None, "We left")]),
    "txt: Khmer in UTF-16 without a mark": Brought("txt", "ខ្ញុំមកពីវាល".encode("utf-16-be"), [(None, "ខ្ញុំមកពីវាល")]),
    "txt: UTF-8 with a mark": Brought("txt", "ខ្ញុំ".encode("utf-8-sig"), [(None, "ខ្ញុំ")]),
    "txt: Windows-1252": Brought("txt", "Nous étions là".encode("cp1252"), [(None, "Nous étions là")], ("encoding",)),
    "srt: Limon in Windows-1252": Brought(
        "srt",
        b"1\n00:00:01,000 --> 00:00:09,000\n" + typed_for("limon", OLD).encode("cp1252"),
        [(1000, 9000, None, OLD)],
        ("encoding", "legacy"),
    ),
    "vtt: ABC saved as UTF-8": Brought(
        "vtt", "WEBVTT\n\n00:01.000 --> 00:09.000\n" + typed_for("abc", OLD), [(1000, 9000, None, OLD)], ("legacy",)
    ),
    # WebVTT
    "vtt: two voices in one cue": Brought(
        "vtt",
        "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Chan>We left.</v> <v Sokha>Why?</v>\n",
        [(1000, 4000, "Chan", "We left."), (1000, 4000, "Sokha", "Why?")],
    ),
    "vtt: voices before a colon": Brought(
        "vtt",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n[CHAN]: We left.\nSOKHA: Why?\n\n00:03.000 --> 00:04.000\nSOKHA: Say.\n",
        [(1000, 2000, "CHAN", "We left."), (1000, 2000, "SOKHA", "Why?"), (3000, 4000, "SOKHA", "Say.")],
    ),
    "vtt: scrolling, as video sites write it": Brought(
        "vtt",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n \nwe<00:01.500><c> left</c>\n\n00:02.000 --> 00:02.010\nwe left\n \n\n"
        "00:02.010 --> 00:03.000\nwe left\nno no\n\n00:03.000 --> 00:03.010\nno no\n \n\n"
        "00:03.010 --> 00:04.000\nno no\nno no\n",
        [(1000, 2000, None, "we left"), (2010, 3000, None, "no no"), (3010, 4000, None, "no no")],
        ("scrolled",),
    ),
    "srt: scrolling, as broadcasters write it": Brought(
        "srt",
        "\n\n".join(
            f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{above}\n{below}"
            for n, (above, below) in enumerate([("", "one"), ("one", "two"), ("two", "three"), ("three", "four")])
        ),
        [(n * 1000, n * 1000 + 1000, None, said) for n, said in enumerate(["one", "two", "three", "four"])],
        ("scrolled",),
    ),
    "vtt: said twice is no scrolling": Brought(
        "vtt",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nno\n\n00:02.000 --> 00:03.000\nno\n\n00:03.000 --> 00:04.000\nyes\n",
        [(1000, 2000, None, "no"), (2000, 3000, None, "no"), (3000, 4000, None, "yes")],
    ),
    "vtt: the first row is lost": Brought("vtt", "00:01.000 --> 00:02.000\nWe left\n", [(1000, 2000, None, "We left")]),
    "vtt: br keeps words apart, references are letters": Brought(
        "vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nwe<br>left &amp;&nbsp;went\n", [(1000, 2000, None, "we left & went")]
    ),
    # SubRip
    "srt: one speaks once, another twice": Brought(
        "srt",
        "1\n00:00:01,000 --> 00:00:02,000\ninterviewer: Why?\n\n2\n00:00:02,000 --> 00:00:03,000\nChan: We left.\n\n"
        "3\n00:00:03,000 --> 00:00:04,000\nChan: One thing: we stayed.\n",
        [
            (1000, 2000, "interviewer", "Why?"),
            (2000, 3000, "Chan", "We left."),
            (3000, 4000, "Chan", "One thing: we stayed."),
        ],
        ("names",),
    ),
    "srt: an end before its start": Brought(
        "srt",
        "1\n00:00:05,000 --> 00:00:02,000\nWe left\n\n2\n00:00:05,500 --> 00:00:06,000\nWhy\n",
        [(5000, 5500, None, "We left"), (5500, 6000, None, "Why")],
        ("backwards",),
    ),
    "srt: no milliseconds, points, no numbers": Brought(
        "srt",
        "00:00:01 --> 00:00:02\n<b>We</b> left\n\n00:00:03.5 --> 00:00:04.250\n1984\n\n"
        "00:00:05,000 --> 00:00:06,000\nx",
        [(1000, 2000, None, "We left"), (3500, 4250, None, "1984"), (5000, 6000, None, "x")],
    ),
    "srt: carriage returns alone": Brought(
        "srt",
        "1\r00:00:01,000 --> 00:00:02,000\rWe left\r\r2\r00:00:03,000 --> 00:00:04,000\rWhy\r",
        [(1000, 2000, None, "We left"), (3000, 4000, None, "Why")],
    ),
    "eaf: tags and references": Brought(
        "eaf",
        '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="1"/><TIME_SLOT TIME_SLOT_ID="b" '
        'TIME_VALUE="9"/></TIME_ORDER><TIER TIER_ID="Chan"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" '
        'TIME_SLOT_REF2="b"><ANNOTATION_VALUE>&lt;i&gt;we&lt;/i&gt;&lt;br&gt;left &amp;amp; went</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>",
        [(1, 9, "Chan", "we left & went")],
    ),
    "TextGrid: tags and references": Brought(
        "textgrid",
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n9\n<exists>\n1\n"IntervalTier"\n"Chan"\n0\n9\n1\n'
        '0\n9\n"<i>we</i> left &amp; went"\n',
        [(0, 9000, "Chan", "we left & went")],
    ),
    # what machines write
    "json: Whisper": Brought(
        "json",
        json.dumps({"text": "x", "segments": [{"start": 0.5, "end": 2.25, "text": " We left", "tokens": [1]}]}),
        [(500, 2250, None, "We left")],
    ),
    "json: WhisperX": Brought(
        "json",
        json.dumps(
            {
                "segments": [
                    {
                        "start": 1,
                        "end": 5,
                        "text": "We left.",
                        "speaker": "SPEAKER_00",
                        "words": [{"word": "We", "start": 1, "end": 2}, {"word": "1997"}],
                    }
                ]
            }
        ),
        [(1000, 5000, "SPEAKER_00", "We left.")],
    ),
    "json: whisper.cpp": Brought(
        "json",
        json.dumps({"transcription": [{"offsets": {"from": 500, "to": 900}, "text": " We left"}]}),
        [(500, 900, None, "We left")],
    ),
    "otr: oTranscribe": Brought(
        "otr",
        json.dumps(
            {
                "text": '<p><span class="timestamp" data-timestamp="1">00:01</span> Chan: We<br>left.</p><p><span '
                'class="timestamp" data-timestamp="5.0">00:05</span>Sokha: Why&nbsp;&amp; how?</p>'
            }
        ),
        [(1000, 5000, "Chan", "We left."), (5000, 7000, "Sokha", "Why & how?")],
    ),
    "html: noScribe": Brought(
        "html",
        "<html><head><style>p {}</style></head><body><p><a name='ts_500_1500_S00' >S00: <span>[00:00:00]</span> We "
        "left.</a></p><p><a name='ts_1600_4000_S01' >S01: Why?</a><a name='ts_4000_5000_S01' > Say.</a></p></body>"
        "</html>",
        [(500, 1500, "S00", "We left."), (1600, 4000, "S01", "Why?"), (4000, 5000, "S01", "Say.")],
    ),
    "ttml: who speaks": Brought(
        "ttml",
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:m="http://www.w3.org/ns/ttml#metadata"><head><m:agent xml:id="v1">'
        '<m:name>Chan</m:name></m:agent></head><body><div><p begin="1s" end="00:00:05" m:agent="v1">We<br/>left.</p>'
        "</div></body></tt>",
        [(1000, 5000, "Chan", "We left.")],
    ),
}
