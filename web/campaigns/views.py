"""A campaign: its page, the band's list of them, what is written of one, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.access import gate
from archive.access.gate import Unknown
from archive.catalogue import campaigns as kept
from archive.catalogue import details
from archive.catalogue.campaigns import DAYS, NAMES, TEXTS, NotACampaign
from archive.catalogue.details import ChangeStands, DetailsOvertaken
from archive.describing import changes
from archive.models import Campaign, Song, Testimony
from archive.pages import campaign_page
from web.campaigns.blueprint import campaign, campaigns, writer
from web.site.books import printed_songs, song_book
from web.site.language import _, _l
from web.site.security import token_of_an_account
from web.site.viewer import backends, database, viewer

FIELDS = (*NAMES, *TEXTS, *DAYS)
LONGEST = 20_000
FIELD_NAMES = {
    "name_km": _l("Name"),
    "name_en": _l("Name"),
    "description_km": _l("What it is about"),
    "description_en": _l("What it is about"),
    "ask_km": _l("What to do"),
    "ask_en": _l("What to do"),
    "starts_on": _l("From"),
    "ends_on": _l("Until"),
    "state": _l("Who sees it"),
}


@campaign.get("/campaign/<slug>")
def show(slug: str) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    with database().read() as session:
        found = campaign_page.campaign_page(session, viewer(), slug, page)
        return render_template("campaigns/show.html", found=found, campaign=found.campaign, page=page)


@campaign.post("/campaign/<slug>/book")
@token_of_an_account
def book(slug: str) -> Response:
    """Its songs as a book to print, for whoever may open them."""
    with database().write() as session:
        found = campaign_page.campaign_page(session, viewer(), slug)
        about = [found.campaign.name_en] if found.campaign.name_km else []
        title = found.campaign.name_km or found.campaign.name_en
        printed = printed_songs(session, [(song.slug, "") for song in found.songs])
    return song_book(title, about, printed) or abort(404)


@campaigns.get("")
def room() -> Response:
    return _room()


def _room(wrong: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    with database().read() as session:
        found = kept.campaigns(session, viewer())
        page = render_template("campaigns/room.html", found=found, wrong=wrong, written=given or {})
        return make_response(page, status)


@campaigns.post("")
def begin() -> Response:
    given = _given()
    try:
        with database().write() as session:
            address = kept.begin_campaign(session, given, writer().id).address
    except NotACampaign as error:
        return _room(_why_not(error), given, 400)
    flash(_("The campaign is there. Only the band sees it until you show it to everybody."))
    return redirect(url_for("campaigns.write", slug=address), 303)


@campaigns.get("/<slug>")
def write(slug: str) -> Response:
    return _page(slug)


def _page(slug: str, wrong: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The page of a campaign for the band; `given` is what was typed and not kept."""
    typed = " ".join(request.args.get("q", "")[:120].split())
    with database().read() as session:
        found = campaign_page.campaign_page(session, viewer(), slug)
        now = {name: str(details.plain(getattr(found.campaign, name)) or "") for name in FIELDS}
        songs, told = campaign_page.offered(session, viewer(), found.campaign, typed)
        return make_response(
            render_template(
                "campaigns/write.html",
                found=found,
                campaign=found.campaign,
                written=given or now,
                now=now,
                kept=given is None,
                typed=typed,
                songs=songs,
                told=told,
                changes=campaign_page.detail_rows(session, found.campaign),
                field_names=FIELD_NAMES,
                wrong=wrong,
            ),
            status,
        )


@campaigns.post("/<slug>")
def keep(slug: str) -> Response:
    given, seen = _given(), request.form.get("seen", "")
    try:
        with database().write() as session:
            found = kept.campaign_at(session, viewer(), slug)
            number = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
            made = kept.write_campaign(session, found, given, writer().id, number)
            act = made.id if made else ""
    except NotACampaign as error:
        return _page(slug, _why_not(error), given, 400)
    except DetailsOvertaken:
        sentence = _(
            "Somebody else has changed this meanwhile. See what is there now, and send yours again if it still holds.",
        )
        return _page(slug, sentence, given, 409)
    return _done(slug, _("It is kept."), act)


@campaigns.post("/<slug>/show")
def let_out(slug: str) -> Response:
    """Show it to everybody, or to the band only."""
    deed = request.form.get("deed", "")
    if deed not in {"show", "hide"}:
        abort(404)
    with database().write() as session:
        found = kept.campaign_at(session, viewer(), slug)
        made = kept.show_campaign(session, found, writer().id, show=deed == "show")
        act = made.id if made else ""
    return _done(slug, _("Everybody sees it.") if deed == "show" else _("Only the band sees it."), act)


@campaigns.post("/<slug>/undo/<change_id>")
def undo(slug: str, change_id: str) -> Response:
    try:
        with database().write() as session:
            details.undo(session, kept.campaign_at(session, viewer(), slug), change_id, writer().id)
    except ChangeStands:
        flash(_("Something was changed after it. Undo that first."), "wrong")
        return redirect(url_for("campaigns.write", slug=slug), 303)
    return _done(slug, _("It is undone."), "")


@campaigns.post("/<slug>/member")
def member(slug: str) -> Response:
    """A song or a testimony comes to the campaign, or leaves it; the answer has the way back."""
    kind, member_id = request.form.get("kind", ""), request.form.get("id", "")
    into = request.form.get("into", "")
    with database().write() as session:
        here = kept.campaign_at(session, viewer(), slug)
        wanted = kept.campaign_at(session, viewer(), into) if into else None
        before, act = _put(session, kind, member_id, wanted)
        same = before == (wanted.id if wanted else None)
        address = here.address
    if act is not None:
        changes.find_again(database(), backends().index, act)
    said = _("It belongs to the campaign.") if into else _("It belongs to the campaign no more.")
    way_back = render_template(
        "campaigns/undo_member.html", said=said, slug=address, kind=kind, member_id=member_id, before=before or ""
    )
    flash(said if same else Markup(way_back))  # noqa: S704 - the template has escaped what it was given
    return redirect(url_for("campaigns.write", slug=address) + "#members", 303)


def _put(
    session: Session, kind: str, member_id: str, wanted: Campaign | None
) -> tuple[str | None, changes.DescriptionAct | None]:
    """Put a song or a testimony that this viewer may know of into a campaign, or into none.

    Returns:
        The id of the one that it belonged to before, and what was changed in a description.

    Raises:
        Unknown: there is no such thing, or not for this viewer.
    """
    if kind == "song" and gate.song_visible(session, viewer(), member_id):
        return kept.put_song(session, session.get_one(Song, member_id), wanted, writer().id), None
    if kind == "testimony" and gate.may(session, viewer(), member_id, "existence"):
        before = session.get_one(Testimony, member_id).campaign_id
        campaign_id = wanted.id if wanted else ""
        return before, changes.change(session, viewer(), member_id, {"campaign": campaign_id})
    raise Unknown("There is no such thing here.")


def _done(slug: str, said: str, act: str) -> Response:
    undo_form = render_template("campaigns/undo.html", said=said, slug=slug, change_id=act) if act else said
    flash(Markup(undo_form) if act else said)  # noqa: S704 - the template has escaped what it was given
    return redirect(url_for("campaigns.write", slug=slug), 303)


def _given() -> dict[str, str]:
    return {name: request.form.get(name, "")[:LONGEST] for name in FIELDS}


def _why_not(error: NotACampaign) -> str:
    return {
        "name": _("Write a name, in Khmer or in English."),
        "day": _("Choose the days again; one of them is none."),
        "days": _("The last day is before the first."),
    }[error.why]
