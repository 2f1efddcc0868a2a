"""From the name of an engine and of a model to a recogniser that is ready to hear."""

from __future__ import annotations

import importlib.util
import os
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from archive.settings import usable_cores
from ingest.engines.errors import (
    EngineMissing,
    UnknownEngine,
)
from ingest.engines.model_files import FASTER_WHISPER, OPENAI_WHISPER, ModelFiles, resolve
from ingest.engines.whisper import WhisperRecogniser

if TYPE_CHECKING:
    from ingest.engines.opened import OpenedModel


ENGINES = (FASTER_WHISPER, OPENAI_WHISPER)


class Engine(Protocol):
    """An engine's module."""

    def recogniser(self, files: ModelFiles, threads: int, device: str) -> WhisperRecogniser: ...

    def opened(self, files: ModelFiles, threads: int) -> OpenedModel: ...


_loading = threading.Lock()
_loaded: tuple[tuple[str, str, str, str], WhisperRecogniser] | None = None


def load(
    engine: str, model: str, cache: Path, *, threads: int | None = None, device: str = "auto"
) -> WhisperRecogniser:
    """The recogniser for an engine and a model, loaded once and kept.

    One model stays in memory per process: asking for another lets the first one go. A GPU is used where there is one.

    Args:
        engine: one of `ENGINES`.
        model: a name, a CTranslate2 folder or a checkpoint file; see `ingest.engines.model_files`.
        cache: where models that are joined, converted or fetched are kept (`<data folder>/models`).
        threads: processor cores to use; by default all this process may use.
        device: `auto` (a GPU where there is one), `cpu` or `cuda`.

    Raises:
        UnknownEngine, EngineMissing, ModelUnusable, ModelUnreachable: each with one sentence for the person who asked.
    """
    global _loaded
    library = engine_of(engine)
    wanted = (engine, model, os.fspath(cache), device)
    with _loading:
        if _loaded is None or _loaded[0] != wanted:
            _loaded = None
            files = resolve(model, engine, cache)
            _loaded = (wanted, library.recogniser(files, threads or available_cores(), device))
        return _loaded[1]


def engine_of(name: str) -> Engine:
    """An engine's module, imported only when it is used: each brings a large library.

    Raises:
        UnknownEngine, EngineMissing: each with one sentence for the person who asked.
    """
    if name not in ENGINES:
        raise UnknownEngine(f"No engine {name!r}: choose {' or '.join(ENGINES)}.")
    if name == OPENAI_WHISPER and not torch_installed():
        raise EngineMissing(
            "The engine openai-whisper needs PyTorch, which is not on this machine: `make torch` adds both, "
            f"or tells what is in the way. {FASTER_WHISPER} needs neither."
        )
    return cast(Engine, import_module(f"ingest.engines.{name.replace('-', '_')}"))


def torch_installed() -> bool:
    """Whether PyTorch and openai-whisper are on this machine; set-up leaves them out where no index has them."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "whisper"))


def available_cores() -> int:
    """The cores this process may run on, or fewer when OMP_NUM_THREADS says so (several workers on one machine)."""
    allowed = usable_cores()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(asked)) if asked.isdigit() and int(asked) > 0 else allowed
