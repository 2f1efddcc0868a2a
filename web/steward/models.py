"""The speech models on this machine, and which of them wrote what."""

from __future__ import annotations

from flask import render_template

from archive.pages.written_by import written_by
from ingest.engines.kept_models import kept_models
from web.site.language import number
from web.site.viewer import backends, database, viewer
from web.steward.blueprint import steward


@steward.get("/models")
def models() -> str:
    """What is here, with size, licence and origin, and what each model has written."""
    settings = backends().settings
    kept = kept_models(settings.data / "models")
    with database().read() as session:
        written = written_by(session, viewer())
    return render_template(
        "steward/models.html",
        kept=kept,
        written=written,
        in_use={one.path for one in kept if settings.model in {one.asked, one.name, one.origin}},
        asked=settings.model,
        megabytes={one.path: number(max(1, round(one.size / 1_000_000))) for one in kept},
    )
