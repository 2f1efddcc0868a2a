"""Versions of a song: kept for ever, compared word by word, brought back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from archive.access import song_access
from archive.lyrics import lyric_versions, shared_draft
from archive.lyrics.current_words import current_lyric
from archive.lyrics.lyric_versions import NothingToKeep
from archive.lyrics.shared_draft import DraftLine
from archive.models import Account, LyricLine
from archive.retrieval import indexing
from archive.songs import publishing
from archive.songs.publishing import SongNotReady
from web.desk.blueprint import desk, song_of
from web.site.language import _
from web.site.viewer import backends, current_account, database, viewer

DRAFT = "draft"


@desk.get("/song/<slug>/versions")
def versions(slug: str) -> str:
    with database().read() as opened:
        song = song_of(opened, slug)
        kept = lyric_versions.versions(opened, song.id)
        people = {one.id: one.display_name for one in opened.query(Account).all()}
        written = [line for line in shared_draft.draft_lines(opened, song.id) if line.km.strip() or line.en.strip()]
        newest = current_lyric(opened, song.id)
        unsaved = bool(written) and (newest is None or lyric_versions.differs(opened, newest, written))
        return render_template("desk/versions.html", song=song, versions=kept, people=people, unsaved=unsaved)


@desk.post("/song/<slug>/keep")
def keep(slug: str) -> AnyResponse:
    """Keep the draft as a version. What is on the site stays whole: a song that falls short is taken off it first."""
    off = request.form.get("off") == "1"
    try:
        with database().write() as opened:
            song = song_of(opened, slug)
            out = song.state in song_access.OUT
            made = lyric_versions.keep_version(opened, song, request.form.get("note", ""), current_account().id)
            found = publishing.readiness(opened, song) if out else None
            if found is not None and not found.ready:
                if not off:
                    raise SongNotReady(found)
                publishing.take_back(opened, song, current_account().id)
            song_id, number = song.id, made.number
    except NothingToKeep as error:
        flash(_(error), "wrong")
        return redirect(url_for("desk.versions", slug=slug), 303)
    except SongNotReady as missing:
        with database().read() as opened:
            return _must_go_off(slug, missing)
    with database().read() as opened:
        indexing.index_songs(opened, backends().index, [song_id])
    flash(_("Kept as version {n}.", n=number))
    return redirect(url_for("desk.versions", slug=slug), 303)


def _must_go_off(slug: str, missing: SongNotReady) -> AnyResponse:
    flash(Markup(render_template("desk/goes_off.html", slug=slug, missing=missing.readiness.missing,  # noqa: S704
                                 note=request.form.get("note", "")[:300])), "wrong")  # fmt: skip
    return redirect(url_for("desk.versions", slug=slug), 303)


@desk.get("/song/<slug>/compare")
def compare(slug: str) -> str:
    """Two versions side by side in one text; `new=draft` is what is being written now."""
    with database().read() as opened:
        song = song_of(opened, slug)
        names = [request.args.get(name, "") for name in ("old", "new")]
        lines: list[list[LyricLine | DraftLine]] = []
        for name in names:
            if name == DRAFT:
                lines.append(list(shared_draft.draft_lines(opened, song.id)))
            else:
                number = int(name) if name.isdecimal() and name.isascii() and len(name) < 6 else 0
                lines.append(list(lyric_versions.version(opened, song.id, number).lines))
        found = lyric_versions.compare(opened, viewer(), *lines)
        numbers = [int(name) if name != DRAFT else 0 for name in names]
        return render_template("desk/compare.html", song=song, lines=found, old=numbers[0], new=numbers[1])


@desk.post("/song/<slug>/restore")
def restore(slug: str) -> AnyResponse:
    """Bring a version back into the draft, with a way to undo it."""
    number = request.form.get("number", "")
    with database().write() as opened:
        song = song_of(opened, slug)
        wanted = int(number) if number.isdecimal() and number.isascii() and len(number) < 6 else 0
        change = lyric_versions.restore(opened, song, wanted, current_account().id)
    flash(Markup(render_template("desk/restored.html", slug=slug, number=wanted, change=change)))  # noqa: S704
    return redirect(url_for("desk.draft", slug=slug), 303)


@desk.post("/song/<slug>/restore/undo")
def undo_restore(slug: str) -> AnyResponse:
    with database().write() as opened:
        song = song_of(opened, slug)
        lyric_versions.undo_restore(
            opened, song, request.form.get("change", "")[: shared_draft.LONGEST_NAME], current_account().id
        )
    flash(_("The draft is as it was before."))
    return redirect(url_for("desk.draft", slug=slug), 303)
