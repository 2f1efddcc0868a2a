"""Recordings to be taken in by a command, without a model."""

from __future__ import annotations

from tests.ingest.conftest import fake_recogniser, speech

__all__ = ["fake_recogniser", "speech"]
