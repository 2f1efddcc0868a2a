"""The desk's own arithmetic, in the Node that set-up uses."""

from __future__ import annotations

import subprocess

from tests.web.test_player_scripts import HERE, node


def test_letters_carets_and_places() -> None:
    ran = subprocess.run([*node(), "--test", str(HERE / "desk.test.mjs")], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-2000:]
    assert "pass 4" in ran.stdout
