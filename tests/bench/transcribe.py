"""Our pipeline against the plain `whisper` command and plain batched faster-whisper, in one run.

    python -m tests.bench.transcribe [--minutes 10] [--without-whisper] [--engines] [AUDIO TEXT]
    python -m tests.bench.transcribe --memory-hours 6

Everybody gets the same file and the same base weights (the `weights` extra), each in a process of its own: the wall
clock, the peak memory of that process and its children, and the word error rate (jiwer, over Whisper's normaliser for
English) are measured from outside. Without AUDIO the recording is put together from the sample testimonies in English,
and Kennedy's sentence where the shared recordings are beside the checkout; TEXT holds the words of AUDIO.
What counts are the ratios: figures of one machine on one day say nothing else.
`--memory-hours` measures one thing more: the peak memory of taking in a recording that long, much of it silent.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import imageio_ffmpeg
import jiwer
import numpy as np
from whisper.normalizers import EnglishTextNormalizer

from ingest.engines.loader import available_cores
from ingest.engines.model_files import FASTER_WHISPER, OPENAI_WHISPER, resolve
from media.decode import read_mono

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "ingest/samples"
JFK = ROOT.parent / "shared/data/speech/jfk.flac"
JFK_TEXT = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
MESSENGER = [sys.executable, "-c", "import sys; from web.cli import main; main(sys.argv[1:])"]
RATE = 16_000
PAUSE_S = 1.5
LONGEST_S = 3 * 3600.0

SLOWER_THAN_BATCHED = 1.15
SLOWER_THAN_WHISPER = 0.2
WORSE_POINTS = 0.5
MEGABYTES = 1500

BATCHED = """
import json, sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
model, sound, words = sys.argv[1:]
pipeline = BatchedInferencePipeline(WhisperModel(model, device="cpu"))
segments, _ = pipeline.transcribe(sound, language="en", batch_size=8, word_timestamps=words == "words")
print(json.dumps(" ".join(segment.text for segment in segments)))
"""


@dataclass(frozen=True)
class Run:
    """One measured run: seconds on the wall clock and of the processor, peak memory in MB, word error rate in per cent.

    On a machine with other work to do, the processor's seconds say more than the clock's.
    """

    seconds: float
    worked: float
    megabytes: float
    error_rate: float
    text: str


def build(folder: Path, minutes: float) -> tuple[Path, str]:
    """A recording of at least `minutes` from the samples, and its words."""
    testimonies = json.loads((SAMPLES / "collection.json").read_text(encoding="utf-8"))["testimonies"]
    parts = [
        (read_mono(SAMPLES / each["file"]), " ".join(line["text"] for line in each["segments"]))
        for each in testimonies
        if each["language"] == "en"
    ]
    if JFK.is_file():
        parts.append((read_mono(JFK), JFK_TEXT))
    pause = np.zeros(int(PAUSE_S * RATE), dtype=np.float32)
    sound: list[np.ndarray] = []
    words: list[str] = []
    length = 0
    for audio, text in cycle(parts):
        if length >= minutes * 60 * RATE:
            break
        sound += [audio, pause]
        words.append(text)
        length += len(audio) + len(pause)
    path = folder / "recording.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(np.concatenate(sound), -1, 1) * 32767).astype("<i2").tobytes())
    return path, " ".join(words)


def build_long(folder: Path, hours: float) -> Path:
    """A recording of `hours`: a spoken sentence every two minutes, and the quiet of a room between them."""
    spoken = read_mono(SAMPLES / "one-page-at-a-time.ogg")[: 20 * RATE]
    chance = np.random.default_rng(6)
    path = folder / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for _ in range(int(hours * 30)):
            block = chance.normal(0, 0.0005, 120 * RATE).astype(np.float32)
            block[: len(spoken)] += spoken
            file.writeframes((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def measure_long(hours: float) -> int:
    """Print the peak memory of taking in `hours` of sound; the exit status says whether it stayed under the bound."""
    with tempfile.TemporaryDirectory() as scratch:
        run = ours(build_long(Path(scratch), hours), "", Path(scratch), FASTER_WHISPER)
    print(f"{hours:g} h: {run.seconds:.0f} s, {run.megabytes:.0f} MB at most (under {MEGABYTES} asked)")
    return 0 if run.text.strip() and run.megabytes < MEGABYTES else 1


def measure(command: list[str], truth: str, said: Callable[[str], str], folder: Path, **more: str) -> Run:
    """Run a command, and read its text with `said` from what it printed; one that takes too long is ended."""
    output = folder / "output"
    with output.open("wb") as file:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=file, stdin=subprocess.DEVNULL, cwd=ROOT, env=os.environ | more)
        end = threading.Timer(LONGEST_S, process.kill)
        end.start()
        _, status, usage = os.wait4(process.pid, 0)
        end.cancel()
        seconds = time.monotonic() - began
    if status:
        raise SystemExit(f"failed or took more than {LONGEST_S / 3600:.0f} h: {' '.join(command[:4])} ...")
    print(f"    {seconds:.1f} s: {' '.join(command[3:7])}", flush=True)
    text = said(output.read_text(encoding="utf-8"))
    normal = EnglishTextNormalizer()
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        100 * jiwer.wer(normal(truth), normal(text)) if truth else 0.0,
        text,
    )


def ours(sound: Path, truth: str, folder: Path, engine: str) -> Run:
    """The whole way in, into an empty data folder: kept, decoded, recognised, tagged, linked, indexed."""
    data = {"MESSENGER_DATA": str(folder / f"archive-{engine}"), "MESSENGER_MODEL": "base", "MESSENGER_ENGINE": engine}

    def said(printed: str) -> str:
        testimony = json.loads(printed)["results"][0]["testimony"]
        command = [*MESSENGER, "transcript", "export", testimony, "--to", "txt", "--as", "band"]
        out = subprocess.run(command, cwd=ROOT, env=os.environ | data, check=True, capture_output=True, text=True)
        return out.stdout

    return measure([*MESSENGER, "ingest", str(sound), "--language", "en", "--json"], truth, said, folder, **data)


def batched(sound: Path, truth: str, folder: Path, words: bool) -> Run:
    model = resolve("base", FASTER_WHISPER, folder / "models").path
    command = [sys.executable, "-c", BATCHED, str(model), str(sound), "words" if words else "text"]
    return measure(command, truth, lambda printed: str(json.loads(printed.splitlines()[-1])), folder)


def plain(sound: Path, truth: str, folder: Path) -> Run:
    """The `whisper` command; it wants an `ffmpeg` on the path, so it is given the one the archive uses."""
    checkpoint = resolve("base", OPENAI_WHISPER, folder / "models").path
    (folder / "bin").mkdir()
    (folder / "bin/ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    command = [str(Path(sys.executable).parent / "whisper"), str(sound), "--model", str(checkpoint), "--language", "en"]
    command += ["--output_format", "txt", "--output_dir", str(folder), "--fp16", "False", "--verbose", "False"]
    written = folder / f"{sound.stem}.txt"
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return measure(command, truth, lambda _: written.read_text(encoding="utf-8"), folder, PATH=path)


def compare(name: str, mine: Run, other: Run, allowed: float) -> bool:
    ratio, worse = mine.seconds / other.seconds, mine.error_rate - other.error_rate
    good = ratio <= allowed and worse <= WORSE_POINTS
    print(
        f"against {name}: time x {ratio:.2f} (at most {allowed}; processor x {mine.worked / other.worked:.2f}),",
        f"memory x {mine.megabytes / other.megabytes:.2f},",
        f"word error rate {worse:+.2f} points (at most +{WORSE_POINTS}): {'holds' if good else 'MISSED'}",
    )
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", nargs="?", type=Path)
    parser.add_argument("text", nargs="?", type=Path)
    parser.add_argument(
        "--minutes", type=float, default=10, help="of sound, at least; the claim is made for ten or more"
    )
    parser.add_argument(
        "--without-whisper", action="store_true", help="leave out the plain whisper command: it is slow"
    )
    parser.add_argument("--engines", action="store_true", help="also compare our two engines, word by word")
    parser.add_argument("--memory-hours", type=float, help="measure only the peak memory over a recording this long")
    asked = parser.parse_args()
    if asked.memory_hours:
        return measure_long(asked.memory_hours)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sound, truth = (
            (asked.audio.resolve(), asked.text.read_text(encoding="utf-8"))
            if asked.audio and asked.text
            else build(folder, asked.minutes)
        )
        resolve("base", FASTER_WHISPER, folder / "models")
        print(f"{available_cores()} cores, {len(truth.split())} words")
        runs: dict[str, Run] = {"ours": ours(sound, truth, folder, FASTER_WHISPER)}
        runs["batched"] = batched(sound, truth, folder, words=False)
        runs["batched, word times"] = batched(sound, truth, folder, words=True)
        if not asked.without_whisper:
            runs["whisper"] = plain(sound, truth, folder)
        if asked.engines:
            runs["ours, openai"] = ours(sound, truth, folder, OPENAI_WHISPER)
    for name, run in runs.items():
        clock = f"{run.seconds:8.1f} s {run.worked:8.1f} s of work"
        print(f"{name:20} {clock} {run.megabytes:8.0f} MB {run.error_rate:6.2f} % of words wrong")
    held = [compare("batched faster-whisper", runs["ours"], runs["batched"], SLOWER_THAN_BATCHED)]
    if "whisper" in runs:
        held.append(compare("plain whisper", runs["ours"], runs["whisper"], SLOWER_THAN_WHISPER))
    if "ours, openai" in runs:
        normal = EnglishTextNormalizer()
        apart = 100 * jiwer.wer(normal(runs["ours"].text), normal(runs["ours, openai"].text))
        print(f"our two engines differ in {apart:.2f} % of words (at most 1)")
        held.append(apart <= 1)
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
