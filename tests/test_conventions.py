"""What a reader may count on in every file: one class of a name, sizes that fit a head, lines that fit a screen.

Read from the files alone, so that a change that breaks one of them is told of within a second.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("archive", "ingest", "media", "web", "tools")
TEMPLATES = ROOT / "web" / "templates"
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_TEMPLATE_LINE = 400, 50, 160


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _modules() -> dict[str, str]:
    """Name and text of every module; a migration is a record of one day, as long as that day was."""
    return {
        _name(path): path.read_text(encoding="utf-8")
        for room in (*ROOMS, "tests")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations/versions" not in _name(path)
    }


@cache
def _trees() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in _modules().items()}


def _public_classes() -> Iterator[tuple[str, str]]:
    for name, tree in _trees().items():
        if name.startswith("tests/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, name


def test_a_class_name_says_one_thing() -> None:
    declared = defaultdict(list)
    for name, module in _public_classes():
        declared[name].append(module)
    assert len(declared) > 100
    assert {name: modules for name, modules in declared.items() if len(modules) > 1} == {}


def test_no_module_is_longer_than_one_subject() -> None:
    lines = {name: len(text.splitlines()) for name, text in _modules().items()}
    assert {name: n for name, n in lines.items() if n > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lines = {
        (name, node.name): (node.end_lineno or 0) - node.lineno + 1
        for name, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lines) > 1000
    assert {where: n for where, n in lines.items() if n > LONGEST_FUNCTION} == {}


def test_no_line_of_a_template_is_longer_than_a_screen_is_wide() -> None:
    templates = {path.relative_to(TEMPLATES).as_posix(): path for path in TEMPLATES.rglob("*") if path.is_file()}
    longest = {
        name: max(map(len, path.read_text(encoding="utf-8").splitlines()), default=0)
        for name, path in templates.items()
    }
    assert len(longest) > 50
    assert {name: n for name, n in longest.items() if n > LONGEST_TEMPLATE_LINE} == {}


def test_no_attribute_of_a_template_runs_into_the_one_before() -> None:
    """Blocks are trimmed from the beginning of their line to its end: between two of them nothing is left."""
    block, glued = r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", r"[^\s}]\{%[^%]*%\}\n[ \t]*\{% if[^%]*%\}[^\s{]"
    found = []
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        hidden = re.sub(block, lambda match: re.sub(r".", "_", match.group()), text, flags=re.DOTALL)
        tags = [text[tag.start() : tag.end()] for tag in re.finditer(r"<[a-zA-Z][^<>]*>", hidden)]
        found += [f"{path.name}: {tag}" for tag in tags if re.search(glued, tag)]
    assert found == []
