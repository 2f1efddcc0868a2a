"""Recognisers that need no model, so that what is around one can be tested quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from archive.timing import Utterance, Word
from ingest.engines.window import Audio, Placed, Window

SAID = ("The", "debt", "was", "paid", "with", "our", "rice", "field")


class FakeRecogniser:
    """Hears `SAID` in every window, spread evenly over it; `batches` keeps the starts of what it heard at once."""

    name = "fake"
    version = "1"
    max_text_tokens = 400

    def __init__(self, language: str = "en", *, batch_size: int = 1, model: str = "fake@0") -> None:
        self.batch_size = batch_size
        self.model = model
        self.batches: list[list[int]] = []
        self._language = language

    def checked_language(self, language: str | None) -> str | None:
        return language and language.split("-")[0]

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        return self._language, 0.9

    def align(self, audio: Audio, texts: Sequence[str], language: str) -> list[Placed]:
        raise NotImplementedError

    def token_count(self, text: str) -> int:
        return len(text.encode())

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
                yield [self.heard(window, language or usual or self._language)]

    def heard(self, window: Window, language: str) -> Utterance:
        step = (window.end_ms - window.start_ms) // len(SAID)
        starts = [window.start_ms + step * n for n in range(len(SAID))]
        words = tuple(Word(word, start, start + step, 0.9) for word, start in zip(SAID, starts, strict=True))
        whole = (window.start_ms, window.end_ms, " ".join(SAID))
        return Utterance(*whole, words=words, confidence=0.9, language=language)


class PlaceTeller(FakeRecogniser):
    """Says "at N" for each window, N being its start in ms, where its voices are, and hears two windows at once."""

    def __init__(self, language: str = "en", *, batch_size: int = 2, model: str = "fake@0") -> None:
        super().__init__(language, batch_size=batch_size, model=model)

    def heard(self, window: Window, language: str) -> Utterance:
        start, end = window.speech[0].start_ms, window.speech[-1].end_ms
        text = f"at {window.start_ms}"
        return Utterance(start, end, text, (Word(text, start, end, 0.9),), confidence=0.9, language=language)
