"""Make the word counts that `words` runs on, from text whose licence allows it.

A good segmenter of Khmer is a neural network; what it knows about word frequency fits in a small table. So the network
is run once, here, over unlabelled text, and only the counts are kept: the running system needs neither it nor its
runtime. The three steps are separate because the middle one wants a package (`khmercut[nn]`, Apache-2.0) that the
archive itself never installs; give it an environment of its own.

    python -m archive.language.distil gather SOURCE... > sentences.txt
    python -m archive.language.distil segment < sentences.txt > sentences.tsv      # needs khmercut[nn]
    python -m archive.language.distil count --text sentences.tsv --lists words.tsv --names names.txt --to lexicon.tsv.gz

`gather` reads Debian's unpacked language packages (`.html` help pages, `.mo` catalogues), `.csv` gazetteers and plain
`.txt`; the archive's own transcripts, exported one passage a line, are plain text like any other.
`data/SOURCES.md` names what the shipped table was made of.
"""

from __future__ import annotations

import argparse
import gettext
import html
import importlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.language.clusters import KHMER_LETTER
from archive.language.lexicon import SHIPPED, write
from archive.language.normalise import normalise, tidy

DAMPING = 0.7
NAMED = 5.0

_TAG = re.compile(r"<[^<>]+>")
_BLOCK = re.compile(r"</?(?:p|li|td|th|h\d|div|title|br|tr|table)\b[^<>]*>", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%(?:\d+\$)?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]|%\w+%?|\$\(?\w+\)?|\{[^{}]*\}|[~_&](?=\w)")
_SENTENCE_END = re.compile(r"(?<=[។៕!?\n])\s*")
_KHMER_PIECE = re.compile(rf"[{KHMER_LETTER}]+")


def _page(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    for block in _BLOCK.split(text):
        yield html.unescape(_TAG.sub("", block))


def _catalogue(path: Path) -> Iterator[str]:
    with path.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)
    for key, value in catalogue._catalog.items():  # type: ignore[attr-defined]
        if key:
            yield value


def _plain(path: Path) -> Iterator[str]:
    yield from path.read_text(encoding="utf-8").splitlines()


_READERS = {".html": _page, ".mo": _catalogue, ".csv": _plain, ".txt": _plain}


def gather(sources: Iterable[Path]) -> Iterator[str]:
    """Distinct Khmer sentences from files and folders, in reading order, without markup and placeholders."""
    seen: set[str] = set()
    for source in sources:
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for path in files:
            reader = _READERS.get(path.suffix)
            if reader is None or not path.is_file():
                continue
            for passage in reader(path):
                for sentence in _SENTENCE_END.split(_PLACEHOLDER.sub(" ", passage)):
                    line = " ".join(tidy(sentence).split())
                    if line not in seen and _KHMER_PIECE.search(line):
                        seen.add(line)
                        yield line


def segment(lines: Iterable[str]) -> Iterator[str]:
    """Each line with a tab between words, as the neural segmenter sees them."""
    khmercut = importlib.import_module("khmercut.nn")
    for line in lines:
        yield "\t".join(word for word in khmercut.tokenize(line.strip()) if word.strip())


def _khmer_words(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        for word in line.split("#", 1)[0].split():
            folded = normalise(word).text
            if _KHMER_PIECE.fullmatch(folded):
                yield folded


def count(text: Iterable[str], lists: Iterable[str] = (), names: Iterable[str] = ()) -> dict[str, float]:
    """Weights of folded words from segmented sentences, segmented word lists, and words known to be whole.

    Sentences count less than in proportion, since manuals repeat the few words of their trade; each mention in a list
    counts once; a word that people listed as one word weighs as much as one met a few times.
    """
    weights: dict[str, float] = {word: n**DAMPING for word, n in Counter(_khmer_words(text)).items()}
    for word, n in Counter(_khmer_words(lists)).items():
        weights[word] = weights.get(word, 0.0) + n
    for word in _khmer_words(names):
        weights[word] = weights.get(word, 0.0) + NAMED
    return {word: round(weight, 1) for word, weight in weights.items()}


def _lines(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        with path.open(encoding="utf-8") as stream:
            yield from stream


def main(arguments: list[str] | None = None) -> None:
    """Run one of the three steps from the command line."""
    parser = argparse.ArgumentParser(prog="archive.language.distil", description="Make the lexicon of Khmer words.")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("gather").add_argument("sources", nargs="+", type=Path)
    steps.add_parser("segment")
    counting = steps.add_parser("count")
    for option in ("--text", "--lists", "--names"):
        counting.add_argument(option, nargs="*", type=Path, default=[])
    counting.add_argument("--to", type=Path, default=SHIPPED)
    chosen = parser.parse_args(arguments)
    if chosen.step == "gather":
        sys.stdout.writelines(f"{sentence}\n" for sentence in gather(chosen.sources))
    elif chosen.step == "segment":
        sys.stdout.writelines(f"{words}\n" for words in segment(sys.stdin))
    else:
        counts = count(_lines(chosen.text), _lines(chosen.lists), _lines(chosen.names))
        write(chosen.to, counts, ["Khmer words with their weights, distilled; sources and licences in SOURCES.md"])


if __name__ == "__main__":
    main()
