"""Set-up: an environment in `.venv` from the lock files, with nothing but Python's standard library.

    python tools/set_up.py run      what the archive needs, PyTorch where it is to be had, the browser's files
    python tools/set_up.py dev      what testing and checking need besides
    python tools/set_up.py torch    PyTorch and openai-whisper alone, to try again

Everything is installed by hash. The ordinary package index is enough for all but one thing: PyTorch's build for
processors lies on an index of PyTorch's own, and PyPI's file of that version brings gigabytes for graphics cards. It is
asked of whatever index pip is configured with, then of PyTorch's; where neither has it, one sentence says so and the
rest is whole, because only the second recogniser needs it.

Every step says what it does and, while it lasts, how far it is, on a terminal and in a log.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "locks"
PYTORCH_INDEX = "https://download.pytorch.org/whl/cpu"  # documented at pytorch.org, "Get started", compute platform CPU
SAY_AGAIN_AFTER = 10.0  # seconds
TORCH_MISSING = (
    "PyTorch is not on this machine, so --engine openai-whisper is left out; everything else is whole.\n"
    "  {why}\n"
    "  To add it: name an index or a folder that has {version} in PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS,\n"
    "  then `make torch`."
)

_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_COLLECTED = re.compile(r"^Collecting ([A-Za-z0-9][A-Za-z0-9._-]*)")
_NOISE = re.compile(r"^WARNING: Location .* is ignored|^\[notice\]|^\s*$")


class SetUpFailed(RuntimeError):
    """A step without which the archive does not run failed; carries a sentence and what the tool itself said."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended.

    Attributes:
        code: its exit status.
        said: its output, standard error included, without what pip repeats about folders that it skips.
    """

    code: int
    said: tuple[str, ...]

    @property
    def errors(self) -> str:
        """What it said was wrong, or its last words."""
        wrong = [line for line in self.said if line.startswith("ERROR")]
        return "\n".join(wrong or self.said[-5:])


class ProgressLine:
    """One line a step: rewritten in place on a terminal, said again every few seconds elsewhere."""

    def __init__(self, words: str) -> None:
        self._words, self._began = words, time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._said_at = self._began
        self._write(words, end="" if self._terminal else "\n")

    def tell(self, detail: str) -> None:
        """Say how far it is, where it is time for that."""
        moment = time.monotonic()
        if self._terminal:
            self._write(f"\r\033[K{self._words}: {detail}", end="")
        elif moment - self._said_at >= SAY_AGAIN_AFTER:
            self._said_at = moment
            self._write(f"  {detail}", end="\n")

    def end(self, result: str = "done") -> None:
        seconds = time.monotonic() - self._began
        start = f"\r\033[K{self._words}: " if self._terminal else "  "
        self._write(f"{start}{result} ({seconds:.0f} s)", end="\n")

    @staticmethod
    def _write(text: str, end: str) -> None:
        sys.stderr.write(text + end)
        sys.stderr.flush()


def run(words: str, command: Sequence[str | Path], *, packages: int = 0, failed: str = "not done") -> Ran:
    """Run a command from the repository's root, telling how far it is.

    Args:
        words: what it is for, as a person would say it.
        packages: how many packages pip is to look for, if it is pip that runs.
        failed: what to say where it ends otherwise than well.
    """
    progress = ProgressLine(words)
    process = subprocess.Popen(
        [os.fspath(part) for part in command],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    said, began, found, doing = [], time.monotonic(), 0, ""
    while True:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            if doing or not packages:
                progress.tell(f"{doing}{time.monotonic() - began:.0f} s so far")
            continue
        if line is None:
            break
        if _NOISE.match(line):
            continue
        said.append(line)
        if collected := _COLLECTED.match(line):
            found += 1
            doing = f"{found} of {packages} packages looked up, " if packages else ""
            progress.tell(f"{found} of {packages} packages: {collected[1]}")
        elif line.startswith("Installing collected packages"):
            doing = "all fetched, unpacking them, "
            progress.tell(doing.rstrip(", "))
    code = process.wait()
    progress.end("done" if code == 0 else failed)
    return Ran(code, tuple(said))


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.put(line.rstrip("\n"))
    lines.put(None)


def install(words: str, lock: str, *options: str, failed: str = "not done") -> Ran:
    """Install what a lock file names, by hash and nothing else."""
    path = LOCKS / f"{lock}.lock"
    count = len(_REQUIREMENT.findall(path.read_text(encoding="utf-8")))
    return pip(words, "--require-hashes", "--requirement", os.fspath(path), *options, packages=count, failed=failed)


def pip(words: str, *arguments: str, packages: int = 0, failed: str = "not done") -> Ran:
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    return run(words, [*command, "--no-deps", *arguments], packages=packages, failed=failed)


def needed(ran: Ran, what: str) -> None:
    """Stop where a step failed that nothing works without.

    Raises:
        SetUpFailed: it failed.
    """
    if ran.code:
        raise SetUpFailed(f"{what} The reason given:\n{ran.errors}")


def make_environment() -> None:
    """`.venv`, of the Python that runs this: a new one where there is none, or one of another version."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    there = environment_version()
    if there == here:
        return
    if (VENV / "pyvenv.cfg").exists():
        sys.stderr.write(f"The environment in .venv is of Python {there or 'that no longer runs'}; it is made anew.\n")
    made = run(f"Making .venv with Python {here}", [sys.executable, "-m", "venv", "--clear", VENV])
    needed(made, "The environment could not be made.")


