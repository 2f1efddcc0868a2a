"""Every page of a narrator's own visit, registered with its blueprint."""

from __future__ import annotations

from web.own_words import deciding, views
from web.own_words.blueprint import own_words

__all__ = ["deciding", "own_words", "views"]
