"""How often the passage a line really came from is proposed, hidden among thousands; and how fast the desk's helps
are.

    python -m tests.bench.threads [--passages 200] [--search-url URL] [--database-url URL] [--cpu]

The eight sample testimonies are put among N seeded passages, in both languages. Asked are the lines of the sample
songs that name a source, in Khmer and in English, and a hundred lines made by rule from sentences of the samples: a
stretch of one as it was said (verbatim), and one of which every third word is left out and the halves change places
(adapted). For each is printed how often the true passage is first, among three and among six. Then the desk's helps
are timed: likely sources, how often a phrase is used, and rhymes.

The seeded passages follow a Zipf law over the lexicon's Khmer words, and over the English words of the samples and of
`said.tsv` with made-up ones behind them, so that the words of a line are common ones there too.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.access.rule import Grant
from archive.backends import Backends, open_backends
from archive.consent import decisions
from archive.language.words import words
from archive.lyrics import suggestions, writing_aids
from archive.models import Narrator, Permission, Recording, Testimony
from archive.retrieval import indexing
from archive.settings import read_settings
from archive.timing import Utterance
from archive.transcripts import transcript_versions
from ingest.samples.collection import Collection, SampleTestimony
from ingest.samples.loading import load_collection
from tests.bench import search as seeded
from tests.bench import tags

SEED = 20140103
BAND = Viewer(role="band", groups=frozenset({"MB"}))
FORMS = ("existence", "redacted_transcript", "quotation", "paraphrase")
FURTHER = 100


@dataclass(frozen=True)
class Asked:
    """A line, and where it came from: a testimony and the words there."""

    kind: str
    km: str
    en: str
    testimony: str
    quote: str


class SpokenLike(seeded.Speech):
    """The seeded speech with the English that people really speak at its head."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        texts = [one.text for one in tags.sentences() if one.language == "en"]
        texts += [text for told in load_collection().testimonies for _, text in _both(told)]
        said = Counter(word for text in texts for word in re.findall("[a-z]+", text.lower()))
        self.en = [*sorted(said, key=lambda word: (-said[word], word)), *self.en][: len(self.en)]


def _both(told: SampleTestimony) -> Iterator[tuple[str, str]]:
    """Khmer and English of each sentence of a sample testimony."""
    for one in told.segments:
        texts = {told.language: one.text, **one.translation}
        yield texts["km"], texts["en"]


def fill(backends: Backends, passages: int) -> Collection:
    """The samples and the seeded passages, all of which may be sung."""
    before = seeded.Speech
    seeded.Speech = SpokenLike  # type: ignore[misc]
    try:
        seeded.fill(backends, passages)
    finally:
        seeded.Speech = before  # type: ignore[misc]
    with backends.database.write() as session:
        every = list(session.scalars(Testimony.__table__.select().with_only_columns(Testimony.id)))
        rows = [{"testimony_id": one, "form": form, "audience": "band"} for one in every for form in FORMS]
        for first in range(0, len(rows), 10_000):
            session.execute(insert(Permission), rows[first : first + 10_000])
        collection = load_collection()
        for told in collection.testimonies:
            _tell(session, told)
    return collection


def _tell(session: Session, told: SampleTestimony) -> None:
    session.add(Recording(id=told.id[:32], sha256=f"{abs(hash(told.id)):064d}"[:64], size=1))
    session.add(Narrator(id=told.id[:32], community="farmer"))
    session.flush()
    session.add(Testimony(id=told.id[:32], recording_id=told.id[:32], narrator_id=told.id[:32], language=told.language))
    session.flush()
    decisions.grant(
        session, told.id[:32], tuple(Grant(form, "band") for form in FORMS), decisions.ConsentGiven("signed", None)
    )
    said = [Utterance(one.span.start_ms, one.span.end_ms, one.text) for one in told.segments]
    version = transcript_versions.add_version(session, told.id[:32], told.language, said, stage="reviewed")
    transcript_versions.approve(session, version, None)
    (other,) = {language for one in told.segments for language in one.translation}
    texts = {made.id: one.translation[other] for made, one in zip(version.segments, told.segments, strict=True)}
    transcript_versions.add_translation(session, version, other, texts, stage="approved")


def lines(collection: Collection) -> list[Asked]:
    found = []
    for song in collection.songs:
        for line in song.lines:
            for source in line.sources:
                kind = f"song, {source.relation}"
                found.append(Asked(f"{kind}, km", line.km, "", source.testimony[:32], source.quote))
                found.append(Asked(f"{kind}, en", "", line.en, source.testimony[:32], source.quote))
    chance = random.Random(SEED)
    sentences = [(told.id[:32], *both) for told in collection.testimonies for both in _both(told)]
    long_enough = [one for one in sentences if min(len(_words(text)) for text in one[1:]) >= 6]
    for number, (testimony, km, en) in enumerate(chance.sample(long_enough * 2, FURTHER)):
        language, text = ("km", km) if number % 2 else ("en", en)
        kind, made = ("verbatim", _part(text)) if number % 4 < 2 else ("adapted", _adapted(text))
        found.append(
            Asked(f"further, {kind}, {language}", *((made, "") if language == "km" else ("", made)), testimony, text)
        )
    return found


