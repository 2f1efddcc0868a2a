"""More files for the table in `test_kinds_of_transcripts`: the same kinds, as other programs and hands make them."""

from __future__ import annotations

import json

from tests.ingest.intake.brought_files import TURNS, Brought, W, packed, paragraph, run, table_of, word

_RELATION = (
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}"/>'
)
_TAB, _BREAK = "<w:r><w:tab/></w:r>", "<w:r><w:br/></w:r>"


def _related(**targets: str) -> str:
    inside = "".join(_RELATION.format(kind=kind, target=target) for kind, target in targets.items())
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


def _ohms(version: str, inside: str) -> str:
    return f'<ROOT xmlns="https://www.weareavp.com/nunncenter/ohms"><record><version>{version}</version>{inside}</record></ROOT>'


ODD: dict[str, Brought] = {
    "vtt: cues without an empty row between them": Brought(
        "vtt",
        "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nWe left\n2\n00:03.000 --> 00:04.000\nin 1997\n"
        "00:05.000 --> 00:06.000\nx\n",
        [(1000, 2000, None, "We left"), (3000, 4000, None, "in 1997"), (5000, 6000, None, "x")],
    ),
    "vtt: two angles where another person speaks": Brought(
        "vtt",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n>> CHAN: We left.\n&gt;&gt; Why?\n\n"
        "00:03.000 --> 00:04.000\n>> CHAN: At night.\n",
        [(1000, 2000, "CHAN", "We left."), (1000, 2000, None, "Why?"), (3000, 4000, "CHAN", "At night.")],
    ),
    "srt: the arrow that Word makes": Brought(
        "srt",
        "1\n00:00:01,000 –> 00:00:02,000\nWe left\n\n2\n00:00:03,000 → 00:00:04,000\nWhy\n\n3\n00:00:05 -> 00:00:06\nx",
        [(1000, 2000, None, "We left"), (3000, 4000, None, "Why"), (5000, 6000, None, "x")],
    ),
    "srt: Khmer digits": Brought(
        "srt", "១\n០០:០០:០១,០០០ --> ០០:០០:០២,៥០០\nយើងចេញ ១៩៩៧\n", [(1000, 2500, None, "យើងចេញ ១៩៩៧")]
    ),
    "srt: tags in braces": Brought(
        "srt",
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}{b}We{/b} left {b}\n",
        [(1000, 2000, None, "We left {b}")],
    ),
    "docx: time, who and words by tabs": Brought(
        "docx",
        word(
            paragraph(run("00:00:01") + _TAB + run("Chan") + _TAB + run("We left."))
            + paragraph(run("00:00:05") + _TAB + run("Sokha") + _TAB + run("Why?"))
        ),
        TURNS,
    ),
    "docx: a head and its words parted by a soft break": Brought(
        "docx",
        word(
            paragraph(run("Chan   0:01") + _BREAK + run("We left."))
            + paragraph(run("[00:05]") + _BREAK + run("Sokha: Why?"))
        ),
        TURNS,
    ),
    "docx: times with letters, times with strokes": Brought(
        "docx",
        word(paragraph(run("00h00m01s Chan: We left.")) + paragraph(run("[0'05''] Sokha: Why?"))),
        TURNS,
    ),
    "txt: a range above the words": Brought(
        "txt",
        "00:00:01 - 00:00:04\nWe left.\n00:00:05 - 00:00:06\nWhy?",
        [(1000, 4000, None, "We left."), (5000, 6000, None, "Why?")],
    ),
    "txt: what only looks like a time": Brought(
        "txt",
        "He was 5'10\" tall.\n5'10\" he was, and came 00h10m00s late.",
        [(None, "He was 5'10\" tall."), (None, "5'10\" he was, and came 00h10m00s late.")],
    ),
    "txt: minutes before a name": Brought(
        "txt",
        "00:01 Chan: We left.\n00:05 Sokha: Why?\n12:30 was the hour.",
        [(1000, 5000, "Chan", "We left."), (5000, 9600, "Sokha", "Why? 12:30 was the hour.")],
    ),
    "srt: out of order": Brought(
        "srt",
        "1\n00:00:05,000 --> 00:00:06,000\nlater\n\n2\n00:00:01,000 --> 00:00:02,000\nfirst\n",
        [(1000, 2000, None, "first"), (5000, 6000, None, "later")],
    ),
    "docx: rows that are counted, times with frames": Brought(
        "docx",
        word(
            table_of(
                ("No.", "Timecode", "Speaker", "Transcript"),
                ("1", "00:00:01:12", "Chan", "We left."),
                ("2", "00:00:05;00", "Sokha", "Why?"),
            )
        ),
        TURNS,
    ),
    "docx: parts under other names": Brought(
        "docx",
        packed(
            **{
                "_rels__.rels": _related(officeDocument="/word/document2.xml"),
                "word___rels__document2.xml.rels": _related(footnotes="notes2.xml"),
                "word__document2_xml": f"<w:document {W}><w:body>"
                + paragraph(f"{run('We left')}<w:r><w:footnoteReference w:id='2'/></w:r>")
                + "</w:body></w:document>",
                "word__notes2_xml": f"<w:footnotes {W}><w:footnote w:id='2'>{paragraph(run('in 1997'))}</w:footnote>"
                "</w:footnotes>",
            }
        ),
        [(None, "We left [in 1997]")],
    ),
    "OHMS 4: times typed between the words": Brought(
        "xml",
        _ohms("4.0", "<sync/><transcript>[00:00:01]\nChan: We left.\n[00:00:05]\nSokha: Why?</transcript>"),
        TURNS,
    ),
    "OHMS 3: a note in the middle of a sentence": Brought(
        "xml",
        _ohms(
            "3.0",
            "<transcript>Chan: We left [[footnote]]1[[/footnote]] at night.\n[[footnotes]]\n[[note]]in 1997[[/note]]\n"
            "[[/footnotes]]</transcript>",
        ),
        [("Chan", "We left [in 1997] at night.")],
    ),
    "OHMS 6: notes behind the cues": Brought(
        "xml",
        _ohms(
            "6.0",
            "<vtt_transcript>WEBVTT\n\n00:00:01.000 --&gt; 00:00:05.000\n"
            "&lt;v Chan&gt;We &lt;c.1&gt;left&lt;/c&gt; then.\n\n"
            'NOTE\nANNOTATIONS BEGIN\n&lt;annotation ref="1"&gt;in 1997&lt;/annotation&gt;\nANNOTATIONS END\n'
            "</vtt_transcript>",
        ),
        [(1000, 5000, "Chan", "We left [in 1997] then.")],
    ),
    "json: Transformers": Brought(
        "json",
        json.dumps(
            {"text": "x", "chunks": [{"timestamp": [0, 3.2], "text": " We"}, {"timestamp": [3.2, None], "text": "x"}]}
        ),
        [(0, 3200, None, "We"), (3200, 4200, None, "x")],
    ),
    "json: WhisperX, who speaks told by words, an end not found": Brought(
        "json",
        json.dumps(
            {
                "segments": [
                    {
                        "start": 1,
                        "end": None,
                        "text": "We left.",
                        "words": [
                            {"word": "We", "start": 1, "end": 2, "speaker": "SPEAKER_01"},
                            {"word": "left.", "speaker": "SPEAKER_01"},
                        ],
                    },
                    {"start": 1.5, "end": 3, "text": "Why?", "speaker": None},
                ]
            }
        ),
        [(1000, 1500, "SPEAKER_01", "We left."), (1500, 3000, None, "Why?")],
    ),
    "html: noScribe, its own head and people who speak at once": Brought(
        "html",
        "<html><body><p>a.mp3</p><p>Transcribed with noScribe vers. 0.6<br/>Audio source: a.mp3</p><p><a "
        'name="ts_500_1500_S00" >S00: [00:00:00] We left.</a></p><p><a name="ts_1200_1500_//S01" >//S01: yes//</a></p>'
        "</body></html>",
        [(500, 1500, "S00", "We left."), (1200, 1500, "S01", "yes")],
    ),
}
