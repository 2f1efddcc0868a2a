"""Every page of the thesaurus, registered with its blueprint."""

from __future__ import annotations

from web.thesaurus import changing, exchange, views
from web.thesaurus.blueprint import theme, thesaurus

__all__ = ["changing", "exchange", "theme", "thesaurus", "views"]
