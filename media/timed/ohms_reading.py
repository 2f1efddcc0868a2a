"""OHMS XML of versions 3 to 6, read tolerantly by the elements' own names: they differ in namespace and in order.

A transcript comes as WebVTT (`vtt_transcript`), or as text whose lines `sync` places at every minute:
`1:|13(3)|19(14)`, line and word. Notes stand apart behind it, and go to where they are called.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from archive.language.messages import Message
from archive.timing import Utterance
from media.timed import names, typed, webvtt
from media.timed.captions import Captions
from media.timed.limits import (
    LONGEST_LINE,
    MOST_LINES,
    TooMuch,
    Unreadable,
    checked_ms,
    not_too_long,
    not_too_many,
    whole,
)
from media.timed.lines import one_line
from media.timed.markup import plain
from media.timed.ohms import OhmsPlace, OhmsPoint, OhmsRecord
from media.timed.typed import Typed
from media.timed.xml_events import walk

_WHAT = Message("an OHMS document")
_LONGEST_FIELD = 20_000
_FOOTNOTE = re.compile(r"\[\[footnote\]\]\s*(\d{1,5})\s*\[\[/footnote\]\]")
_NOTE = re.compile(r"\[\[note\]\]([^\[]*+)\[\[/note\]\]")
_NOTES = "[[footnotes]]"
_ANNOTATION = re.compile(r"<annotation ref=\"(\d{1,5})\">([^<]*+)</annotation>")
_ANNOTATED = re.compile(r"<c\.(\d{1,5})>([^<]*+)</c>")
_MS_A_WORD = 400
_CLOCK = re.compile(r"\s{0,8}[\[({<]\s?(?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,:;]\d{1,3})?\s?[\])}>]")
_SYNC = re.compile(r"(\d{1,6})\((\d{1,6})\)")


def read(text: str) -> OhmsRecord:
    """The first interview of an OHMS file. Raises Unreadable."""
    heard = _Heard()
    walk(text.encode(), heard, _WHAT)
    return heard.record()


class _Heard:
    """The fields of a record and of its points, as they go by."""

    def __init__(self) -> None:
        self._fields: dict[str, list[str]] = {}
        self._points: list[dict[str, list[str]]] = []
        self._into: dict[str, list[str]] | None = None
        self._pieces: list[str] | None = None
        self._attributes: dict[str, str] = {}
        self._length = self._records = 0
        self._begun = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        local = name.rpartition("}")[2]
        if not self._begun and local not in ("ROOT", "record"):
            raise Unreadable(Message("The file is XML, but not an OHMS document."), line)
        self._begun = True
        if local == "record":
            self._records += 1
            self._into = self._fields
        elif local == "point":
            not_too_many(self._points, line)
            self._into = {}
            self._points.append(self._into)
        elif local == "date" and self._records == 1:
            self._attributes["date"] = attributes.get("value", "")
        self._pieces, self._length = [], 0

    def text(self, piece: str) -> None:
        if self._pieces is not None:
            self._pieces.append(piece)

    def end(self, name: str) -> None:
        local = name.rpartition("}")[2]
        if local == "point":
            self._into = self._fields
        elif self._pieces is not None and self._into is not None and self._records == 1:
            value = "".join(self._pieces).strip()
            if value:
                self._into.setdefault(local, []).append(value)
        self._pieces = None

    def record(self) -> OhmsRecord:
        captions, paragraphs, coarse = self._transcript()
        one = {name: values[0] for name, values in self._fields.items()}
        return OhmsRecord(
            title=one_line(one.get("title", "")),
            identifier=one.get("accession", ""),
            date=self._attributes.get("date", "")[:10],
            language=one.get("language", ""),
            other_language=one.get("transcript_alt_lang", ""),
            interviewees=tuple(one_line(name) for name in self._fields.get("interviewee", ())),
            repository=one.get("repository", ""),
            rights=one.get("rights", ""),
            utterances=captions.utterances,
            points=tuple(_read_point(point) for point in self._points),
            paragraphs=tuple(paragraphs),
            coarse=coarse,
        )

    def _transcript(self) -> tuple[Captions, list[Typed], bool]:
        cues = self._fields.get("vtt_transcript", [""])[0]
        if "-->" in cues:
            return webvtt.read_transcript(_with_annotations(cues)), [], False
        text = self._fields.get("transcript", [""])[0]
        if text in ("", "No transcript."):
            return Captions(()), [], False
        rows = _without_footnotes(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        marks = _marks(self._fields.get("sync", [""])[0])
        if not marks:
            return Captions(()), _typed(rows), False
        return Captions(tuple(_synced(rows, marks))), [], True


def _read_point(found: Mapping[str, Sequence[str]]) -> OhmsPoint:
    def one(name: str) -> str:
        return plain(" ".join(found.get(name, [""])[0].split()))[:_LONGEST_FIELD]

    def several(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in one(name).split(";") if part.strip())

    positions = list(found.get("gps", ()))
    called = list(found.get("gps_text", ()))
    places = []
    for number in range(min(max(len(positions), len(called)), 64)):
        degrees = _degrees(positions[number]) if number < len(positions) else (None, None)
        places.append(OhmsPlace(*degrees, one_line(called[number]) if number < len(called) else ""))
    seconds = one("time") or "0"
    return OhmsPoint(
        checked_ms(whole(seconds.partition(".")[0] or "0") * 1000),
        one("title"),
        one("title_alt"),
        one("synopsis"),
        one("synopsis_alt"),
        one("partial_transcript"),
        several("keywords"),
        several("keywords_alt"),
        several("subjects"),
        tuple(places),
    )


def _degrees(text: str) -> tuple[float | None, float | None]:
    match = re.fullmatch(r"\s{0,8}(-?\d{1,3}(?:\.\d{1,12})?)\s{0,4},\s{0,4}(-?\d{1,3}(?:\.\d{1,12})?)\s{0,8}", text)
    if match is None or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
        return None, None
    return float(match[1]), float(match[2])


def _with_annotations(cues: str) -> str:
    """Of WebVTT, notes that stand apart behind it: in brackets after the words that they belong to."""
    notes = {number: " ".join(note.split()) for number, note in _ANNOTATION.findall(cues)}

    def called(match: re.Match[str]) -> str:
        return f"{match[2]} [{notes[match[1]]}]" if match[1] in notes else match[0]

    return _with_notes(_ANNOTATED, called, cues) if notes else cues


def _with_notes(calls: re.Pattern[str], called: Callable[[re.Match[str]], str], text: str) -> str:
    """The text with each note where it is called, as long as that does not grow without end."""
    room = 3 * len(text) + LONGEST_LINE

    def put(match: re.Match[str]) -> str:
        nonlocal room
        note = called(match)
        room -= len(note)
        if room < 0:
            raise TooMuch(Message("The document repeats its notes more often than a transcript can."))
        return note

    return calls.sub(put, text)


def _without_footnotes(text: str) -> str:
    """Notes stand in brackets where their number is called."""
    body, _, behind = text.partition(_NOTES)
    notes = [" ".join(note.split()) for note in _NOTE.findall(behind)]

    def called(match: re.Match[str]) -> str:
        number = int(match[1])
        apart = "" if match.start() and match.string[match.start() - 1].isspace() else " "
        return f"{apart}[{notes[number - 1]}]" if 0 < number <= len(notes) else ""

    return _with_notes(_FOOTNOTE, called, body)


def _marks(sync: str) -> list[tuple[int, int, int]]:
    """Row and word, each counted from 1, that every moment begins at."""
    interval, _, places = sync.partition(":")
    step = whole(interval.strip()) * 60_000 if interval.strip().isdecimal() else 0
    found = []
    for number, place in enumerate(places.split("|")[: MOST_LINES + 1]):
        if step and (match := _SYNC.fullmatch(place.strip())):
            found.append((checked_ms(number * step), int(match[1]), int(match[2])))
    return found


def _typed(rows: Sequence[str]) -> list[Typed]:
    """Rows that nothing places; where people typed times between the words, with those."""
    if any(_CLOCK.match(row) for row in rows):
        return typed.read(rows)
    return [Typed(words, None, who) for who, words in _paragraphs(rows)]


def _paragraphs(rows: Sequence[str]) -> list[tuple[str | None, str]]:
    """Rows as speakers and what they say; an empty row, or a name, begins a paragraph."""
    known = names.typed_in(rows)
    found: list[tuple[str | None, str]] = []
    fresh = True
    for row in rows:
        speaker, text = known.parted(one_line(row))
        if not text and speaker is None:
            fresh = True
        elif fresh or speaker is not None:
            not_too_many(found)
            found.append((speaker, plain(text)))
            fresh = False
        else:
            found[-1] = found[-1][0], not_too_long(f"{found[-1][1]} {plain(text)}".strip())
    return [one for one in found if one[1]]


def _synced(rows: Sequence[str], marks: Sequence[tuple[int, int, int]]) -> list[Utterance]:
    """Paragraphs with the times of the marks in them, shared out by words between one mark and the next."""
    known = _known_places(rows, marks)
    found: list[Utterance] = []
    reached = 0
    for speaker, text in _paragraphs(rows):
        first = reached
        reached += len(text.split()) + (len(speaker.split()) if speaker else 0)
        start, end = _moment(known, first), _moment(known, reached)
        found.append(Utterance(start, max(start + 1, end), text, speaker=speaker))
    return found


def _known_places(rows: Sequence[str], marks: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """How many words were said by when, from the beginning to the end; the last stretch is as fast as all before."""
    before = [0]
    for row in rows:
        before.append(before[-1] + len(row.split()))
    known = [(0, 0)]
    for at_ms, number, word in marks:
        place = before[min(max(number - 1, 0), len(rows))] + max(0, word - 1)
        if place > known[-1][0] and at_ms > known[-1][1]:
            known.append((place, at_ms))
    place, at_ms = known[-1]
    rest = max(1, before[-1] - place)
    return [*known, (place + rest, at_ms + round(rest * at_ms / place) if place else at_ms + rest * _MS_A_WORD)]


def _moment(known: Sequence[tuple[int, int]], place: int) -> int:
    at = min(max(bisect_right(known, place, key=lambda one: one[0]) - 1, 0), len(known) - 2)
    (before, begins), (after, stops) = known[at], known[at + 1]
    return round(begins + min(1.0, (place - before) / max(1, after - before)) * (stops - begins))
