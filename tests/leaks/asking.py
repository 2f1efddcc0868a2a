"""One request as the tables of the leak tests write it down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

NOBODY = "nobodyknowsit0"
"""An id that nothing ever had."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `upload` is a file's bytes, `document` JSON in the place of a form."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    upload: bytes = b""
    document: str = ""

    def __str__(self) -> str:
        said = [f"{self.method} {self.path}", *(f"{name}: {value}" for name, value in self.headers), self.document]
        return " · ".join([*said, urlencode(self.form)] if self.form else said)


def get(path: str, *headers: tuple[str, str]) -> Ask:
    return Ask("GET", path, headers)


def head(path: str, *headers: tuple[str, str]) -> Ask:
    return Ask("HEAD", path, headers)


def post(path: str, **form: str) -> Ask:
    return Ask("POST", path, form=tuple(form.items()))


def pages(template: str, names: tuple[str, ...]) -> Iterator[Ask]:
    """Each of these pages looked at, and asked for its head; the last two in English as well."""
    for name in names:
        yield get(template.format(name))
        yield head(template.format(name))
    yield get(template.format(names[-2]) + "?lang=en&t=1000")
    yield get(template.format(names[-1]) + "?lang=en&t=1000")
