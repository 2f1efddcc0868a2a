"""A bag taken in: its recordings as if they had been handed in, once the bag has proved to be whole.

A bag comes from somebody else's disk. Before anything in it is read, it is looked through for what would lead outside
it or never end; then the Library of Congress's own code verifies every checksum. What it says of a recording is taken
where our own catalogue file or Dublin Core says it, and never who may have it: a bag's word is not the narrator's, so
nothing is allowed, to the band neither, until a steward has written down what she decided.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import bagit
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from archive.backends import Backends
from archive.catalogue.descriptions import Description, describe
from archive.catalogue.field_values import DescriptionInvalid
from archive.errors import ArchiveError
from archive.language.clusters import KHMER_LETTER
from archive.language.messages import Message
from ingest.exports.bags import ORIGINAL, CannotBag, check_bag
from ingest.intake.submit import Receipt, submit
from ingest.stages.taken_back import TakenBack
from media.refused import Refused
from media.sniff import demuxer_of

MOST_FILES = 20_000
LARGEST_BAG = 256 * 1024**3
LARGEST_TAGS = 16 * 1024**2
"""Bytes of one file that lies beside the payload, such as a manifest."""
LARGEST_DESCRIPTION = 1024**2
CATALOGUE = "catalogue.json"
DC = "{http://purl.org/dc/elements/1.1/}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
METHOD = "recorded-verbal"
_KHMER = re.compile(f"[{KHMER_LETTER}]")
_OURS = (
    "title_km", "title_en", "synopsis_km", "synopsis_en", "language", "recorded_on", "setting", "collected_by",
    "community", "province", "district",
)  # fmt: skip
_NO_SOUND = Message("There is no recording in this bag that can be taken in.")
_SEALED = Message("The original in this bag is sealed; the archive that made it has the key, and opens it first.")
_LEADS_OUT = Message("{path} in this bag leads outside it; nothing was taken in.")
_NO_FILE = Message("{path} in this bag is neither a file nor a folder; nothing was taken in.")
_TOO_MUCH = Message("This bag has more in it than is taken in at once; nothing was taken in.")
_NOT_READ = Message("{path} cannot be read as a bag: {why}")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of one recording of a bag: its receipt, or why it was refused."""

    file: str
    receipt: Receipt | None
    refused: ArchiveError | None = None


def take_bag(backends: Backends, path: Path) -> list[TakenIn]:
    """Verify a bag and hand in its recordings, each closed until consent is written down.

    Raises:
        CannotBag: it is no bag, is not whole, or holds what is not taken in; nothing was.
    """
    _look_through(path)
    _stays_inside(path)
    try:
        check_bag(path)
    except (ValueError, OSError, LookupError) as error:
        if isinstance(error, CannotBag):
            raise
        raise CannotBag(_NOT_READ, path=path, why=type(error).__name__) from None
    data = path / "data"
    sounds = list(_sounds(data))
    if not sounds:
        sealed = any(one.suffix == ".age" for one in (data / ORIGINAL).glob("*"))
        raise CannotBag(_SEALED if sealed else _NO_SOUND)
    return [_take(backends, data, one, alone=len(sounds) == 1) for one in sounds]


def _take(backends: Backends, data: Path, sound: Path, *, alone: bool) -> TakenIn:
    file = sound.relative_to(data).as_posix()
    try:
        told = _description(data, sound, alone=alone)
        # Nothing is allowed: an empty answer stands in the ledger, and the preset of other ways in does not.
        receipt = submit(backends, sound, told, original_name=sound.name, grants={METHOD: ()})
    except (Refused, TakenBack) as error:
        return TakenIn(file, None, error)
    return TakenIn(file, receipt)


def _look_through(path: Path) -> None:
    """Raises CannotBag where something in it is a link, a device, or too much."""
    files = size = 0
    if path.is_symlink() or not path.is_dir():
        raise CannotBag(_NOT_READ, path=path, why="it is no folder")
    for folder, folders, names in os.walk(path, followlinks=False):
        for name in (*folders, *names):
            one = Path(folder) / name
            told, here = one.lstat(), one.relative_to(path).as_posix()
            if stat.S_ISLNK(told.st_mode):
                raise CannotBag(_LEADS_OUT, path=here)
            if stat.S_ISDIR(told.st_mode):
                continue
            if not stat.S_ISREG(told.st_mode):
                raise CannotBag(_NO_FILE, path=here)
            files, size = files + 1, size + told.st_size
            large = not here.startswith("data/") and told.st_size > LARGEST_TAGS
            if large or files > MOST_FILES or size > LARGEST_BAG:
                raise CannotBag(_TOO_MUCH)


