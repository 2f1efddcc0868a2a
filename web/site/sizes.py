"""How large a file is, as people say it."""

from __future__ import annotations

from web.site.language import _l, ngettext, number

_UNITS = ((1_000_000, _l("MB")), (1000, _l("KB")))


def size(count: int) -> str:
    """A number of bytes as people say it: `12 MB`, `340 KB`."""
    for unit, name in _UNITS:
        if count >= unit:
            whole = count / unit
            shown = number(round(whole)) if whole >= 10 else _tenths(whole)
            return f"{shown} {name}"
    return ngettext("{n} byte", "{n} bytes", count)


def _tenths(value: float) -> str:
    whole, tenth = divmod(round(value * 10), 10)
    return f"{number(whole)}.{number(tenth)}"
