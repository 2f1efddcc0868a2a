"""Files of the archive belong to its owner alone, also where the folder was there before with wider modes.

New files are made so by the umask that the commands set; what lay there already is put right when the archive starts.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def only_for_me() -> None:
    """From here on, what this process makes is readable and writable by its owner only."""
    os.umask(0o077)


def secure_file(path: Path) -> None:
    """Make a file private, and make it where it is not there yet. What another account owns is left as it is."""
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, FILE))
    _set(path, FILE)


def secure_tree(folder: Path) -> int:
    """Make a folder and all that lies in it private; returns how many had to be put right."""
    count = int(_set(folder, FOLDER))
    for root, folders, files in os.walk(folder):
        count += sum(_set(Path(root, one), FOLDER) for one in folders)
        count += sum(_set(Path(root, one), FILE) for one in files)
    return count


def open_to_others(folder: Path) -> list[Path]:
    """Files and folders in it, and itself, that other accounts of this machine may read or write."""
    found = [folder] if _mode(folder) & 0o077 else []
    for root, folders, files in os.walk(folder):
        found += [path for one in (*folders, *files) if _mode(path := Path(root, one)) & 0o077]
    return found


def _mode(path: Path) -> int:
    try:
        state = path.lstat().st_mode
    except OSError:
        return 0
    return 0 if stat.S_ISLNK(state) else stat.S_IMODE(state)


def _set(path: Path, mode: int) -> bool:
    if not _mode(path) & 0o077:
        return False
    try:
        path.chmod(mode, follow_symlinks=True)
    except OSError:
        return False
    return True
