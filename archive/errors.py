"""What cannot be done, in words: the one shape of the errors that people read.

An exception is named for what happened and carries a text of the catalogue with the values that go into it. It is put
into words where somebody reads it and nowhere before: a page says it in its own language (`web.site.language._`), the
command line and the log in English. Where a caller or a script goes by which it was, it has a code too.
"""

from __future__ import annotations

from archive.language.messages import SOURCE, FilledMessage, Message


class ArchiveError(Exception):
    """Something cannot be done, and a person is told what and why.

    Attributes:
        sentence: what a person is told.
        code: which it was, for callers and scripts that go by it; empty where the exception's name says enough.
    """

    def __init__(self, told: Message | FilledMessage, /, *, code: str = "", **values: object) -> None:
        self.sentence = told if isinstance(told, FilledMessage) else FilledMessage(told, values)
        self.code = code
        super().__init__(self.sentence)

    def said(self, language: str) -> str:
        """What a person is told, in a language."""
        return self.sentence.said(language)

    def __str__(self) -> str:
        return self.said(SOURCE)
