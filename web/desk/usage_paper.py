"""What a narrator's words have gone into, on paper, to be read out to her."""

from __future__ import annotations

from archive.pages.usage_report import LyricUse, NarratorSheet, TestimonyUsage
from media.flowing_paper import PaperBlock, PaperRow, flowing_pages
from web.site.language import _, _l, clock, day, either, ngettext

_RELATIONS = {
    "verbatim": _l("Sung as it was said"),
    "adapted": _l("Made from what was said"),
    "inspired": _l("Inspired by what was told"),
}
_LEFT = {
    "download": _l("it was downloaded"),
    "export": _l("it was exported"),
    "broadcast": _l("it was broadcast"),
    "screening": _l("it was shown"),
    "handed-over": _l("it was handed over"),
    "carried": _l("it was carried away in a pack"),
}
_IN = 5.0


def sheet(found: NarratorSheet) -> bytes:
    """A narrator's sheet as a PDF, in the language of the page."""
    name = either(found.name_km, found.name_en) or _("For the narrator")
    read = _("Read this out slowly. She can change her mind, or take it all back, at any time and without saying why.")
    blocks = [block for told in found.told for block in _of_testimony(told)]
    return flowing_pages(_("Where your words have gone"), [f"{name} \u00b7 {day(found.printed_at)}", read], blocks)


def _of_testimony(told: TestimonyUsage) -> list[PaperBlock]:
    card = told.card
    title = either(card.title_km, card.title_en) or _("A testimony without a title")
    recorded = day(card.recorded_on) if card.recorded_on else ""
    if told.became:
        lines = len(told.became)
        many = _("Songs that have words from it: {songs}. Lines of them: {lines}.", songs=told.songs, lines=lines)
    else:
        many = _("No song has words from it yet.")
    blocks = [PaperBlock((PaperRow(title, 15, "red"), PaperRow(recorded, 10, "faint"), PaperRow(many, 12)))]
    blocks += [_line(one) for one in told.became]
    decided = [PaperRow(_("What you decided"), 12, "red")]
    decided += [PaperRow(f"\u2013 {one}", 12, "", _IN) for one in told.consent]
    blocks.append(PaperBlock(tuple(decided)))
    if told.clipped:
        lying = ngettext(
            "{n} passage of it lies on the writing desk.",
            "{n} passages of it lie on the writing desk.",
            told.clipped,
        )
        blocks.append(PaperBlock((PaperRow(lying, 11),)))
    if told.left:
        gone = [PaperRow(_("What went out and cannot be called back:"), 12, "red")]
        for one in told.left:
            said = f"\u2013 {day(one.at)}: {_LEFT[one.kind]}" + (f", {one.note}" if one.note else "")
            gone.append(PaperRow(said, 11, "", _IN))
        blocks.append(PaperBlock(tuple(gone)))
    return blocks


def _line(one: LyricUse) -> PaperBlock:
    rows = []
    if one.quote:
        rows.append(PaperRow(_("Said") + f" ({clock(one.said.start_ms)}): {one.quote}", 12, "", _IN))
    if one.held:
        rows.append(PaperRow(_("A line here is held and is not sung."), 12, "", _IN))
    elif words := one.text_km or one.text_en:
        rows.append(PaperRow(_("Became") + f": {words}", 12, "red", _IN))
        rows += [PaperRow(one.text_en, 10, "faint", _IN)] if one.text_km and one.text_en else []
    song = either(one.song.title_km, one.song.title_en)
    sung = _("sung at") + f" {clock(one.sung.start_ms)}" if one.sung else ""
    draft = _("in a draft only") if one.draft_only else ""
    said = [str(_RELATIONS.get(one.relation, "")), song, sung, draft]
    rows.append(PaperRow(" \u00b7 ".join(filter(None, said)), 10, "faint", _IN))
    return PaperBlock(tuple(rows))
