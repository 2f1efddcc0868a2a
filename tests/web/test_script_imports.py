"""What a script of the site takes from another by name is there: no bundler looks before a browser does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web.site.files import STATIC

OURS = STATIC / "js"
IMPORT = re.compile(r'^import \{([^}]+)\} from "(\.[^"]+)";', re.MULTILINE)
EXPORT = re.compile(r"^export (?:const|let|class|function\*?|async function\*?) (\w+)", re.MULTILINE)
EXPORTS = re.compile(r"^export \{([^}]+)\}", re.MULTILINE)


def _names(braced: str, which: int) -> set[str]:
    """The names in braces: of `a as b` the one before it (0) or after it (-1)."""
    return {one.split(" as ")[which].strip() for one in braced.split(",") if one.strip()}


def _exported(path: Path) -> set[str]:
    text = path.read_text()
    return set(EXPORT.findall(text)).union(*(_names(one, -1) for one in EXPORTS.findall(text)))


@pytest.mark.parametrize("script", sorted(OURS.rglob("*.js")), ids=lambda path: str(path.relative_to(OURS)))
def test_what_a_script_takes_from_another_is_there(script: Path) -> None:
    for braced, address in IMPORT.findall(script.read_text()):
        other = (script.parent / address).resolve()
        if OURS in other.parents:
            assert _names(braced, 0) <= _exported(other), f"{address} has no such name"
