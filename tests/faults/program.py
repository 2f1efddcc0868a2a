"""The program that acts, from the side of whoever tells it what to do and watches it end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive.settings import Settings, read_settings
from tests.conftest import ROOT


class Acting:
    """The program that acts: each act is a process of its own."""

    def __init__(self) -> None:
        # A library that starts threads must not have them where a process forks.
        alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.faults.acting"]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=alone)

    def do(self, task: dict[str, Any], kill_after_s: float | None = None) -> list[dict[str, Any]]:
        """What was said of an act by the time it was over; the last says how its process ended."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(task).encode() + b"\n")
        self._program.stdin.flush()
        facts: list[dict[str, Any]] = []
        for line in self._program.stdout:
            facts.append(json.loads(line))
            if facts[-1]["what"] == "begun" and kill_after_s is not None:
                time.sleep(kill_after_s)
                with suppress(ProcessLookupError):
                    os.kill(facts[-1]["process"], signal.SIGKILL)
            if facts[-1]["what"] == "over":
                return facts
        raise AssertionError("the program that acts has ended")

    def close(self) -> None:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.close()
        self._program.stdout.close()
        self._program.wait(10)


def settings_for(folder: Path) -> tuple[dict[str, str], Settings]:
    """The environment of an archive in this folder, whose keys lie on a stick beside it, and its settings."""
    env = {
        "HOME": str(folder),
        "MESSENGER_DATA": str(folder / "var"),
        "MESSENGER_VAULT_KEY": str(folder / "stick" / "vault.key"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    return env, read_settings(env)
