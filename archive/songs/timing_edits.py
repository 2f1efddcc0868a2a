"""When the lines of a song are sung, as people and the machine set it: every change kept, undone in one piece.

An edit is small (a tap, a nudge, a cut of a word) and is saved as it is made. It brings an id that its maker drew, so
that one sent twice is one, and the number of the edit that its maker last saw on each line. Two people at once: whoever
comes last has the line, both are told, and what stood there before stays in the edit to be brought back.

The entries of an edit, one for each thing it changed, each with what stood `before` and `after`:
`timing` of a line in an arrangement, as `_written` gives it, or null; `words` of a line, by their lengths;
`arrangement`, with its recording, kind and offset; `romanised`, whose text is not kept and which is not undone here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.lyrics.current_words import current_lyric
from archive.models import Account, Arrangement, LineTiming, LyricLine, LyricVersion, Recording, Song, StudioEdit
from archive.songs import line_words
from archive.songs.line_words import TimedPiece

LONGEST_MS = 24 * 3_600_000
MOST_CHANGES = 500
KINDS = frozenset(
    {"tap", "hold", "nudge", "shift", "drag", "pattern", "unlink", "clear", "words", "romanised", "import", "take-back"}
)
UNREADABLE = Message("The change could not be read. Load the page again.")


class EditInvalid(ArchiveError, ValueError):
    """A change that cannot be made; the sentence is for the person who made it."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line's part in an edit.

    Attributes:
        base: the number of the edit that its maker last saw on this line.
        what: `timing`, `words` or `romanised`.
        value: for `timing` None or `{"start", "end", "words": [[length, start, end], …], "follows"}`; for `words` the
            pieces' lengths; for `romanised` the text, empty to let the machine write it.
    """

    line_id: str
    base: int
    what: str
    value: Any


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants changed at once."""

    id: str
    kind: str
    changes: tuple[LineChange, ...] = ()
    undoes: str | None = None


@dataclass(slots=True)
class Done:
    """What came of an edit: its number, the lines it touched, and whose newer work it wrote over."""

    number: int
    lines: set[str] = field(default_factory=set)
    over: dict[str, str] = field(default_factory=dict)


def read_edit(given: Any) -> Edit:
    """An edit as a browser sends it.

    Raises:
        EditInvalid: it does not have the shape of one.
    """
    try:
        changes = tuple(_read_change(one) for one in given.get("changes", ()))
        edit = Edit(str(given["id"]), str(given["kind"]), changes, given.get("undoes") or None)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EditInvalid(UNREADABLE) from None
    if not 8 <= len(edit.id) <= 32 or not edit.id.isalnum() or len(changes) > MOST_CHANGES:
        raise EditInvalid(UNREADABLE)
    if edit.undoes is None and edit.kind not in KINDS:
        raise EditInvalid(Message("The studio knows no such change."))
    return edit


def _read_change(one: Any) -> LineChange:
    what = next(name for name in ("timing", "words", "romanised") if name in one)
    return LineChange(str(one["line"]), int(one.get("base", 0)), what, one[what])


def apply(session: Session, song: Song, arrangement_id: str, account_id: str | None, edit: Edit) -> Done:
    """Make a change, write it down, and say whose newer work it covers.

    Raises:
        EditInvalid: it does not fit the song; nothing of it is made.
    """
    session.get_one(Song, song.id, with_for_update=True)
    known = session.get(StudioEdit, edit.id)
    if known is not None:
        if known.song_id != song.id:
            raise EditInvalid(UNREADABLE)
        return Done(known.number, {str(entry["line"]) for entry in known.entries if entry.get("line")})
    desk = EditInProgress(session, song.id, account_id)
    if edit.undoes is not None:
        desk.undo(edit.undoes)
    for change in edit.changes:
        desk.change(change, arrangement_id)
    return desk.write_down(edit.id, edit.kind, edit.undoes)