def environment_version() -> str | None:
    """The Python of `.venv`, such as 3.13; None where there is none that runs."""
    try:
        asked = subprocess.run(
            [PYTHON, "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()


def set_up_to_run() -> None:
    make_environment()
    problem = "The locked packages could not be installed."
    needed(install("Bringing pip and the build tools up to date", "setup"), problem)
    needed(install("Installing what the archive runs on", "run"), problem)
    needed(install("Installing the weights that tell voices apart", "voices"), problem)
    set_up_torch()
    itself = pip("Installing the archive itself", "--no-build-isolation", "--editable", ".")
    needed(itself, "The archive itself could not be installed.")
    texts = run("Compiling the texts of each language", [PYTHON, "-m", "archive.language.compiling"])
    needed(texts, "The texts could not be compiled.")
    assets = run("Making the fonts and the browser's libraries", [PYTHON, "-m", "web.assets"])
    needed(assets, "The fonts could not be made.")
    for line in assets.said:
        sys.stderr.write(f"  {line}\n")


def set_up_to_develop() -> None:
    needed(install("Installing what testing needs", "dev"), "The locked packages could not be installed.")


def set_up_torch() -> bool:
    """PyTorch for processors and openai-whisper, or the sentence that says why not; returns whether they are there."""
    if os.environ.get("TORCH", "").lower() in {"no", "0", "off"}:
        sys.stderr.write("PyTorch and openai-whisper are left out, as TORCH=no asks; `make torch` adds them.\n")
        return False
    version = f"PyTorch {torch_version()}"
    tried = [install(f"Asking pip's own index for {version}", "torch", failed="it has none")]
    if not torch_there():
        only = ("--index-url", PYTORCH_INDEX, "--retries", "1", "--timeout", "20")
        tried.append(install(f"Asking PyTorch's index for {version}", "torch", *only, failed="it has none"))
    if not torch_there():
        sys.stderr.write(TORCH_MISSING.format(why=why_not(tried), version=version) + "\n")
        return False
    whisper = install("Installing openai-whisper", "openai-whisper", "--no-build-isolation")
    if whisper.code:
        sys.stderr.write(
            f"openai-whisper could not be installed and is left out. The reason given:\n{whisper.errors}\n"
        )
    return whisper.code == 0


def torch_version() -> str:
    locked: dict[str, str] = dict(_REQUIREMENT.findall((LOCKS / "torch.lock").read_text(encoding="utf-8")))
    return locked["torch"].partition("+")[0]


def torch_there() -> bool:
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    return subprocess.run([PYTHON, "-c", look], check=False).returncode == 0


def why_not(tried: Sequence[Ran]) -> str:
    """Why PyTorch did not come, in one sentence: a file that is not the locked one is something else than none."""
    said = "\n".join(ran.errors for ran in tried)
    if "DO NOT MATCH THE HASHES" in said:
        return "A file was offered that is not the one locks/torch.lock names; it was not installed."
    if not any(ran.code for ran in tried):
        return "PyTorch publishes no build of that version for this kind of machine."
    if "No matching distribution" in said or "No space left" not in said:
        return f"Neither pip's own index nor {PYTORCH_INDEX} has the build for processors, or they cannot be reached."
    return "The disk is full."


def main(arguments: Sequence[str]) -> int:
    kinds = {"run": set_up_to_run, "dev": set_up_to_develop, "torch": set_up_torch}
    if len(arguments) != 1 or arguments[0] not in kinds:
        sys.stderr.write(f"Say what to set up: {', '.join(kinds)}.\n")
        return 2
    try:
        kinds[arguments[0]]()
    except SetUpFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped; run the same command again to go on.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
