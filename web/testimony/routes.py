"""Every page of a testimony, registered with its blueprint."""

from __future__ import annotations

from web.testimony import citing, describing, parts, several, views
from web.testimony.blueprint import testimony

__all__ = ["citing", "describing", "parts", "several", "testimony", "views"]