class EditInProgress:
    """One edit being made: it looks things up, changes them, and remembers what stood before."""

    def __init__(self, session: Session, song_id: str, account_id: str | None) -> None:
        self.session, self.song_id, self.account_id = session, song_id, account_id
        self.number = 1 + (
            session.scalar(select(func.max(StudioEdit.number)).where(StudioEdit.song_id == song_id)) or 0
        )
        self.entries: list[dict[str, object]] = []
        self.done = Done(self.number)
        version = current_lyric(session, song_id)
        self.lines = {line.id: line for line in version.lines} if version else {}

    def line(self, line_id: str) -> LyricLine:
        """A line of the current words that may be worked on; of older words, the line it has become.

        Raises:
            EditInvalid: there is none, or it is held.
        """
        line = self.lines.get(line_id) or self._successor(line_id)
        if line is None:
            raise EditInvalid(Message("The words of the song have changed since. Load the page again."))
        if line.held:
            raise EditInvalid(Message("This line is held: its source is not to be sung. It cannot be changed now."))
        return line

    def _successor(self, line_id: str) -> LyricLine | None:
        old = self.session.get(LyricLine, line_id)
        version = self.session.get(LyricVersion, old.version_id) if old else None
        if old is None or version is None or version.song_id != self.song_id:
            return None
        text = line_words.text_of(old)
        place = [one.id for one in version.lines if line_words.text_of(one) == text].index(old.id)
        same = [one for one in self.lines.values() if line_words.text_of(one) == text]
        return same[place] if place < len(same) else None

    def change(self, change: LineChange, arrangement_id: str) -> None:
        line = self.line(change.line_id)
        if change.what == "timing":
            timing = self.session.get(LineTiming, (arrangement_id, line.id))
            self._covers(line, timing, change.base)
            self.time(line, arrangement_id, _checked_timing(line, change.value))
        elif change.what == "words":
            self._cut(line, change.value)
        else:
            self._romanise(line, change.value)

    def _covers(self, line: LyricLine, timing: LineTiming | None, base: int) -> None:
        if timing and timing.revision > base and timing.by_id not in (None, self.account_id):
            who = self.session.get(Account, timing.by_id)
            self.done.over[line.id] = who.display_name if who else ""

    def time(
        self,
        line: LyricLine,
        arrangement_id: str,
        value: dict[str, Any] | None,
        before: dict[str, Any] | None = None,
    ) -> None:
        """Set a line's times to a value as `_written` gives it; None takes them away.

        Args:
            before: what stood there, where the line has been cut anew since.
        """
        timing = self.session.get(LineTiming, (arrangement_id, line.id))
        before = before or _written(line, timing)
        if value is None:
            if timing is not None:
                self.session.delete(timing)
        else:
            if timing is None:
                timing = LineTiming(arrangement_id=arrangement_id, line_id=line.id)
                self.session.add(timing)
            self._fill(timing, line, value)
        self.entries.append(
            {"line": line.id, "field": "timing", "arrangement": arrangement_id, "before": before, "after": value}
        )
        self.done.lines.add(line.id)

    def _fill(self, timing: LineTiming, line: LyricLine, value: dict[str, Any]) -> None:
        text = line_words.text_of(line)
        lengths = [len(piece) for piece in line_words.pieces(line)]
        timed = [TimedPiece(*row) for row in value["words"]]
        if sum(piece.length for piece in timed) != len(text):
            timed = []
        timing.start_ms, timing.end_ms = value["start"], value["end"]
        timing.words = line_words.as_words(text, line_words.relaid(text, lengths, timed)) if timed else ()
        timing.confidence, timing.origin = value["confidence"], value["origin"]
        timing.revision, timing.by_id, timing.follows_id = self.number, self.account_id, value["follows"]

    def _cut(self, line: LyricLine, lengths: Any) -> None:
        """Cut a line's words anew; the times of every arrangement follow."""
        text = line_words.text_of(line)
        if not line.km or not isinstance(lengths, list) or not all(type(length) is int for length in lengths):
            raise EditInvalid(Message("Only Khmer lines are cut into words; others have spaces."))
        try:
            wanted = line_words.checked(text, lengths)
        except line_words.CutInvalid as error:
            raise EditInvalid(error.sentence) from None
        timings = list(self.session.scalars(select(LineTiming).where(LineTiming.line_id == line.id)))
        before = [(timing, _written(line, timing)) for timing in timings]
        self.entries.append(
            {"line": line.id, "field": "words", "before": [len(p) for p in line_words.pieces(line)], "after": lengths}
        )
        line.words = wanted
        for timing, value in before:
            if value is not None and value["words"]:
                self.time(line, timing.arrangement_id, _with_cut(value, text, lengths), value)
        self.done.lines.add(line.id)

    def _romanise(self, line: LyricLine, text: Any) -> None:
        line.romanised = tidy(str(text)[:600]).strip() or line_words.romanised(line)
        self.entries.append({"line": line.id, "field": "romanised"})
        self.done.lines.add(line.id)

    def undo(self, edit_id: str) -> None:
        """Bring back what stood before an edit; in reverse order, so that each thing ends where it began."""
        edit = self.session.get(StudioEdit, edit_id)
        if edit is None or edit.song_id != self.song_id:
            raise EditInvalid(Message("There is nothing to undo any more."))
        undone = list(reversed(edit.entries))
        for field_name, undo in (("arrangement", self._rearrange), ("words", self._recut), ("timing", self._retime)):
            for entry in undone:
                if entry["field"] == field_name:
                    undo(entry, edit.number)

    def _rearrange(self, entry: dict[str, Any], _number: int) -> None:
        self.arrange(entry["arrangement"], entry["before"])

    def _recut(self, entry: dict[str, Any], _number: int) -> None:
        self._cut(self.line(entry["line"]), entry["before"])

    def _retime(self, entry: dict[str, Any], number: int) -> None:
        if self.session.get(Arrangement, entry["arrangement"]) is not None:
            line = self.line(entry["line"])
            self._covers(line, self.session.get(LineTiming, (entry["arrangement"], line.id)), number)
            self.time(line, entry["arrangement"], entry["before"])

    def arrange(self, arrangement_id: str, value: dict[str, Any] | None) -> None:
        """Make, change or take away an arrangement: `{"recording", "kind", "offset"}`; None takes it away."""
        known = self.session.get(Arrangement, arrangement_id)
        before = _as_value(known) if known is not None else None
        if value is None and known is not None:
            times = select(LineTiming).where(LineTiming.arrangement_id == arrangement_id)
            for timing in list(self.session.scalars(times)):
                if timing.line_id in self.lines:
                    self.time(self.lines[timing.line_id], arrangement_id, None)
            self.session.flush()
            self.session.delete(known)
        elif value is not None:
            if self.session.get(Recording, value["recording"]) is None:
                raise EditInvalid(Message("The recording is not in the archive any more."))
            known = known or Arrangement(id=arrangement_id, song_id=self.song_id, recording_id=value["recording"])
            known.kind, known.offset_ms = value["kind"], value["offset"]
            self.session.add(known)
        self.session.flush()
        self.entries.append({"field": "arrangement", "arrangement": arrangement_id, "before": before, "after": value})

    def write_down(self, edit_id: str, kind: str, undoes: str | None = None) -> Done:
        """Put the edit on record."""
        self.session.add(
            StudioEdit(
                id=edit_id,
                song_id=self.song_id,
                number=self.number,
                kind="undo" if undoes else kind,
                account_id=self.account_id,
                undoes_id=undoes,
                entries=self.entries,
            )
        )
        self.session.flush()
        return self.done


