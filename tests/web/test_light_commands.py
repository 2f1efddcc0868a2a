"""A command loads what it uses and nothing more: whoever asks for help on an old laptop has it at once."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from functools import cache

import click
import pytest

import web.commands
from tests.conftest import ROOT
from web.cli import messenger
from web.commands import SHORT_HELPS

HEAVY = ("torch", "whisper", "ctranslate2", "onnxruntime", "scipy", "numpy", "flask", "alembic", "sqlalchemy", "rich")


@cache
def loaded_by(*arguments: str) -> frozenset[str]:
    """The heavy libraries that a process holds after it ran a command."""
    program = (
        "import sys; from web.cli import run; status = run(sys.argv[2:]); "
        "print(*sorted(set(sys.argv[1].split(',')) & set(sys.modules)), file=sys.stderr); sys.exit(status)"
    )
    command = [sys.executable, "-c", program, ",".join(HEAVY), *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(run.stderr.split())


def test_each_short_help_is_its_commands_own() -> None:
    assert sorted(SHORT_HELPS) == sorted(module.name for module in pkgutil.iter_modules(web.commands.__path__))
    context = click.Context(messenger)
    for name, told in SHORT_HELPS.items():
        command = messenger.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=1000) == told


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_command(option: str) -> None:
    assert loaded_by(option) == frozenset()
