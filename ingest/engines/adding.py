"""Bringing a model in to stay: from a stick, a folder or the model hub into this machine's own models."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

from archive.language.messages import Message
from ingest.engines import kept_models
from ingest.engines.errors import ModelUnusable
from ingest.engines.hub import official_checkpoints, official_repositories
from ingest.engines.kept_models import CHECKPOINT, KeptModel
from ingest.engines.model_files import made_of, made_of_fetched
from ingest.engines.weights import fingerprint, made_beside

_NO_CHECKPOINT = Message("{path} is not an openai-whisper checkpoint.")


def add(model: str, name: str, cache: Path) -> KeptModel:
    """Bring a model in: it answers to `name` from now on, also once its stick is taken away.

    Args:
        model: a folder, a checkpoint file, or a repository's name.
        name: what it is to be called; empty for the name it has.

    Raises:
        ModelUnusable, ModelUnreachable: as `model_files.resolve`; or the name is taken, or is none.
    """
    path = Path(model).expanduser()
    if path.exists():
        own = name or kept_models.slug(path.stem if path.is_file() else path.resolve().name)
        origin = str(path.absolute())
    else:
        own, origin = name or model, model
    official = {*official_repositories(), *official_checkpoints()} - {model if own == model else ""}
    kept_models.checked_name(own, frozenset(official), kept_models.kept_models(cache))
    if path.is_file():
        folder = path
    else:
        folder = made_of(path, own, origin, cache) if path.exists() else made_of_fetched(model, own, cache)
    if not folder.is_relative_to(cache) or kept_models.HUB in folder.relative_to(cache).parts:
        folder = _copied(folder, own, origin, cache)
    elif (folder / "model.bin").is_symlink():
        _make_own(folder, cache)
    told = next(one for one in kept_models.kept_models(cache) if one.path == folder)
    added = replace(told, name=own, origin=origin, added=True)
    kept_models.note(folder, added)
    return added


def _copied(source: Path, name: str, origin: str, cache: Path) -> Path:
    """A folder of the cache with a CTranslate2 folder or a checkpoint in it, whole."""
    weights = source if source.is_file() else source / "model.bin"
    if source.is_file() and not zipfile.is_zipfile(source):
        raise ModelUnusable(_NO_CHECKPOINT, path=source)
    target = cache / f"{kept_models.slug(name)}-{fingerprint(weights)}"
    if target.exists():
        return target
    kept_models.need_room(source, weights.stat().st_size, cache)
    with made_beside(target) as draft:
        if source.is_file():
            shutil.copyfile(source, draft / CHECKPOINT)
            kept_models.note(draft, KeptModel(name, origin, "", "checkpoint"))
        else:
            kept_models.copy_folder(source, draft)
            kept_models.note(draft, KeptModel(name, origin, kept_models.licence_of(source), "ctranslate2"))
    return target


def _make_own(folder: Path, cache: Path) -> None:
    """Weights that were only pointed to, copied to where the pointer is."""
    weights = folder / "model.bin"
    kept_models.need_room(folder, weights.stat().st_size, cache)
    draft = folder / ".model.bin"
    shutil.copyfile(weights, draft)
    draft.replace(weights)
