"""Every address for other sites and programs, registered with its blueprint."""

from __future__ import annotations

from web.sharing import cards, embedding, pictures, podcast, sitemap
from web.sharing.blueprint import sharing

__all__ = ["cards", "embedding", "pictures", "podcast", "sharing", "sitemap"]
