"""Looking at the thesaurus: the tree of themes, one term with its names and its history, a theme for everybody."""

from __future__ import annotations

from collections.abc import Mapping

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.catalogue import term_cues, term_history, terms
from archive.catalogue.tagger import Suggested, ThemeTagger
from archive.catalogue.term_cues import NotCues
from archive.catalogue.term_history import CannotUndo
from archive.catalogue.terms import NotATerm
from archive.models import Term
from archive.pages import thesaurus_pages
from web.site.language import _, _l, language
from web.site.viewer import backends, database, viewer
from web.thesaurus.blueprint import theme, thesaurus

LONGEST = 120
LONGEST_TRIED = 1_000
KINDS = {
    "made": _l("New"),
    "labels": _l("Other names"),
    "cues": _l("Other cues"),
    "moved": _l("Moved"),
    "merged": _l("Made part of another"),
    "retired": _l("Retired"),
    "back": _l("Offered again"),
}


@thesaurus.get("")
def room() -> Response:
    return room_page()


def room_page(wrong: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    text = " ".join(request.args.get("q", "")[:LONGEST].split())
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    with database().read() as session:
        rows, more = thesaurus_pages.tree(session, viewer(), page)
        found = thesaurus_pages.found(session, viewer(), text) if text else None
        return make_response(
            render_template(
                "thesaurus/room.html",
                rows=rows,
                more=more,
                page=page,
                text=text,
                found=found,
                choices=thesaurus_pages.choices(session),
                changes=thesaurus_pages.change_rows(session, term_history.recent(session, 12)),
                kinds=KINDS,
                wrong=wrong,
                given=given or {},
            ),
            status,
        )


@thesaurus.get("/term/<term_id>")
def term(term_id: str) -> Response:
    return term_page(term_id)


def term_page(term_id: str, wrong: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """One term; `given` is what was typed and not kept, beside what the term is now."""
    with database().read() as session:
        found = thesaurus_pages.term_page(session, term_id)
        into = found.term.merged_into_id
        if into is not None and not wrong:
            return redirect(url_for("thesaurus.term", term_id=into), 301)
        return make_response(
            render_template(
                "thesaurus/term.html",
                found=found,
                term=found.term,
                written=names_as_written(found.term) | cues_as_written(found.term) | dict(given or {}),
                kept=given is None or "km" not in given,
                tried=_tried(session),
                now=names_as_written(found.term) | cues_as_written(found.term),
                choices=thesaurus_pages.choices(session),
                kinds=KINDS,
                wrong=wrong,
            ),
            status,
        )


def names_as_written(one: Term) -> dict[str, str]:
    """The names of a term as its form has them: one preferred, the others one a line."""
    found = {}
    for spoken in terms.LANGUAGES:
        names = one.names(spoken)
        found[spoken] = names[0] if names else ""
        found[f"{spoken}_more"] = "\n".join(names[1:])
    return found


def cues_as_written(one: Term) -> dict[str, str]:
    """The cues of a theme as its form has them, one a line."""
    return {f"cues_{spoken}": "\n".join(found) for spoken, found in term_cues.cues_now(one).items()}


def _tried(session: Session) -> list[tuple[Term, Suggested]]:
    """What would be suggested for a sentence that somebody wants to try."""
    text = request.args.get("try", "")[:LONGEST_TRIED]
    found = ThemeTagger.of(session).suggestions({"": text}) if text.strip() else []
    return [(session.get_one(Term, one.term_id), one) for one in found]


@theme.get("/theme/<term_id>")
def show(term_id: str) -> Response:
    """A theme: what it is called, what it belongs to, and the way to what was told of it."""
    with database().read() as session:
        found = thesaurus_pages.public_theme(session, backends().index, viewer(), term_id)
        if found.moved:
            return redirect(url_for("theme.show", term_id=found.term.id), 301)
        return make_response(render_template("thesaurus/theme.html", found=found))


def why_not(error: NotATerm) -> str:
    """What is wrong with a term, in words."""
    if error.why == "taken":
        with database().read() as session:
            other = terms.term(session, error.about).label(language())
        return _("Another theme has this name already: “{name}”. Make the two one, or choose another name.", name=other)
    return {
        "name": _("Write a name, in Khmer or in English."),
        "long": _("A name has 200 characters at most."),
        "many": _("A term has 100 names at most in each language."),
        "broader": _("Choose a theme that it belongs under."),
        "circle": _("A theme cannot be under itself, or under one that is below it."),
        "place": _("Provinces and districts can only be given other names."),
        "gone": _("This theme is part of another one now."),
        "same": _("Choose another theme."),
    }.get(error.why, _("Choose a theme that it belongs under."))


def why_not_cues(error: NotCues) -> str:
    """What is wrong with cues, in words."""
    return {
        "unreadable": _(
            "This cue cannot be read: “{cue}”. A bracket in it is not closed, or it has no word.", cue=error.about
        ),
        "long": _("A cue has 400 characters at most: “{cue}”", cue=error.about),
        "many": _("A theme has 400 cues at most in each language."),
    }[error.why]


def why_not_undone(error: CannotUndo) -> str:
    return {
        "later": _("Something was changed after it. Undo that first."),
        "used": _("The theme is used meanwhile. Retire it, or make it part of another one."),
        "taken": _("Another theme has one of its names meanwhile."),
    }[error.why]
