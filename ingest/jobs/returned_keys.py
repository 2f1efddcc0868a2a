"""Sound that waits for its key: what a sealed original was wanted for goes on by itself when the stick is back."""

from __future__ import annotations

from sqlalchemy import select

from archive.backends import Backends
from archive.consent import sealing, vault
from archive.models import Recording, StageRun
from ingest.jobs import pipeline
from ingest.stages import redact


def unfinished(backends: Backends) -> list[str]:
    """Recordings whose redacted sound could not be made of a sealed original and now can; they wait for work again."""
    with backends.database.read() as session:
        broken_off = (
            select(Recording)
            .join(StageRun, StageRun.recording_id == Recording.id)
            .where(Recording.state == "failed", StageRun.stage == redact.NAME, StageRun.state == "failed")
        )
        sealed = [one.id for one in session.scalars(broken_off.order_by(Recording.created_at)) if sealing.sealed(one)]
    back = [one for one in sealed if vault.has_sound_key(backends.settings, one)]
    return [one for one in back if pipeline.retry(backends, one)]
