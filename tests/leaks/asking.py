"""One request as the tables of the leak tests write it down."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `upload` is a file's bytes."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    upload: bytes = b""

    def __str__(self) -> str:
        said = [f"{self.method} {self.path}", *(f"{name}: {value}" for name, value in self.headers)]
        return " · ".join([*said, urlencode(self.form)] if self.form else said)


def get(path: str, *headers: tuple[str, str]) -> Ask:
    return Ask("GET", path, headers)


def head(path: str, *headers: tuple[str, str]) -> Ask:
    return Ask("HEAD", path, headers)


def post(path: str, **form: str) -> Ask:
    return Ask("POST", path, form=tuple(form.items()))
