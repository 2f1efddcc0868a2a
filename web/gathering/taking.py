"""Taking a collection along: what of it may be read at this moment, with its citations, and noted as having left."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, request
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.consent import releases
from archive.gathering import collections, passages
from archive.gathering.passages import ReadPassage
from archive.models import Account, PassageCollection
from media.citations import ris, styles
from media.citations.citation import Citation
from media.gathered import document, qdpx, table
from media.gathered.quoted import QuotedCollection, QuotedPassage
from web.gathering.blueprint import gathering
from web.site.cells import inert
from web.site.citations import cited_card, in_khmer
from web.site.language import _, _l, either, language
from web.site.security import limiter
from web.site.viewer import current_account, database, viewer

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {
    "docx": _l("A document (Word)"),
    "csv": _l("A table (CSV)"),
    "qdpx": _l("A project for NVivo, ATLAS.ti, QualCoder (.qdpx)"),
    "ris": _l("The citations for Zotero (RIS)"),
}
_WRITERS: dict[str, tuple[str, Callable[[QuotedCollection], bytes]]] = {
    "docx": (WORD, document.document),
    "csv": ("text/csv; charset=utf-8", lambda one: table.table(one, inert)),
    "qdpx": ("application/zip", qdpx.qdpx),
}


@gathering.post("/<collection_id>/take")
@limiter.limit("60 per hour")
def take(collection_id: str) -> Response:
    """The collection as a file."""
    kind, who = request.form.get("kind", ""), current_account()
    if kind not in KINDS:
        abort(404)
    with database().write() as session:
        one = collections.collection_at(session, who, collection_id)
        found = passages.every(session, viewer(), one)
        if not found:
            raise Unknown("There is nothing to take along.")
        cited = [_cited(each, language()) for each in found]
        quoted = _quoted(session, one, found, cited)
        if kind != "ris":
            _note(session, found, who, kind)
    # Written once others may write again: a long document takes its time.
    if kind == "ris":
        content, mimetype = "".join(ris.ris(each) for each in cited).encode(), f"{ris.MIMETYPE}; charset=utf-8"
    else:
        mimetype, write = _WRITERS[kind]
        content = write(quoted)
    response = Response(content, content_type=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="collection-{collection_id}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _note(session: Session, found: list[ReadPassage], who: Account, kind: str) -> None:
    """Write down whose words went out; citations alone hold none of them."""
    for testimony_id in sorted({one.card.id for one in found}):
        subject, note = f"testimony:{testimony_id}", f"collection, {kind}"
        audience = viewer().role
        releases.record(session, "export", subject, [testimony_id], audience=audience, account_id=who.id, note=note)


def _cited(one: ReadPassage, spoken: str) -> Citation:
    return cited_card(one.card, spoken, one.language, one.version, (one.passage.start_ms, one.passage.end_ms))


def _quoted(
    session: Session, one: PassageCollection, found: list[ReadPassage], cited: list[Citation]
) -> QuotedCollection:
    keeper = session.get(Account, one.account_id)
    quoted = tuple(_passage(each, citation) for each, citation in zip(found, cited, strict=True))
    name = one.name or _("A collection without a name")
    return QuotedCollection(one.id, name, one.note, keeper.display_name if keeper else "", quoted)


def _passage(one: ReadPassage, citation: Citation) -> QuotedPassage:
    card = one.card
    return QuotedPassage(
        id=one.passage.id,
        source=card.id,
        title=either(card.title_km, card.title_en) or _("A testimony without a title"),
        name=either(card.name_km, card.name_en),
        recorded_on=str(card.recorded_on or ""),
        language=one.language,
        text=one.text,
        other_language=one.other_language,
        other=one.other,
        start_ms=one.passage.start_ms,
        end_ms=one.passage.end_ms,
        version=one.version,
        note=one.passage.note,
        codes=one.codes,
        citation=in_khmer(citation) if language() == "km" else styles.chicago(citation),
        address=citation.address,
    )
