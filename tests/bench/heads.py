"""Which attention heads tell word beginnings: `python -m tests.bench.heads [SONG_FOLDER ...] [--model base]`.

Decodes the hand-timed words of songs against their own sound and compares, for every head of the decoder, asked at each
word's first token and one token before, where it looks most with where the word begins. The best heads belong into
`ingest/aligning/heads.py`: a constant delay is no fault, being scattered around it is.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingest.aligning.aligner import open_aligner
from ingest.aligning.listener import FRAME_MS, FRAMES, HeadRow, Listener
from ingest.aligning.lyrics import phrases, read_lyrics
from media.decode import read_mono
from tests.conftest import DATA

NEAR_S = 0.15
LEAD_FRAMES = 75  # windows begin this long before a line
SHOWN = 12

Errors = dict[HeadRow, list[float]]


def word_starts(folder: Path) -> list[float]:
    with (folder / "words.csv").open(encoding="utf-8", newline="") as file:
        return [float(row["word_start"]) for row in csv.DictReader(file)]


def measure(listener: Listener, folder: Path, language: str) -> Iterator[tuple[HeadRow, float]]:
    """For every head and every word, by how many seconds it looks late."""
    tokenizer = listener.model.tokenizer(language)
    prefix = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    sung = phrases(read_lyrics((folder / "lyrics.txt").read_text(encoding="utf-8")), tokenizer.encode)
    words = [word for phrase in sung for word in phrase.words]
    frames = [round(start * 1000 / FRAME_MS) for start in word_starts(folder)]
    if len(words) != len(frames):
        raise SystemExit(f"{folder.name}: {len(words)} words of lyrics, {len(frames)} timed by hand")
    rows = [
        HeadRow(layer, head, ahead)
        for layer in range(listener.model.layers)
        for head in range(listener.model.heads)
        for ahead in (False, True)
    ]
    audio, at = read_mono(next(folder.glob("audio.*"))), 0
    while at < len(words):
        first = frames[at] - LEAD_FRAMES
        count = sum(1 for frame in frames[at:] if frame < first + FRAMES - LEAD_FRAMES)
        (window,) = listener.windows(audio, [first])
        text = [token for word in words[at : at + count] for token in word.tokens]
        (attended,) = listener.attend(window, prefix, [text], rows)
        peaks = attended.readings.argmax(axis=-1)
        token = 0
        for word, frame in zip(words[at : at + count], frames[at : at + count], strict=True):
            for row, peak in zip(rows, peaks[:, token], strict=True):
                yield row, (int(peak) + first - frame) * FRAME_MS / 1000
            token += len(word.tokens)
        at += count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--language", default="es")
    args = parser.parse_args()
    folders = args.folders or sorted(path.parent for path in (DATA / "songs").glob("*/words.csv"))
    found: Errors = defaultdict(list)
    with tempfile.TemporaryDirectory() as cache:
        listener = open_aligner("faster-whisper", args.model, Path(cache)).listener
        for folder in folders:
            for row, late in measure(listener, folder, args.language):
                found[row].append(late)
    table = [(np.median(late), np.mean(np.abs(late - np.median(late)) < NEAR_S), row) for row, late in found.items()]
    print(f"{'layer':>5} {'head':>4}  {'asked':6} {'delay':>7} {f'within {NEAR_S} s of it':>18}")
    for delay, near, row in sorted(table, key=lambda entry: -entry[1])[:SHOWN]:
        print(f"{row.layer:5d} {row.head:4d}  {'before' if row.ahead else 'at':6} {delay:5.2f} s {100 * near:16.0f} %")


if __name__ == "__main__":
    main()
