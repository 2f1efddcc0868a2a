"""A pack as a ZIM file, which Kiwix opens on telephones, computers and village servers, with its own search.

https://wiki.openzim.org/wiki/ZIM_file_format, written by openZIM's own `libzim`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from libzim.writer import Creator, FileProvider, Hint, Item, StringProvider
from PIL import Image

from archive import time_zone
from archive.models import now
from archive.songs.packing import TITLE, PackPlan
from ingest.exports.packs.pages import PackedText
from ingest.exports.song_files import BAND

_SIDE = 48  # the side of the picture that Kiwix shows, in pixels
_LONGEST_TITLE, _LONGEST_DESCRIPTION = 30, 80


class _Packed(Item):  # type: ignore[misc]
    """One file; the provider is made when it is asked for, so that sound is not held in memory."""

    def __init__(self, path: str, mime: str, title: str, data: bytes | Path) -> None:
        super().__init__()
        self._path, self._mime, self._title, self._data = path, mime, title, data

    def get_path(self) -> str:
        return self._path

    def get_title(self) -> str:
        return self._title

    def get_mimetype(self) -> str:
        return self._mime

    def get_contentprovider(self) -> StringProvider | FileProvider:
        if isinstance(self._data, Path):
            return FileProvider(str(self._data))
        return StringProvider(self._data)

    def get_hints(self) -> dict[Hint, int]:
        return {Hint.FRONT_ARTICLE: int(bool(self._title)), Hint.COMPRESS: int(isinstance(self._data, bytes))}


class _ZimWriter:
    def __init__(self, creator: Creator) -> None:
        self._creator = creator

    def text(self, file: PackedText) -> None:
        self._creator.add_item(_Packed(file.path, file.mime, file.title, file.data))

    def sound(self, path: str, file: Path) -> None:
        """Read at once: the file is only lent."""
        self._creator.add_item(_Packed(path, "audio/mpeg", "", file.read_bytes()))


@contextmanager
def zim_writer(target: Path, plan: PackPlan, picture: bytes) -> Iterator[_ZimWriter]:
    """Writes a ZIM file; `picture` is a PNG that is cut to the size Kiwix shows."""
    creator = Creator(target).config_indexing(True, "khm")
    with creator:
        creator.set_mainpath("index.html")
        creator.add_illustration(_SIDE, _small(picture))
        writer = _ZimWriter(creator)
        yield writer
        said = {
            "Name": f"messenger-band_km_{plan.id}",
            "Title": (plan.title_en or plan.title_km)[:_LONGEST_TITLE],
            "Description": TITLE.text[:_LONGEST_DESCRIPTION],
            "Language": "khm,eng",
            "Creator": BAND.text,
            "Publisher": BAND.text,
            "Date": time_zone.day_of(now()).isoformat(),
        }
        for name, text in said.items():
            creator.add_metadata(name, text)


def _small(picture: bytes) -> bytes:
    made = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").resize((_SIDE, _SIDE)).save(made, "PNG")
    return made.getvalue()