def _stays_inside(path: Path) -> None:
    """Raises CannotBag where a manifest names a path outside the bag, before anything of it is read."""
    try:
        bag = bagit.Bag(str(path))
        entries = [*bag.entries, *(file for _, _, file in bag.fetch_entries())]
    except bagit.BagError as error:
        raise CannotBag(_NOT_READ, path=path, why=str(error)) from None
    except (ValueError, OSError, LookupError) as error:
        raise CannotBag(_NOT_READ, path=path, why=type(error).__name__) from None
    for one in entries:
        parts = PurePosixPath(one.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts:
            raise CannotBag(_LEADS_OUT, path=one)


def _sounds(data: Path) -> Iterator[Path]:
    """The recordings: of a bag of ours the original alone, of others every file that begins as sound does."""
    own = data / ORIGINAL
    ours = own.is_dir() and (data / CATALOGUE).is_file()
    for one in sorted((own if ours else data).rglob("*")):
        if one.is_file() and one.suffix != ".age" and _begins_as_sound(one, sure=not ours):
            yield one


def _begins_as_sound(path: Path, *, sure: bool) -> bool:
    """Whether it may be a recording; `sure`: only where its first bytes say so."""
    try:
        return demuxer_of(path) is not None or not sure
    except Refused:
        return False


def _description(data: Path, sound: Path, *, alone: bool) -> Description:
    """What the bag says of a recording: our catalogue file, or Dublin Core beside it, or of the only one anywhere."""
    catalogue = data / CATALOGUE
    if alone and catalogue.is_file():
        return _taken(_of_catalogue(catalogue))
    beside = [sound.with_suffix(".xml"), sound.with_name(f"{sound.name}.xml")]
    others = sorted(data.rglob("*.xml")) if alone else []
    for one in (*beside, *others):
        if one.is_file() and (said := _of_dublin_core(one)):
            return _taken(said)
    return describe({})


def _taken(said: Mapping[str, str]) -> Description:
    """Field by field: one that cannot be here leaves the others."""
    kept: dict[str, str | None] = {}
    for name, value in said.items():
        try:
            describe({**kept, name: value})
        except DescriptionInvalid:
            continue
        kept[name] = value
    return describe(kept)


def _of_catalogue(path: Path) -> dict[str, str]:
    if path.stat().st_size > LARGEST_DESCRIPTION:
        return {}
    try:
        said: Any = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    names = {"narrator_km": "pseudonym_km", "narrator_en": "pseudonym_en", **{one: one for one in _OURS}}
    return {field: value for field, name in names.items() if isinstance(value := said.get(name), str) and value}


def _of_dublin_core(path: Path) -> dict[str, str]:
    """Title, description, language and date. Who made it stays outside: others write real names there."""
    if path.stat().st_size > LARGEST_DESCRIPTION:
        return {}
    try:
        root: Element = fromstring(path.read_bytes())
    except (ParseError, DefusedXmlException, ValueError):
        return {}
    found: dict[str, str] = {}
    for name, field in (("title", "title"), ("description", "synopsis")):
        for one in root.iter(f"{DC}{name}"):
            text = " ".join((one.text or "").split())
            found.setdefault(f"{field}_{_language_of(one, text)}", text)
    for name, field in (("language", "language"), ("date", "recorded_on")):
        text = " ".join((root.findtext(f".//{DC}{name}") or "").split())
        found[field] = {"khm": "km", "eng": "en"}.get(text, text)
    return {field: text for field, text in found.items() if text}


def _language_of(element: Element, text: str) -> str:
    said = element.get(XML_LANG, "")[:2]
    if said in {"km", "en"}:
        return said
    return "km" if _KHMER.search(text) else "en"
