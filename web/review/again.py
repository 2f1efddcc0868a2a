"""Having a recording written down again by another model of this machine, for stewards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.transcripts import imported
from archive.transcripts.imported import CannotWriteAgain
from ingest.engines.kept_models import kept_models
from ingest.engines.loader import torch_installed
from ingest.jobs import typed_transcripts
from web.review.blueprint import review, told
from web.site.guard import is_steward
from web.site.language import _
from web.site.viewer import backends, current_account, database


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that can be asked to write a recording down: what settings call it, and what people do."""

    engine: str
    model: str
    name: str


def offered() -> list[OfferedModel]:
    """The model in use and each that is kept here and can be run."""
    settings = backends().settings
    found = {settings.model: OfferedModel(settings.engine, settings.model, Path(settings.model).name)}
    for one in kept_models(settings.data / "models"):
        able = [name for name in one.engines if name != "openai-whisper" or torch_installed()]
        engine = settings.engine if settings.engine in able else next(iter(able), "")
        if engine and settings.model not in {one.asked, one.name, one.origin}:
            found[one.asked] = OfferedModel(engine, one.asked, one.name)
    return list(found.values())


@review.post("/<testimony_id>/again")
def write_again(testimony_id: str) -> AnyResponse:
    """Ask for it; what is there already stays."""
    if not is_steward():
        abort(404)
    chosen = next((one for one in offered() if one.model == request.form.get("model")), None)
    with database().write() as session:
        told(session, testimony_id)
        if chosen is None:
            abort(404)
        try:
            made = imported.write_again(session, testimony_id, chosen.engine, chosen.model, current_account().id).id
        except CannotWriteAgain as error:
            flash(_(error), "wrong")
            made = ""
    if made:
        typed_transcripts.enqueue(backends(), made)
    return redirect(url_for("review.history", testimony_id=testimony_id) + "#again", 303)
