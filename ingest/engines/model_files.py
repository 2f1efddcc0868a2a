"""From what a person writes as a model to files an engine can load.

A model is a name ("base", "small", or a repository on the model hub), a folder (CTranslate2) or a checkpoint file
(openai-whisper), so that a model fine-tuned for Khmer drops in without a line of code. Both libraries can fetch a named
model themselves, but they may wait for ever on a network that is not there and fail with a page of traceback; a
transcriber in a village office deserves an answer in seconds and in one sentence.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from ingest.engines import weights
from ingest.engines.errors import ModelUnreachable, ModelUnusable

FASTER_WHISPER = "faster-whisper"
OPENAI_WHISPER = "openai-whisper"
REACH_SECONDS = 8.0
_HUB_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class ModelFiles:
    """A model ready to load.

    Attributes:
        label: what to call it in a transcript's provenance: its name and a fingerprint of its weights.
        path: a CTranslate2 folder for faster-whisper, a checkpoint file for openai-whisper.
        named: the official name it was asked for by, or None for files of one's own.
    """

    label: str
    path: Path
    named: str | None


def resolve(model: str, engine: str, cache: Path) -> ModelFiles:
    """Find, join, convert or fetch `model` for `engine`; whatever is made or fetched is kept under `cache`.

    Raises:
        ModelUnusable: no such model, or one of the wrong kind for this engine.
        ModelUnreachable: the model has to be fetched and its hub does not answer.
    """
    path = Path(model).expanduser()
    if path.exists():
        loadable, name = _given(path, engine, cache), path.stem if path.is_file() else path.resolve().name
        return ModelFiles(_label(name, loadable), loadable, None)
    if model == "base" and weights.bundled_installed():
        folder = weights.bundled_base(cache)
        loadable = folder if engine == FASTER_WHISPER else weights.checkpoint_from_ctranslate2(folder, cache)
        return ModelFiles(f"base@{weights.BUNDLED_SHA256[:12]}", loadable, "base")
    loadable = _hub_folder(model, cache) if engine == FASTER_WHISPER else _official_checkpoint(model, cache)
    return ModelFiles(_label(model, loadable), loadable, model)


def _given(path: Path, engine: str, cache: Path) -> Path:
    """A folder or a file of the person's own, as this engine needs it."""
    if path.is_dir():
        if not (path / "model.bin").is_file():
            raise ModelUnusable(
                f"{path} holds no CTranslate2 model (model.bin): convert a Transformers model with "
                "ct2-transformers-converter first."
            )
        return path if engine == FASTER_WHISPER else weights.checkpoint_from_ctranslate2(path, cache)
    if engine == FASTER_WHISPER:
        raise ModelUnusable(
            f"{path} is a file, and faster-whisper loads a CTranslate2 folder: choose the openai-whisper engine for a "
            "checkpoint."
        )
    return path


def _label(name: str, loadable: Path) -> str:
    return f"{name}@{weights.fingerprint(loadable / 'model.bin' if loadable.is_dir() else loadable)}"


def _hub_folder(name: str, cache: Path) -> Path:
    """A named CTranslate2 model: the copy already fetched, else one from the model hub."""
    from faster_whisper import utils as known
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    repositories: dict[str, str] = known._MODELS
    repository = repositories.get(name, name)
    if not _REPOSITORY.fullmatch(repository):
        raise ModelUnusable(_no_such_model(name, list(repositories)))
    disable_progress_bars()
    where = cache / "hub"
    try:
        return Path(snapshot_download(repository, cache_dir=where, allow_patterns=_HUB_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    _must_answer(constants.ENDPOINT, name)
    try:
        return Path(
            snapshot_download(repository, cache_dir=where, allow_patterns=_HUB_FILES, etag_timeout=REACH_SECONDS)
        )
    except Exception as error:  # the hub client raises a dozen kinds, from three libraries
        raise ModelUnreachable(f"The model {name!r} could not be fetched from {constants.ENDPOINT}.") from error


def _official_checkpoint(name: str, cache: Path) -> Path:
    """A named openai-whisper checkpoint, fetched with a time limit and checked against the hash its address carries."""
    import whisper

    addresses: dict[str, str] = whisper._MODELS
    address = addresses.get(name)
    if address is None:
        raise ModelUnusable(_no_such_model(name, list(addresses)))
    target = cache / address.rsplit("/", 1)[1]
    if target.is_file():
        return target
    expected = address.split("/")[-2]
    _must_answer(address, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(address, timeout=REACH_SECONDS) as source, partial.open("wb") as file:  # noqa: S310
            while block := source.read(1 << 20):
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != expected:
            raise ModelUnreachable(f"The model {name!r} arrived damaged: try again.")
        partial.replace(target)
    except OSError as error:
        raise ModelUnreachable(f"The model {name!r} could not be fetched: the connection broke off.") from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def _no_such_model(name: str, known: list[str]) -> str:
    return f"No model {name!r}: give a folder, a checkpoint file, or one of {', '.join(sorted(known))}."


def _must_answer(address: str, name: str) -> None:
    """Refuse quickly when nothing answers there; in a thread, because resolving a name ignores every time limit."""
    answered = threading.Event()

    def ask() -> None:
        try:
            request = urllib.request.Request(address, method="HEAD")  # noqa: S310
            urllib.request.urlopen(request, timeout=REACH_SECONDS).close()  # noqa: S310
        except urllib.error.HTTPError:
            pass  # it answered, if only to say no to HEAD
        except OSError:
            return
        answered.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(REACH_SECONDS)
    if not answered.is_set():
        raise ModelUnreachable(
            f"The model {name!r} is not on this machine and {address.split('/')[2]} cannot be reached: install the "
            "weights extra and use 'base', or give a folder or a checkpoint file."
        )
