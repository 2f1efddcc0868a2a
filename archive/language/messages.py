"""What people read, in their language: the catalogue that the site and the archive below it share.

English stands in the code and is the key; `locales/km.po` holds the Khmer, and another language is one more such file.
What is read at run time is the compiled `.mo` beside it, made at set-up by `archive.language.compiling`: opening one
takes some milliseconds, reading a `.po` a hundred times that.

Under `web` a page knows its language, and `web.site.language` has the usual `_`, `pgettext` and `ngettext`. Where there
is no page, a text is a `Message`, with its values a `FilledMessage`, and whoever shows it says in which language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Final

from archive.language.numerals import in_digits_of

FOLDER = Path(__file__).parent / "locales"
_KEPT: Final = '{"text": '
SOURCE: Final = "en"
FIRST: Final = "km"


class NotCompiled(RuntimeError):
    """A language has no compiled catalogue; says which command makes it."""

    def __init__(self, language: str) -> None:
        super().__init__(
            f"The texts of the language {language!r} are not compiled: run `python -m archive.language.compiling`."
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A text that is written down before it is known in which language it is shown.

    Attributes:
        text: in English, with `{name}` where a value goes.
        context: tells apart what is the same in English and not in another language.
    """

    text: str
    context: str | None = None

    def said(self, language: str, /, **values: object) -> str:
        """The text in a language, with `values` filled in.

        Raises:
            NotCompiled: the language has no compiled catalogue.
        """
        return gettext_in(language, self.text, self.context, **values)


@dataclass(frozen=True, slots=True)
class FilledMessage:
    """A text together with the values that go into it, before it is known in which language it is shown.

    What reads a file apart from the site, and what is kept until somebody looks, hands it on as JSON: the English and
    the values, so that it can still be said in another language.

    Attributes:
        values: numbers and names; a text or sentence among them is said in the same language.
    """

    message: Message
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """The text in a language, with its values filled in."""
        values = {
            name: value.said(language) if isinstance(value, Message | FilledMessage) else value
            for name, value in self.values.items()
        }
        return self.message.said(language, **values)

    def as_json(self) -> dict[str, Any]:
        values = {name: _as_json(value) for name, value in self.values.items()}
        return {"text": self.message.text, "context": self.message.context, "values": values}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> FilledMessage:
        text, context, values = written["text"], written["context"], written["values"]
        read = {name: cls.from_json(value) if isinstance(value, dict) else value for name, value in values.items()}
        return cls(Message(text, context), read)

    def kept(self) -> str:
        """As one text for a column of the database: the English itself, or JSON where it has values."""
        return json.dumps(self.as_json(), ensure_ascii=False) if self.values or self.message.context else str(self)

    @classmethod
    def from_kept(cls, text: str) -> FilledMessage:
        """What `kept` wrote; any other text is taken as it is."""
        return cls.from_json(json.loads(text)) if text.startswith(_KEPT) else cls(Message(text))

    def __str__(self) -> str:
        return self.said(SOURCE)


def _as_json(value: object) -> object:
    if isinstance(value, Message):
        value = FilledMessage(value)
    return value.as_json() if isinstance(value, FilledMessage) else value if isinstance(value, int) else str(value)


@cache
def languages() -> tuple[str, ...]:
    """The languages that the site speaks: Khmer, which a newcomer gets, English, and each other that has a file."""
    others = sorted(path.stem for path in FOLDER.glob("*.po") if path.stem not in {FIRST, SOURCE})
    return (FIRST, SOURCE, *others)


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language.

    Raises:
        NotCompiled: the language has no compiled catalogue.
    """
    if language == SOURCE:
        return NullTranslations()
    try:
        with (FOLDER / f"{language}.mo").open("rb") as compiled:
            return GNUTranslations(compiled)
    except FileNotFoundError:
        raise NotCompiled(language) from None


def gettext_in(language: str, text: str, context: str | None = None, /, **values: object) -> str:
    """The text in a language, with `values` filled in; whole numbers in its digits.

    Raises:
        NotCompiled: the language has no compiled catalogue.
    """
    if not text:  # the catalogue keeps its own head under it
        return ""
    texts = catalogue(language)
    return filled(language, texts.gettext(text) if context is None else texts.pgettext(context, text), **values)


def ngettext_in(language: str, one: str, many: str, n: int, /, **values: object) -> str:
    """The text for `n` of something in a language, with `n` and `values` filled in.

    Raises:
        NotCompiled: the language has no compiled catalogue.
    """
    return filled(language, catalogue(language).ngettext(one, many, n), n=n, **values)


def filled(language: str, text: str, /, **values: object) -> str:
    """A text with `{name}` filled in from `values`, whole numbers in the digits of the language."""
    if not values:
        return text
    return text.format(
        **{
            name: in_digits_of(language, str(value)) if isinstance(value, int) else value
            for name, value in values.items()
        }
    )
