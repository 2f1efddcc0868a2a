"""What people read, in their language: the catalogue that the site and the archive below it share.

English stands in the code and is the key; `locales/km.po` holds the Khmer, and another language is one more such file.
What is read at run time is the compiled `.mo` beside it, made at set-up by `archive.language.compiling`: opening one
takes some milliseconds, reading a `.po` a hundred times that.

Under `web` a page knows its language, and `web.site.language` has the usual `_`, `pgettext` and `ngettext`. Where there
is no page, a text is a `Message`, and whoever shows it says in which language.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from archive.language.numerals import in_digits_of

FOLDER = Path(__file__).parent / "locales"
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
