"""Searches that people keep under a name, and the feeds by which a search is followed.

Nothing is written by looking: what is new stays new until somebody says that they have seen it, and that can be taken
back, as can everything else here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import PUBLIC
from archive.backends import secret_key
from archive.models import Account, KeptSearch
from archive.pages import search_results
from archive.retrieval import kept_searches, searching
from archive.retrieval.kept_searches import NotKept
from web.search.feeds import MOST_ENTRIES, atom
from web.site.language import _, language
from web.site.search_address import SearchAddress, read
from web.site.viewer import account, backends, current_account, database, viewer

kept = Blueprint("kept", __name__, url_prefix="/search")

NAMED_NEW = 6  # titles of new answers shown beside a search


@kept.get("/kept")
def room() -> AnyResponse | str:
    who = account()
    if who is None:
        return redirect(url_for("account.sign_in", next=url_for("kept.room")), 303)
    with database().read() as session:
        looked = kept_searches.looked(session, backends().index, who)
        new = {one.kept.id: search_results.named(session, viewer(), one.new[:NAMED_NEW]) for one in looked}
        return render_template(
            "search/kept.html",
            looked=looked,
            new=new,
            removed=kept_searches.removed(session, who),
            names=search_results.facet_names(session),
            asked_of=asked_of,
            feed_of=feed_of,
        )


def asked_of(one: KeptSearch) -> SearchAddress:
    """The search as its address asks for it."""
    request = kept_searches.request_of(one)
    return SearchAddress(request.query, request.filters, request.sort, request.exact)


def feed_of(one: KeptSearch) -> str:
    key = kept_searches.feed_key(secret_key(backends().settings), one)
    return url_for("kept.feed", kept_id=one.id, key=key, lang=language(), _external=True)


@kept.post("/kept")
def keep() -> AnyResponse:
    who, asked = current_account(), read(request.form)
    try:
        with database().write() as session:
            name = request.form.get("name", "")
            made = kept_searches.keep_search(session, backends().index, who, name, asked)
            name = made.name
    except NotKept as error:
        flash(_(error), "wrong")
        return redirect(replace(asked, page=1).address(), 303)
    flash(_("Kept as “{name}”.", name=name))
    return redirect(url_for("kept.room"), 303)


@kept.post("/kept/<kept_id>")
def change(kept_id: str) -> AnyResponse:
    """One of the things that can be done with a kept search; what can be taken back is offered on the list."""
    deed = DEEDS.get(request.form.get("deed", ""))
    who = current_account()
    if deed is None:
        abort(404)
    try:
        with database().write() as session:
            said = deed(session, who, kept_id)
        flash(said)
    except NotKept as error:
        flash(_(error), "wrong")
    return redirect(f"{url_for('kept.room')}#kept-{kept_id}", 303)


def _look(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.look(session, backends().index, who, kept_id)
    return _("“{name}”: everything has been seen.", name=one.name)


def _unlook(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.unlook(session, who, kept_id)
    return _("“{name}”: what was new is new again.", name=one.name)


def _rename(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.rename(session, who, kept_id, request.form.get("name", ""))
    return _("It is called “{name}” now.", name=one.name)


def _remove(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.remove(session, who, kept_id)
    return _("“{name}” was taken away.", name=one.name)


def _put_back(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.put_back(session, who, kept_id)
    return _("“{name}” is back.", name=one.name)


def _follow(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.follow(session, who, kept_id)
    return _("“{name}” has an address to follow it by.", name=one.name)


def _unfollow(session: Session, who: Account, kept_id: str) -> str:
    one = kept_searches.unfollow(session, who, kept_id)
    return _("The address of “{name}” no longer answers.", name=one.name)


DEEDS: dict[str, Callable[[Session, Account, str], str]] = {
    "look": _look,
    "unlook": _unlook,
    "rename": _rename,
    "remove": _remove,
    "put-back": _put_back,
    "follow": _follow,
    "unfollow": _unfollow,
}


@kept.get("/feed")
def public_feed() -> Response:
    """Any search as a feed, with the rights of the public, whoever asks."""
    asked = read(request.args).on_page(1)
    with database().read() as session:
        groups = searching.answering(session, backends().index, PUBLIC, [asked], MOST_ENTRIES)[0]
        found = search_results.named(session, PUBLIC, groups)
    about = asked.query or _("everything")
    title = _("Messenger Band, search: {about}", about=about)
    return atom(title, request.url, request.host_url.rstrip("/") + asked.address(), found)


@kept.get("/feed/<kept_id>/<key>")
def feed(kept_id: str, key: str) -> Response:
    """A kept search as a feed, with its owner's rights at this moment."""
    with database().read() as session:
        one, owner = kept_searches.followed(session, secret_key(backends().settings), kept_id, key)
        asked = kept_searches.request_of(one)
        groups = searching.answering(session, backends().index, owner, [asked], MOST_ENTRIES)[0]
        found = search_results.named(session, owner, groups)
        title, page = one.name, request.host_url.rstrip("/") + asked_of(one).address()
    response = atom(title, request.url, page, found)
    response.headers["Cache-Control"] = "no-store"
    return response
