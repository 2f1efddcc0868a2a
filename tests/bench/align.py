"""How well known lyrics are laid over songs: `python -m tests.bench.align [SONG_FOLDER ...]`.

A song folder holds audio.*, lyrics.txt and lines.csv (start_time, end_time in seconds, made by hand), as JamendoLyrics
has them; the two shared songs unless others are given. Each song is aligned as a user would do it, by `messenger align`
in a process of its own, so the time includes loading the model. The perceptual column is the share of listeners'
approval by the published curve for karaoke timing (a skew normal over the error, peak 67 ms early). Time is wall clock
over the song's length, cpu is processor time over it: on a busy machine half of that is what two cores would take.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import skewnorm

from media.decode import probe
from tests.conftest import DATA, ROOT

WITHIN_S = 0.3
THROWN_S = 5.0


@dataclass(frozen=True)
class Score:
    """Errors of line starts in seconds, early ones negative; lines left unplaced are counted apart."""

    song: str
    lines: int
    errors: np.ndarray
    seconds: float
    cpu_seconds: float
    duration: float

    @property
    def row(self) -> str:
        sizes = np.abs(self.errors)
        close = 100 * np.sum(sizes <= WITHIN_S) / self.lines
        return (
            f"{self.song[:32]:32} {self.lines:5d} {self.lines - len(sizes):8d} {np.median(sizes):7.3f} "
            f"{close:6.1f} % {np.mean(sizes):6.3f} {np.sum(sizes > THROWN_S):6d} "
            f"{perceptual(self.errors):10.3f} {self.seconds / self.duration:9.2f} "
            f"{self.cpu_seconds / self.duration:8.2f}"
        )


HEAD = (
    f"{'song':32} {'lines':>5} {'unplaced':>8} {'median':>7} {'<0.3 s':>8} {'mean':>6} {'thrown':>6} "
    f"{'perceived':>10} {'time':>9} {'cpu':>8}"
)


def perceptual(errors: np.ndarray) -> float:
    """Mean approval of highlighting with these errors.

    Lizé Masclef, Vaglio, Moussallam (2021), "User-centered evaluation of lyrics-to-audio alignment": a skew normal
    with skewness 1.12, scale 0.32 and its peak scaled to one.
    """
    shape, location, scale = 1.12244251, -0.22270315, 0.29779424
    curve = skewnorm.pdf(errors, shape, location, scale)
    grid = skewnorm.pdf(np.linspace(-1, 1, 2001), shape, location, scale)
    return float(np.mean(curve / grid.max()))


def measure(folder: Path, engine: str, model: str, language: str) -> Score:
    """Align one song and hold it against its timings."""
    audio = next(folder.glob("audio.*"))
    with (folder / "lines.csv").open(encoding="utf-8", newline="") as file:
        truth = [float(row["start_time"]) for row in csv.DictReader(file)]
    command = [
        sys.executable,
        "-c",
        "from web.cli import main; main()",
        "align",
        str(audio),
        str(folder / "lyrics.txt"),
        "--json",
    ]
    command += ["--language", language, "--engine", engine, "--model", model]
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = json.loads(run.stdout)["lines"]
    if len(lines) != len(truth):
        raise SystemExit(f"{folder.name}: {len(lines)} lines of lyrics, {len(truth)} timed by hand")
    errors = [
        line["start_ms"] / 1000 - start
        for line, start in zip(lines, truth, strict=True)
        if line["start_ms"] is not None
    ]
    return Score(folder.name, len(lines), np.array(errors), seconds, cpu, probe(audio).duration_ms / 1000)


def total(scores: list[Score]) -> Score:
    """All songs' lines as one."""
    return Score(
        "all",
        sum(score.lines for score in scores),
        np.concatenate([score.errors for score in scores]),
        sum(score.seconds for score in scores),
        sum(score.cpu_seconds for score in scores),
        sum(score.duration for score in scores),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--engine", default="faster-whisper")
    parser.add_argument("--model", default="base")
    parser.add_argument("--language", default="es")
    args = parser.parse_args()
    folders = args.folders or sorted(path.parent for path in (DATA / "songs").glob("*/lines.csv"))
    print(HEAD)
    scores = []
    with tempfile.TemporaryDirectory() as data:
        os.environ.setdefault("MESSENGER_DATA", data)
        for folder in folders:
            scores.append(measure(folder, args.engine, args.model, args.language))
            print(scores[-1].row, flush=True)
    print(total(scores).row)


if __name__ == "__main__":
    main()
