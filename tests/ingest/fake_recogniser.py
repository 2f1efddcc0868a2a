"""A recogniser that always hears the same words, so that the pipeline around it can be tested quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from archive.timing import Utterance, Word
from ingest.engines.base import Audio, Window

SAID = ("The", "debt", "was", "paid", "with", "our", "rice", "field")


class FakeRecogniser:
    """Hears `SAID` in every window, spread evenly over it."""

    name = "fake"
    model = "fake@0"
    version = "1"
    batch_size = 1

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def checked_language(self, language: str | None) -> str | None:
        return language

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        return self._language, 0.9

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
        for window in windows:
            step = (window.end_ms - window.start_ms) // len(SAID)
            words = tuple(
                Word(word, window.start_ms + step * n, window.start_ms + step * (n + 1), 0.9)
                for n, word in enumerate(SAID)
            )
            yield [
                Utterance(
                    window.start_ms,
                    window.end_ms,
                    " ".join(SAID),
                    words=words,
                    confidence=0.9,
                    language=language or usual or self._language,
                )
            ]
