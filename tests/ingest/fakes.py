"""A recogniser that needs no model: it says which window it hears, and counts how often it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from archive.timing import Utterance, Word
from ingest.engines.base import Audio, Placed, Window


class FakeRecogniser:
    """Says "at N" for each window, N being its start in ms; `languages` gives each window's own language in turn."""

    name = "fake"
    version = "1"
    max_text_tokens = 400

    def __init__(self, batch_size: int = 2, languages: Sequence[str] = ("en",), model: str = "none") -> None:
        self.batch_size = batch_size
        self.languages = languages
        self.model = model
        self.batches: list[list[int]] = []

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        waiting = iter(windows)
        while batch := list(islice(waiting, self.batch_size)):
            self.batches.append([window.start_ms for window in batch])
            if partly:
                partly(0.5)
            for window in batch:
                own = language or self.languages[window.start_ms % len(self.languages)]
                start, end = window.speech[0].start_ms, window.speech[-1].end_ms
                text = f"at {window.start_ms}"
                yield [Utterance(start, end, text, (Word(text, start, end, 0.9),), confidence=0.9, language=own)]

    def checked_language(self, language: str | None) -> str | None:
        return language and language.split("-")[0]

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        return self.languages[0], 0.9

    def align(self, audio: Audio, texts: Sequence[str], language: str) -> list[Placed]:
        raise NotImplementedError

    def token_count(self, text: str) -> int:
        return len(text)
