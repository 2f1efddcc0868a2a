"""`docs/threats.md` claims nothing that no test holds: each test it names exists, and each table row names one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
THREATS = (ROOT / "docs" / "threats.md").read_text("utf-8")
NAMED = re.compile(r"`(test_\w+)`")


def _tests() -> set[str]:
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(node.name)
    return found


def test_every_test_that_is_named_exists() -> None:
    named = set(NAMED.findall(THREATS))
    assert len(named) > 30
    assert named - _tests() == set()


def test_every_claim_names_its_test_and_every_part_says_what_does_not_hold() -> None:
    parts = THREATS.split("\n## ")[1:]
    assert len(parts) == 5
    for part in parts:
        claims = [line for line in part.splitlines() if line.startswith("| ") and not line.startswith("| Holds")]
        assert claims
        assert [line for line in claims if not NAMED.search(line)] == []
        assert "does **not** hold against" in part


def test_it_is_reached_from_the_readme_and_the_stewards_book() -> None:
    assert "docs/threats.md" in (ROOT / "README.md").read_text("utf-8")
    assert "threats.md" in (ROOT / "docs" / "steward.md").read_text("utf-8")
