r"""What libass is to draw: the karaoke as an ASS script whose rows are whole.

A tag inside a row makes libass shape what follows it by itself, and the ink is no longer that of plain text. So a row
stands there twice, in each colour, and two clips part it: what lies left of a column is drawn in the colour of what is
sung, the rest in the other. The clips move in step over each word, so every pixel is drawn once, by one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.timing import TimedLine
from media.timed import ass
from media.timed.lines import Credits, one_line, placed
from media.video.extents import Extent, Extents
from media.video.layout import Block, Cards, Layout, Small, TextRow

TITLE_MS = 4000
CREDITS_MS = 5000
WAITING_MS = 4000
"""How long before it is sung a line may already stand there."""
_LINGER_MS = 400
_FADE = r"\fad(300,300)"
_HAIR = 0.02
"""How much of its first letter a word shows at once when it begins, in heights of a row."""


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block and when it stands in the picture, in milliseconds of the video."""

    block: Block
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the video shows, and when. `lead_ms`: by how much the song begins later than the picture."""

    shown: tuple[ShownBlock, ...]
    cards: Cards
    lead_ms: int
    title_until_ms: int
    credits_from_ms: int
    total_ms: int

    @property
    def rows(self) -> list[TextRow]:
        """Every row that is swept."""
        return [row for shown in self.shown for row in shown.block.rows]


def planned(
    lines: Sequence[TimedLine], cards: Cards, layout: Layout, sound_ms: int, translations: Sequence[str] | None = None
) -> Plan:
    """Two blocks take turns: the next line already waits while one is sung.

    Args:
        translations: one text for each of `lines`, empty where there is none.
    """
    timed = placed(lines)
    lead = max(0, TITLE_MS - timed[0][1]) if timed else 0
    other = {id(line): text for line, text in zip(lines, translations or [""] * len(lines), strict=True)}
    first_shown = max(0, timed[0][1] + lead - WAITING_MS // 2) if timed else lead + sound_ms
    found = []
    free = [first_shown, first_shown]
    for number, (line, start, end) in enumerate(timed):
        half = number % 2
        begins = min(start + lead, max(free[half], start + lead - WAITING_MS))
        until = end + lead + _LINGER_MS
        if number + 2 < len(timed):
            until = max(end + lead, min(until, timed[number + 2][1] + lead))
        free[half] = until
        found.append(ShownBlock(layout.block(line, other[id(line)], half == 1), begins, until))
    return Plan(
        shown=tuple(found),
        cards=cards,
        lead_ms=lead,
        title_until_ms=min(first_shown, TITLE_MS * 2),
        credits_from_ms=max(lead + sound_ms, max(free) if timed else 0),
        total_ms=lead + sound_ms + CREDITS_MS,
    )


def written(plan: Plan, extents: Extents, layout: Layout) -> str:
    """The ASS script of a plan, once it is known where the words of its rows lie."""
    events = [*_title(plan, layout)]
    for shown in plan.shown:
        for row in shown.block.rows:
            events += _swept(row, extents[row], shown, plan.lead_ms, layout)
        events += [
            _plain(small, shown.start_ms, shown.end_ms, layout, layout.picture.aside) for small in shown.block.asides
        ]
    events += _credits(plan, layout)
    about = Credits(plan.cards.title, plan.cards.artist)
    return ass.document(events, about, [ass.style_row("Default", layout.style())], layout.style())


def _swept(row: TextRow, extents: Sequence[Extent], shown: ShownBlock, lead_ms: int, layout: Layout) -> Iterator[str]:
    """A row in both colours, parted by clips that move as it is sung."""
    picture = layout.picture
    begins = shown.start_ms // 10 * 10
    # a frame stands until the next one comes, so it shows what is right in the middle of its time
    early = begins - lead_ms + 500 // picture.frames_per_second
    steps: list[tuple[int, int, int]] = []
    for piece, (left, right) in zip(row.pieces, extents, strict=True):
        start, end = max(1, piece.start_ms - early), max(1, piece.end_ms - early)
        steps += [(start, start, min(right, left + round(row.size * _HAIR))), (start, end, right)]
    sides = (
        (picture.sung, rf"\clip(0,0,%d,{picture.height})"),
        (picture.unsung, rf"\clip(%d,0,{picture.width},{picture.height})"),
    )
    for colour, clip in sides:
        moves = "".join(rf"\t({start},{end},{clip % column})" for start, end, column in steps)
        place = _place(row, layout, colour) + clip % extents[0][0] + moves
        yield ass.dialogue(begins, shown.end_ms, f"{{{place}}}" + ass.escaped("".join(row.texts)))


def _plain(small: Small, start_ms: int, end_ms: int, layout: Layout, colour: str, more: str = "") -> str:
    place = _place(small, layout, colour) + more
    return ass.dialogue(start_ms, max(start_ms, end_ms), f"{{{place}}}" + ass.escaped(small.text))


def _place(row: TextRow | Small, layout: Layout, colour: str) -> str:
    return rf"\q2\an5\pos({layout.middle},{row.y})\fs{row.size}\1c{ass.colour(colour)}"


def _title(plan: Plan, layout: Layout) -> Iterator[str]:
    """The title, a thread, and who sings."""
    title, artist = one_line(plan.cards.title), one_line(plan.cards.artist)
    rows, scales = ((title, "", artist), (1.5, 0.4, 0.6)) if artist else ((title,), (1.5,))
    for small in layout.column(rows, scales):
        if small.text:
            yield _plain(small, 0, plan.title_until_ms, layout, layout.picture.unsung, _FADE)
        else:
            yield ass.dialogue(0, plan.title_until_ms, _thread(small.y, layout))


def _credits(plan: Plan, layout: Layout) -> Iterator[str]:
    rows = [one_line(row) for row in plan.cards.credits if one_line(row)] or [one_line(plan.cards.title)]
    scale = layout.fitted(rows, 0.55) / layout.em
    for small in layout.column(rows, [scale] * len(rows)):
        yield _plain(small, plan.credits_from_ms, plan.total_ms, layout, layout.picture.unsung, _FADE)


def _thread(y: int, layout: Layout) -> str:
    """A row of stitches across the middle of the picture."""
    thick = max(2, round(layout.em * 0.05))
    stitch, step, count = thick * 7, thick * 11, 7
    dashes = " ".join(
        f"m {x} 0 l {x + stitch} 0 {x + stitch} {thick} {x} {thick}" for x in range(0, step * count, step)
    )
    place = rf"\an5\pos({layout.middle},{y})\1c{ass.colour(layout.picture.sung)}{_FADE}\p1"
    return f"{{{place}}}{dashes}"