def _as_value(known: Arrangement) -> dict[str, Any]:
    return {"recording": known.recording_id, "kind": known.kind, "offset": known.offset_ms}


def _with_cut(value: dict[str, Any], text: str, lengths: Sequence[int]) -> dict[str, Any]:
    timed = line_words.relaid(text, lengths, [TimedPiece(*row) for row in value["words"]])
    return {**value, "words": _rows(timed)}


def _rows(timed: Iterable[TimedPiece]) -> list[list[Any]]:
    return [[piece.length, piece.start_ms, piece.end_ms, piece.confidence] for piece in timed]


def _written(line: LyricLine, timing: LineTiming | None) -> dict[str, Any] | None:
    """A timing without a word in it: start, end, pieces by length, and where it comes from."""
    if timing is None:
        return None
    timed = line_words.laid_over(line_words.pieces(line), timing.words, timing.start_ms, timing.end_ms)
    return {
        "start": timing.start_ms,
        "end": timing.end_ms,
        "words": _rows(timed) if timing.word_rows else [],
        "confidence": timing.confidence,
        "origin": timing.origin,
        "follows": timing.follows_id,
    }


def _checked_timing(line: LyricLine, value: Any) -> dict[str, Any] | None:
    """A person's timing of a line, put in order.

    Raises:
        EditInvalid: it ends before it starts, or is no time at all.
    """
    if value is None:
        return None
    try:
        start, end = round(value["start"]), round(value["end"])
        rows = [(int(row[0]), round(row[1]), round(row[2])) for row in value.get("words") or ()]
        follows = str(value["follows"])[:32] if value.get("follows") else None
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise EditInvalid(UNREADABLE) from None
    if not 0 <= start <= end <= LONGEST_MS:
        raise EditInvalid(Message("A line cannot end before it begins."))
    words, at = [], start
    for length, said_start, said_end in rows:
        begins = min(max(said_start, at), end)
        at = min(max(said_end, begins), end)
        words.append([length, begins, at, None])
    if rows and (min(row[0] for row in rows) < 1 or sum(row[0] for row in rows) != len(line_words.text_of(line))):
        words = _rows(
            line_words.shared_out(line_words.text_of(line), [len(p) for p in line_words.pieces(line)], start, end)
        )
    return {"start": start, "end": end, "words": words, "confidence": None, "origin": "human", "follows": follows}


def written(line: LyricLine, timing: LineTiming | None) -> dict[str, Any] | None:
    """A line's times as the studio shows them, its words always laid over the line's pieces."""
    value = _written(line, timing)
    if value is None or timing is None:
        return None
    laid = line_words.laid_over(line_words.pieces(line), timing.words, timing.start_ms, timing.end_ms)
    return {**value, "words": _rows(laid), "told": bool(timing.word_rows), "revision": timing.revision}
