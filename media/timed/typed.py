"""Transcripts as people type them, row by row: with a time or none, a name or none, in paragraphs or in a table.

`[00:01:23.450] S1: words` is how they leave here. Others write `#00:01:23-4#` (f4 and easytranscript, which set it
where a turn ends), `{00:01:23}`, `00:01:23 Name: words`, or a row of its own above the words. Whatever is missing stays
unknown, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from media.timed import names
from media.timed.html_rows import HtmlRow
from media.timed.limits import MOST_LINES, clock_ms, not_too_long, not_too_many
from media.timed.lines import one_line
from media.timed.markup import plain
from media.timed.pages import Block, Table

_FRACTION = r"(?:[.,-](\d{1,3})|[:;]\d\d(?=[\s\])}>#]|\Z))?"
_CLOCK = rf"(?:(\d{{1,2}}):)?(\d{{1,3}}):(\d\d){_FRACTION}"
_LONG_CLOCK = r"(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,3})|[:;]\d\d)?"
_TO = r"\s{0,3}(?:-{1,2}>|[-–—])\s{0,3}"
_MARKED = re.compile(rf"\s{{0,8}}[\[({{<#]\s?{_CLOCK}(?:{_TO}{_CLOCK})?\s?[\])}}>#][ \t:–—-]{{0,4}}")
_BARE = re.compile(rf"\s{{0,8}}{_LONG_CLOCK}(?:{_TO}{_LONG_CLOCK})?(?=\s|\Z)[ \t]{{0,4}}(?:[–—-][ \t]{{1,4}})?")
_SHORT = re.compile(r"\s{0,8}(\d{1,3}):(\d\d)[ \t]{1,4}(?=\D)")
_LETTERED = re.compile(r"\A\s{0,8}[\[(]?(\d{1,2})\s?h\s?(\d\d)\s?m(?:in)?\s?(\d\d)\s?s?[\])]?(?=\s)")
_PRIMED = re.compile(r"\A\s{0,8}[\[(](\d{1,3})['′](\d\d)(?:''|[\"″])[\])]")
_ALONE = re.compile(rf"\s{{0,8}}{_CLOCK}(?:{_TO}{_CLOCK})?\s{{0,8}}")
_AT_END = re.compile(rf"\s?#{_CLOCK}#\s{{0,8}}\Z")
_HEAD = re.compile(rf"\s{{0,8}}(?P<who>\S[^\n]{{0,38}}?)(?:\s{{2,8}}|\t|\s?[\[(]){_CLOCK}[\])]?:?\s{{0,8}}")
_NAMED_BEFORE = re.compile(r"(?P<who>[^\s:：\[({<#][^:：\[({<#\n]{0,38}?)\s{0,4}(?=[\[({<#]\s?\d)")
_END_SPACE = 64
_LONGEST_NAME, _LONGEST_HEADING = 40, 24


@dataclass(frozen=True, slots=True)
class Typed:
    """One paragraph of a typed transcript; what the paper does not say is None."""

    text: str
    start_ms: int | None = None
    speaker: str | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as it stands: its time in front or at its end, whether it is only a head for what follows, its words."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    closes_ms: int | None = None
    speaker: str | None = None
    head: bool = False


def read(blocks: Iterable[Block]) -> list[Typed]:
    """Paragraphs and tables as typed passages. Raises Unreadable."""
    rows: list[_Row] = []
    for number, block in enumerate(blocks, start=1):
        if isinstance(block, str) and block.strip():
            pieces = not_too_long(block, number).split("\n")
            for at, piece in enumerate(pieces):
                row = _read_tabbed(piece, number) or _read_row(one_line(piece), number)
                goes_on = at > 0 and row.start_ms is None and not row.head and not names.begins_with_one(row.text)
                if goes_on:
                    text = f"{rows[-1].text} {row.text}".strip()
                    rows[-1] = replace(rows[-1], text=text, closes_ms=row.closes_ms, head=rows[-1].head and not text)
                else:
                    not_too_many(rows, number, 2 * MOST_LINES)
                    rows.append(row)
        elif not isinstance(block, str):
            rows += _read_table(block, number)
    return _passages([row for row in rows if row.text or row.head])


def _read_row(text: str, number: int) -> _Row:
    """Time and words of one row; names are looked for when all rows are known."""
    text = _PRIMED.sub(r"[\1:\2]", _LETTERED.sub(r"[\1:\2:\3]", text, count=1), count=1)
    if match := _AT_END.search(text[-_END_SPACE:]):
        rest = text[: len(text) - len(match[0])]
        closes = clock_ms(match.group(1, 2, 3, 4), number)
        return replace(_read_row(rest, number), closes_ms=closes) if rest.strip() else _Row("", closes, head=True)
    speaker = None
    match = _MARKED.match(text)
    if match is None and (before := _NAMED_BEFORE.match(text)) and names.like_a_name(before["who"].strip()):
        match = _MARKED.match(text, before.end())
        speaker = before["who"].strip() if match else None
    if match is None:
        match = _BARE.match(text) or _ALONE.fullmatch(text)
    if match is None and (short := _SHORT.match(text)) and names.begins_with_one(text[short.end() :]):
        return _Row(plain(text[short.end() :]).strip(), clock_ms((None, *short.group(1, 2), None), number))
    if match is None:
        if (head := _HEAD.fullmatch(text)) and names.like_a_name(head["who"].strip()):
            return _Row("", clock_ms(head.group(2, 3, 4, 5), number), speaker=head["who"].strip(), head=True)
        return _Row(plain(text).strip())
    start = clock_ms(match.group(1, 2, 3, 4), number)
    end = clock_ms(match.group(5, 6, 7, 8), number) if match[6] is not None else None
    rest = plain(text[match.end() :]).strip()
    return _Row(rest, start, end, speaker=speaker, head=not rest)


def _read_tabbed(text: str, number: int) -> _Row | None:
    """A row whose time, speaker and words stand apart by tabs, as a table that was made into text."""
    cells = [one_line(cell).strip() for cell in text.strip().split("\t") if cell.strip()]
    if len(cells) < 3 or not (_ALONE.fullmatch(cells[0]) or _MARKED.fullmatch(cells[0])):
        return None
    row = _read_cells(cells, number)
    return row if row.speaker and names.like_a_name(row.speaker) else None


def _read_table(table: Table, number: int) -> list[_Row]:
    """Rows as `time | who | words`, in this order or another; without times, `who | words`. Rows may be counted."""
    if len(table) > 1 and all(len(cells) > 2 and cells[0].strip(" .").isdecimal() for cells in table[1:]):
        table = [cells[1:] for cells in table]
    rows = [_read_cells([one_line(cell) for cell in cells], number) for cells in table]
    if any(row.start_ms is not None for row in rows):
        first = table[0]
        if rows[0].start_ms is None and all(len(cell.strip()) <= _LONGEST_HEADING for cell in first):
            rows = rows[1:]  # what the columns are called
        return [row for row in rows if row.text]
    pairs = [[one_line(cell) for cell in cells] for cells in table]
    paired = len(pairs) > 1 and all(len(cells) == 2 and len(cells[0]) <= _LONGEST_NAME for cells in pairs)
    if paired and any(len(cells[1]) > len(cells[0]) for cells in pairs):
        return [_Row(plain(words), speaker=who.rstrip(": ") or None) for who, words in pairs if words]
    return [_read_row(" ".join(cell for cell in cells if cell), number) for cells in pairs]


def _read_cells(cells: Sequence[str], number: int) -> _Row:
    start = end = None
    rest: list[str] = []
    for cell in cells:
        match = None if start is not None else _ALONE.fullmatch(cell) or _MARKED.fullmatch(cell)
        if match is not None:
            start = clock_ms(match.group(1, 2, 3, 4), number)
            end = clock_ms(match.group(5, 6, 7, 8), number) if match[6] is not None else None
        elif start is not None and end is None and not rest and (until := _ALONE.fullmatch(cell)):
            end = clock_ms(until.group(1, 2, 3, 4), number)
        elif cell:
            rest.append(cell)
    named = len(rest) > 1 and len(rest[0]) <= _LONGEST_NAME
    speaker = rest[0].rstrip(": ") if named else None
    return _Row(plain(" ".join(rest[named:])).strip(), start, end, speaker=speaker)


def _passages(rows: Sequence[_Row]) -> list[Typed]:
    known = names.typed_in([row.text for row in rows if row.speaker is None and row.text])
    closing = sum(row.closes_ms is not None for row in rows)
    at_ends = closing > 0 and closing >= sum(row.start_ms is not None and row.closes_ms is None for row in rows)
    found: list[Typed] = []
    head: _Row | None = None
    reached = 0
    for row in rows:
        if row.head and not (at_ends and row.closes_ms is None and row.speaker is None):
            head = row
            continue
        speaker, text = (row.speaker, row.text) if row.speaker else known.parted(row.text)
        start, end = row.start_ms, row.end_ms
        if at_ends and start is None and row.closes_ms is not None:
            start, end, reached = min(reached, row.closes_ms), row.closes_ms, row.closes_ms
        if head is not None:
            start, end = (head.start_ms, head.end_ms) if start is None else (start, end)
            speaker, head = speaker or head.speaker, None
        if text.strip():
            not_too_many(found)
            found.append(Typed(text.strip(), start, speaker, end))
    return found


def of_rows(rows: Iterable[HtmlRow]) -> list[Typed]:
    """Rows of HTML, whose markup tells times, as typed passages. Raises Unreadable."""
    found: list[_Row] = []
    rows = list(rows)
    if any(one.end_ms is not None for one in rows):  # what the program says of itself stands above the passages
        rows = rows[next(place for place, one in enumerate(rows) if one.end_ms is not None) :]
    for number, one in enumerate(rows, start=1):
        read_row = _read_row(one_line(one.text), number)
        not_too_many(found, number, 2 * MOST_LINES)
        if one.start_ms is None:
            found.append(read_row)
            continue
        text, speaker = read_row.text, (one.speaker or "").lstrip("/") or None
        said = text[2:].removesuffix("//") if text.startswith("//") else text  # what is said into others' words
        if speaker and said.startswith(f"{speaker}:"):
            text = _read_row(said[len(speaker) + 1 :].strip(), number).text
        found.append(_Row(text, one.start_ms, one.end_ms, speaker=speaker or read_row.speaker, head=not text))
    return _passages([row for row in found if row.text or row.head])
