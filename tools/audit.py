"""Known holes in what the lock files name: `python tools/audit.py`.

Asks the advisories of PyPI (by pip-audit) and of npm where they can be reached. `ADVISORIES` names a folder with a copy
for machines that reach neither: OSV's exports, `PyPI/all.zip` and `npm/all.zip`, as published at
https://google.github.io/osv.dev/data/. What could be asked of neither is said to be unchecked and fails: silence is not
a clean result.

Exit status: 0 checked and clean, 1 holes are known, 2 something could not be checked.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("setup", "run", "voices", "torch", "openai-whisper", "dev")
MINUTES = 5
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


class NotChecked(RuntimeError):
    """Advisories could not be had; carries the reason in one sentence."""


@dataclass(frozen=True, order=True, slots=True)
class Hole:
    """One known hole: the package, its locked version, the advisory's name and what it says in a line."""

    package: str
    version: str
    advisory: str
    summary: str


def locked_python(folder: Path = ROOT / "locks") -> set[tuple[str, str]]:
    """Every package and version in the lock files; a local version such as +cpu is that of its release."""
    found: set[tuple[str, str]] = set()
    for lock in LOCKS:
        for name, version in _REQUIREMENT.findall((folder / f"{lock}.lock").read_text(encoding="utf-8")):
            found.add((normal(name), version.partition("+")[0]))
    return found


def locked_npm(lock: Path = ROOT / "package-lock.json") -> set[tuple[str, str]]:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {(path.rpartition("node_modules/")[2], one["version"]) for path, one in packages.items() if path}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def holes_in(packages: set[tuple[str, str]], advisories: Iterator[Mapping[str, Any]], ecosystem: str) -> list[Hole]:
    """The advisories, in OSV's schema, that name one of these packages at its version."""
    versions: dict[str, set[str]] = {}
    for name, version in packages:
        versions.setdefault(name, set()).add(version)
    found: set[Hole] = set()
    for advisory in advisories:
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            name = package.get("name", "")
            name = normal(name) if ecosystem == "PyPI" else name
            if package.get("ecosystem") != ecosystem or name not in versions:
                continue
            for version in versions[name]:
                if is_affected(version, affected):
                    words = str(advisory.get("summary") or advisory.get("details") or "").strip().splitlines()
                    found.add(Hole(name, version, str(advisory["id"]), words[0] if words else ""))
    return sorted(found)


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether OSV's `versions` name this one or its `ranges` enclose it; what cannot be compared counts as affected."""
    if version in affected.get("versions", ()):
        return True
    for one in affected.get("ranges", ()):
        if one.get("type") not in {"ECOSYSTEM", "SEMVER"}:
            continue
        try:
            if _within(Version(version), one.get("events", ())):
                return True
        except InvalidVersion:
            return True
    return False


def _within(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    inside = False
    for event in sorted(events, key=_moment):
        if "introduced" in event:
            inside = inside or version >= Version(event["introduced"])
        elif "fixed" in event:
            inside = inside and version < Version(event["fixed"])
        elif "last_affected" in event:
            inside = inside and version <= Version(event["last_affected"])
    return inside


def _moment(event: Mapping[str, str]) -> tuple[Version, bool]:
    kind, value = next(iter(event.items()))
    return Version(value), kind == "last_affected"


def read_copy(folder: Path, ecosystem: str) -> Iterator[Mapping[str, Any]]:
    """Every advisory of OSV's export for this ecosystem.

    Raises:
        NotChecked: the folder has none, or it cannot be read.
    """
    path = folder / ecosystem / "all.zip"
    try:
        with zipfile.ZipFile(path) as export:
            names = [name for name in export.namelist() if name.endswith(".json")]
            if not names:
                raise NotChecked(f"{path} holds no advisories.")
            for name in names:
                yield json.loads(export.read(name))
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise NotChecked(f"{path} cannot be read as OSV's export.") from error


def ask_pypi() -> list[Hole]:
    """What PyPI's advisories say of the lock files.

    Raises:
        NotChecked: they could not be asked about every package.
    """
    listing = "".join(f"{name}=={version}\n" for name, version in sorted(locked_python()))
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--strict", "--progress-spinner=off",
               "--format=json", "--timeout=15", "--requirement=/dev/stdin"]  # fmt: skip
    ran = _run(command, listing)
    try:
        dependencies = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        raise NotChecked("PyPI's advisories could not be asked about every package.") from error
    return sorted(
        Hole(one["name"], one["version"], hole["id"], str(hole.get("description", "")).partition("\n")[0])
        for one in dependencies
        for hole in one.get("vulns", ())
    )


def ask_npm() -> list[Hole]:
    """What npm's advisories say of package-lock.json.

    Raises:
        NotChecked: they could not be asked.
    """
    from web.assets import NpmFailed, npm_command

    try:
        ran = _run([*npm_command(), "audit", "--json", "--package-lock-only", "--fetch-retries=0"])
        answer = json.loads(ran.stdout)
        found, severities = answer["vulnerabilities"], answer["metadata"]["vulnerabilities"]
    except (NpmFailed, ValueError, KeyError, TypeError) as error:
        raise NotChecked("npm's advisories could not be asked.") from error
    if severities.get("total", 0) != len(found):
        raise NotChecked("npm's advisories came incomplete.")
    return sorted(Hole(name, one.get("range", ""), one["severity"], "") for name, one in found.items())


def _run(command: Sequence[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, input=given, cwd=ROOT, capture_output=True, text=True, timeout=MINUTES * 60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotChecked(f"{Path(command[0]).name} did not answer.") from error


def audit(copy: Path | None) -> int:
    """Check both lists, telling each result in a line; returns the exit status."""
    worst = 0
    for ecosystem, packages, ask in (("PyPI", locked_python(), ask_pypi), ("npm", locked_npm(), ask_npm)):
        try:
            if copy is not None:
                found, source = holes_in(packages, read_copy(copy, ecosystem), ecosystem), f"the copy in {copy}"
            else:
                found, source = ask(), "the advisories of today"
        except NotChecked as reason:
            sys.stderr.write(
                f"{ecosystem}: {len(packages)} packages were NOT checked. {reason} "
                "ADVISORIES=folder names a copy of OSV's exports (see tools/audit.py).\n"
            )
            worst = max(worst, 2) if worst != 1 else 1
            continue
        sys.stdout.write(f"{ecosystem}: {len(packages)} packages checked against {source}, {len(found)} known holes.\n")
        for hole in found:
            sys.stdout.write(f"  {hole.package} {hole.version}: {hole.advisory} {hole.summary}\n")
        worst = 1 if found else worst
    return worst


if __name__ == "__main__":
    named = os.environ.get("ADVISORIES")
    sys.exit(audit(Path(named) if named else None))