def _words(text: str) -> list[str]:
    return [one.text for one in words(text) if one.is_word]


def _part(text: str) -> str:
    said = _words(text)
    return _join(said[len(said) // 4 :], text)


def _adapted(text: str) -> str:
    said = [word for number, word in enumerate(_words(text)) if number % 3 != 2]
    half = len(said) // 2
    return _join([*said[half:], *said[:half]], text)


def _join(said: list[str], text: str) -> str:
    return (" " if text.isascii() else "").join(said)


def found_at(session: Session, backends: Backends, asked: Asked, texts: dict[str, list[tuple[str, str]]]) -> int | None:
    """At which place the true passage is proposed; None where it is not."""
    likely = suggestions.likely(session, backends.index, BAND, asked.km, asked.en)
    true = {one for pair in texts[asked.testimony] if any(_holds(text, asked.quote) for text in pair) for one in pair}
    for place, one in enumerate(likely.found, 1):
        if one.said.testimony_id == asked.testimony and one.said.text in true:
            return place
    return None


def _holds(text: str, quote: str) -> bool:
    return quote.rstrip("។.") in text


def run(folder: Path, passages: int, search_url: str, database_url: str) -> None:
    env = {"MESSENGER_DATA": str(folder), "MESSENGER_SEARCH_URL": search_url, "MESSENGER_DATABASE_URL": database_url}
    backends = open_backends(read_settings({key: value for key, value in env.items() if value}))
    begun = time.perf_counter()
    collection = fill(backends, passages)
    print(f"{passages} passages and the samples in the database: {time.perf_counter() - begun:.0f} s", flush=True)
    begun = time.perf_counter()
    indexing.reindex(backends.database, backends.index)
    print(f"indexed: {time.perf_counter() - begun:.0f} s", flush=True)
    texts = {told.id[:32]: list(_both(told)) for told in collection.testimonies}
    with backends.database.read() as session:
        asked = lines(collection)
        suggestions.likely(session, backends.index, BAND, asked[0].km, asked[0].en)
        begun = time.perf_counter()
        writing_aids.rhymes(session, backends.index, BAND, asked[0].km)
        print(f"first rhymes after a start: {(time.perf_counter() - begun) * 1000:.0f} ms")
        places = {one: found_at(session, backends, one, texts) for one in asked}
        _print(places)
        _time(session, backends, [one.km or one.en for one in asked])


def _print(places: dict[Asked, int | None]) -> None:
    print(f"{'':<28}{'lines':>6}{'first':>8}{'in 3':>8}{'in 6':>8}")
    kinds = sorted({one.kind for one in places})
    near = [kind for kind in kinds if "inspired" not in kind]
    for name, mine in [*((kind, [kind]) for kind in kinds), ("verbatim and adapted, all", near)]:
        found = [place for one, place in places.items() if one.kind in mine]
        shares = [sum(place is not None and place <= most for place in found) / len(found) for most in (1, 3, 6)]
        print(f"{name:<28}{len(found):>6}" + "".join(f"{share:>8.0%}" for share in shares), flush=True)


def _time(session: Session, backends: Backends, said: list[str]) -> None:
    index = backends.index
    phrases = ["".join(_words(line)[:2]) if not line.isascii() else " ".join(_words(line)[:2]) for line in said]
    helps: dict[str, tuple[Callable[[str], object], list[str]]] = {
        "likely sources": (
            lambda line: suggestions.likely(session, index, BAND, *(("", line) if line.isascii() else (line, ""))),
            said,
        ),
        "uses of two words": (lambda phrase: writing_aids.usage(session, index, BAND, phrase), phrases),
        "uses of a word": (
            lambda word: writing_aids.usage(session, index, BAND, word),
            [_words(line)[-1] for line in said],
        ),
        "rhymes": (lambda line: writing_aids.rhymes(session, index, BAND, line), said),
    }
    print(f"{'ms':<28}{'p50':>8}{'p95':>8}")
    for name, (ask, asked) in helps.items():
        timing = seeded.timed(ask, list(dict.fromkeys(asked)))
        print(f"{name:<28}{timing.p50:>8.0f}{timing.p95:>8.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--search-url", default="")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of the clock's, on a busy machine")
    options = parser.parse_args()
    if options.cpu:
        seeded.clock = time.process_time
    with tempfile.TemporaryDirectory(prefix="bench-threads-") as folder:
        run(Path(folder), options.passages, options.search_url, options.database_url)


if __name__ == "__main__":
    main()
