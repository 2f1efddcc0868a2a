"""What every recogniser can be asked, whichever engine is behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from archive.timing import Utterance
from ingest.engines.window import Audio, Placed, Window


@runtime_checkable
class Recogniser(Protocol):
    """A speech recogniser with its model loaded.

    Attributes:
        name: the engine's name, as in settings.
        model: what its model is called in provenance, with a fingerprint of the weights.
        version: the engine library's version and number format.
        batch_size: how many windows it likes to hear at once; a checkpoint can be as fine as this.
    """

    name: str
    model: str
    version: str
    batch_size: int

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        """Each window's utterances, in order, as soon as its batch is done; times are the recording's.

        Args:
            language: ISO 639, or None to let each window tell its own.
            prompt: names, places and themes that may be said, to help with their spelling.
            usual: what a window is taken for when none is asked for and its own language is unclear.
            partly: told how much of a batch is done, 0 to 1, while it is worked on. It may raise, to stop the work.
        """
        ...

    def checked_language(self, language: str | None) -> str | None:
        """The language as the model names it (a region is dropped); raises `UnknownLanguage` for any other."""
        ...

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        """The likeliest language of up to thirty seconds of sound, ISO 639, and its probability."""
        ...

    def align(self, audio: Audio, texts: Sequence[str], language: str) -> list[Placed]:
        """Force texts that are known to be said, in order, onto at most thirty seconds of sound."""
        ...

    def token_count(self, text: str) -> int:
        """How many tokens the text takes; `align` takes at most `max_text_tokens` in all."""
        ...

    @property
    def max_text_tokens(self) -> int: ...
