"""What every application of a run has alike, made for the first of them and kept for the next.

Making an application takes a quarter of a second of processor, nearly all of it the same each time: addresses and
templates compiled, and a hash over the stylesheets and scripts. Hundreds of tests make one, each with a database of its
own, for which every statement would be compiled anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.templating import Environment
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect, Engine, create_engine
from sqlalchemy.orm import Mapper
from werkzeug.routing import Rule

from web.site import files


class _CompiledTemplates(BytecodeCache):
    """Templates compiled for one application, for the next."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


class _CompiledStatements(MutableMapping[tuple[Any, ...], Any]):
    """Statements compiled for one database, for the next of the same kind: a key's first part is the database's."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Any] = {}

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        return self._known[self._of_the_kind(key)]

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._known[self._of_the_kind(key)] = compiled

    def __delitem__(self, key: tuple[Any, ...]) -> None:
        del self._known[self._of_the_kind(key)]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    @staticmethod
    def _of_the_kind(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect: Dialect = key[0]
        return (type(dialect), dialect.server_version_info, *key[1:])


@contextmanager
def made_once() -> Iterator[None]:
    """While this lasts, applications share what they would each make for themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "create_jinja_environment", _with_templates(Flask.create_jinja_environment))
        patch.setattr(Rule, "_compile_builder", _known_builders(Rule._compile_builder))
        patch.setattr(files, "version_of", _known_version(files.version_of))
        patch.setattr("archive.db.create_engine", _with_statements(create_engine))
        patch.setattr(Mapper, "_compiled_cache", _CompiledStatements())
        yield


def _with_templates(made: Callable[[Flask], Environment]) -> Callable[[Flask], Environment]:
    compiled = _CompiledTemplates()

    def with_compiled(app: Flask) -> Environment:
        environment = made(app)
        environment.bytecode_cache = compiled
        return environment

    return with_compiled


def _with_statements(created: Callable[..., Engine]) -> Callable[..., Engine]:
    compiled = _CompiledStatements()

    def with_statements(*given: Any, **named: Any) -> Engine:
        engine = created(*given, **named)
        engine.update_execution_options(compiled_cache=compiled)
        return engine

    return with_statements


def _known_builders(compiled: Callable[[Rule, bool], Any]) -> Callable[..., Any]:
    """What writes an address, by the parts of its rule: it is the same function for the same rule of another map."""
    known: dict[tuple[Any, ...], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        kinds = tuple(map(type, rule._converters.values()))
        key = (rule.rule, tuple(rule._trace), kinds, repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = compiled(rule, append_unknown)
        return known[key]

    return builder


def _known_version(version_of: Callable[[Path], str]) -> Callable[..., str]:
    known: list[str] = []

    def version(folder: Path = files.STATIC) -> str:
        if folder != files.STATIC:
            return version_of(folder)
        if not known:
            known.append(version_of(folder))
        return known[0]

    return version
