"""Listening lists and training plans on paper: titles, questions and codes, and no word of what anybody said."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, url_for

from archive.models import SetList
from archive.pages.listening_list import ListItem
from media.flowing_paper import PaperBlock, PaperRow, flowing_pages
from web.site.language import _, clock, day, either, ngettext, number

_INDENT = 7.0


def list_paper(one: SetList, items: Sequence[ListItem], address: str) -> Response:
    """A list as it is given out: what is heard, with its questions and a code for a camera."""
    blocks = [_block(at, item, _minutes(item)) for at, item in enumerate(items, start=1)]
    return _pdf(flowing_pages(_title(one), [_other(one), _together(items)], blocks, address), "listening-list")


def run_sheet(one: SetList, items: Sequence[ListItem]) -> Response:
    """A set as whoever leads it needs it: when and where, who sings, the notes, and how long all of it takes."""
    place = " \u00b7 ".join(filter(None, [day(one.held_on), one.place]))
    blocks = [_block(at, item, _how(item), notes=True) for at, item in enumerate(items, start=1)]
    return _pdf(flowing_pages(_title(one), [_other(one), place, _together(items), one.notes], blocks), "run-sheet")


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _title(one: SetList) -> str:
    return either(one.title, one.title_en)


def _other(one: SetList) -> str:
    return next((each for each in (one.title, one.title_en) if each and each != _title(one)), "")


def _together(items: Sequence[ListItem]) -> str:
    whole = sum(item.entry.minutes or 0 for item in items if item.entry)
    return _("Together {minutes}", minutes=ngettext("{n} minute", "{n} minutes", whole)) if whole else ""


def _minutes(item: ListItem) -> str:
    """How long it is heard, and how long it takes with all that is said about it."""
    taken = item.entry.minutes if item.entry else None
    heard = clock(item.length_ms) if item.length_ms else ""
    return " \u00b7 ".join(filter(None, [heard, ngettext("{n} minute", "{n} minutes", taken) if taken else ""]))


def _how(item: ListItem) -> str:
    entry = item.entry
    if entry is None or item.song is None:
        return _minutes(item)
    sign = "+" if entry.semitones > 0 else "\u2212"
    key = _("Key") + f" {sign}{number(abs(entry.semitones))}" if entry.semitones else ""
    tempo = _("Tempo") + f" {number(entry.tempo)}%" if entry.tempo != 100 else ""
    return " \u00b7 ".join(filter(None, [entry.singer, key, tempo, _minutes(item)]))


def _block(at: int, item: ListItem, how: str, *, notes: bool = False) -> PaperBlock:
    title, other, address = _named(item)
    entry = item.entry
    rows = [PaperRow(f"{number(at)}. {title}", 14)]
    rows += [PaperRow(each, 11, "faint", _INDENT) for each in (other, how) if each]
    if entry is not None:
        rows += [PaperRow(entry.text, 12, "", _INDENT)] if entry.text else []
        rows += [PaperRow(f"\u2013 {one}", 12, "red", _INDENT) for one in entry.questions.splitlines() if one.strip()]
        rows += [PaperRow(entry.notes, 10, "faint", _INDENT)] if notes and entry.notes else []
    return PaperBlock(tuple(rows), address)


def _named(item: ListItem) -> tuple[str, str, str]:
    """What it is called, what stands under that, and where it is found."""
    if item.song is not None:
        title = either(item.song.title_km, item.song.title_en)
        other = next((one for one in (item.song.title_km, item.song.title_en) if one and one != title), "")
        return title, other, url_for("song.show", slug=item.song.slug, _external=True)
    if item.card is not None:
        title = either(item.card.title_km, item.card.title_en) or _("A testimony without a title")
        span = item.span
        moment = f"{span.start_ms}-{span.end_ms}" if span else None
        when = f"{clock(span.start_ms)}\u2013{clock(span.end_ms)}" if span else ""
        said = " \u00b7 ".join(filter(None, [either(item.card.name_km, item.card.name_en), when]))
        return title, said, url_for("testimony.show", testimony_id=item.card.id, t=moment, _external=True)
    return item.entry.heading if item.entry else "", "", ""
