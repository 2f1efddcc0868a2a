"""The site's own modules as one plain script: a page opened from a stick may not load modules.

No bundler is needed, and none that a machine without npm would lack: what a module imports comes before it, each once,
and the words `import` and `export` are taken off. It is enough since these modules import by name and nothing at the
top of one is called as in another.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

_IMPORT = re.compile(r'^import [^;"]*"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|let|function|class|async) )", re.MULTILINE)


def static() -> Path:
    """The folder of what the site sends as it is: its scripts, styles and fonts."""
    spec = find_spec("web")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"


def plain_script(entry: str) -> str:
    """A module of the site, by its path under `js`, with all that it imports, as one script."""
    parts = [_EXPORT.sub("", _IMPORT.sub("", path.read_text("utf-8"))) for path in _in_order(static() / "js" / entry)]
    return '(function () {\n"use strict";\n' + "\n".join(parts) + "})();\n"


def _in_order(entry: Path, before: tuple[Path, ...] = ()) -> list[Path]:
    """The module after everything that it imports."""
    found: list[Path] = []
    for name in _IMPORT.findall(entry.read_text("utf-8")):
        imported = (entry.parent / name).resolve()
        found += [one for one in _in_order(imported, (*before, *found)) if one not in (*before, *found)]
    return [*found, entry.resolve()]
