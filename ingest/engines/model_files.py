"""From what a person writes as a model to files an engine can load.

A model is a name ("base", "small", a repository on the model hub, or one that `messenger models add` brought in), a
folder (as Hugging Face or CTranslate2 keeps a model) or a checkpoint file (openai-whisper), so that a model fine-tuned
for Khmer drops in without a line of code.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from archive.language.messages import Message
from ingest.engines import kept_models, weights
from ingest.engines.errors import ModelUnusable
from ingest.engines.hub import REPOSITORY, fetched_folder, official_checkpoint, official_checkpoints
from ingest.engines.kept_models import CHECKPOINT, KeptModel

FASTER_WHISPER = "faster-whisper"
OPENAI_WHISPER = "openai-whisper"

_CHECKPOINT_HERE = Message(
    "{path} is a file, and faster-whisper loads a folder: choose the openai-whisper engine for a checkpoint."
)
_NO_BASE = Message(
    "{folder} is an adapter, and its model {base} is not here: put that model's folder beside it, or bring it in with "
    "`messenger models add` first."
)


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
        name = path.stem if path.is_file() else kept_models.name_of(path.resolve())
        return _loadable(made_of(path, name, str(path.absolute()), cache), name, engine, cache)
    if kept := kept_models.find(cache, model):
        return _loadable(kept / CHECKPOINT if (kept / CHECKPOINT).is_file() else kept, model, engine, cache)
    if model == "base" and weights.bundled_installed():
        folder = weights.bundled_base(cache)
        loadable = folder if engine == FASTER_WHISPER else weights.checkpoint_from_ctranslate2(folder, cache)
        return ModelFiles(f"base@{weights.BUNDLED_SHA256[:12]}", loadable, "base")
    if engine == OPENAI_WHISPER and (model in official_checkpoints() or not REPOSITORY.fullmatch(model)):
        checkpoint = official_checkpoint(model, cache)
        return ModelFiles(_label(model, checkpoint), checkpoint, model)
    folder = made_of_fetched(model, model, cache)
    if folder.is_relative_to(cache / kept_models.HUB) and engine == FASTER_WHISPER:
        return ModelFiles(_label(model, folder), folder, model)
    return _loadable(folder, model, engine, cache)


def made_of_fetched(model: str, name: str, cache: Path) -> Path:
    """A repository's CTranslate2 folder; what was fetched goes once that is made of it, and nothing is kept twice."""
    fetched = fetched_folder(model, cache)
    made = made_of(fetched, name, model, cache)
    if made != fetched and not (made / "model.bin").is_symlink():
        shutil.rmtree(fetched.parents[1], ignore_errors=True)
    return made


def made_of(path: Path, name: str, origin: str, cache: Path) -> Path:
    """A CTranslate2 folder or a checkpoint file: what was given, or what is made of it."""
    if path.is_file():
        return path
    if (path / "model.bin").is_file():
        return _completed(path, name, origin, cache)
    from ingest.engines import adapters  # the site, which converts nothing, does without their libraries
    from ingest.engines.conversion import ModelSource, converted

    base = _base_of(path, adapters.base_named(path), cache) if adapters.is_adapter(path) else None
    return converted(ModelSource(path, base, name, origin), cache)


def _loadable(path: Path, name: str, engine: str, cache: Path) -> ModelFiles:
    """A CTranslate2 folder or a checkpoint as this engine needs it."""
    if path.is_file():
        if engine == FASTER_WHISPER:
            raise ModelUnusable(_CHECKPOINT_HERE, path=path)
        return ModelFiles(_label(name, path), path, None)
    loadable = path if engine == FASTER_WHISPER else weights.checkpoint_from_ctranslate2(path, cache)
    return ModelFiles(_label(name, path), loadable, None)


def _label(name: str, loadable: Path) -> str:
    return f"{name}@{weights.fingerprint(loadable / 'model.bin' if loadable.is_dir() else loadable)}"


def _base_of(adapter: Path, named: str, cache: Path) -> Path:
    """The folder of the model that an adapter was trained on: one beside it, one that is kept here, or from the hub."""
    last = named.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    beside = [adapter / last, adapter.parent / last] if last not in {"", ".", ".."} else []
    for folder in [*beside, adapter / "base", adapter.parent / "base"]:
        if folder != adapter and any((folder / name).is_file() for name in ("config.json", "model.bin")):
            return folder
    for name in (named, last):
        if name and (kept := kept_models.find(cache, name)) and (kept / "model.bin").is_file():
            return kept
    if last in {"base", "whisper-base"} and weights.bundled_installed():
        return weights.bundled_base(cache)
    if not REPOSITORY.fullmatch(named):
        raise ModelUnusable(_NO_BASE, folder=adapter, base=named[:120] or "?")
    return fetched_folder(named, cache)


def _completed(folder: Path, name: str, origin: str, cache: Path) -> Path:
    """The CTranslate2 folder itself, or where it lacks its tokenizer or the number of mel bands, one that has them.

    Without its tokenizer faster-whisper would look for one on the network. The weights are not copied where the disk
    can point to them.
    """
    if (folder / "tokenizer.json").is_file() and (folder / "preprocessor_config.json").is_file():
        return folder
    from ingest.engines import vocabularies

    bands = _mel_bands(folder)
    if (folder / "tokenizer.json").is_file() and bands == 80:
        return folder
    target = cache / f"{kept_models.slug(name)}-{weights.fingerprint(folder / 'model.bin')}"
    if (target / "model.bin").is_file():
        return target
    if (folder / "tokenizer.json").is_file():
        tokenizer = (folder / "tokenizer.json").read_text(encoding="utf-8")
    else:
        tokenizer = vocabularies.tokenizer_from_tokens(folder, vocabularies.tokens_of_ctranslate2(folder))
    with weights.made_beside(target) as draft:
        kept_models.copy_folder(folder, draft, by_pointing=True)
        (draft / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
        (draft / "preprocessor_config.json").write_text(json.dumps({"feature_size": bands}), encoding="utf-8")
        kept_models.note(draft, KeptModel(name, origin, kept_models.licence_of(folder), "ctranslate2"))
    return target


def _mel_bands(folder: Path) -> int:
    """How many mel bands a CTranslate2 model hears; 80 where its file does not say, for the engine to refuse it."""
    try:
        return int(weights.read_variables(folder / "model.bin")["encoder/conv1/weight"].shape[1])
    except (ModelUnusable, KeyError, IndexError):
        return 80
