"""One contract for every store of blobs, and what a private folder must be besides."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from archive.models import new_id
from archive.ports import BlobMissing, BlobStore
from media.store.keys import BadKey
from media.store.local import LocalStore, open_store
from media.store.s3 import S3Store


@pytest.fixture(params=["local", "s3", "s3 versioned"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BlobStore:
    if request.param == "local":
        return LocalStore(tmp_path / "blobs")
    address = request.getfixturevalue("s3_address")
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    bucket = new_id()
    opened = S3Store(bucket, "band", address)
    if request.param == "s3 versioned":
        opened._client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return opened


def test_what_is_put_comes_back(store: BlobStore, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    (tmp_path / "in").write_bytes(data)
    store.put_file("recordings/r1/original.wav", tmp_path / "in")
    store.put_bytes("recordings/r1/peaks", b"\x01\x02")
    assert store.get_bytes("recordings/r1/peaks") == b"\x01\x02"
    assert b"".join(store.read("recordings/r1/original.wav")) == data
    assert store.size("recordings/r1/original.wav") == len(data)
    assert store.exists("recordings/r1/peaks")
    assert not store.exists("recordings/r1/peak")
    with store.local_path("recordings/r1/original.wav") as path:
        assert path.read_bytes() == data
        assert path.suffix == ".wav"
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, 9), (250, None), (0, 0), (9, 5), (1020, 9999), (5000, None)])
def test_any_range_can_be_read(store: BlobStore, start: int, end: int | None) -> None:
    data = bytes(range(256)) * 4
    store.put_bytes("a/b", data)
    assert b"".join(store.read("a/b", start, end)) == data[start:end]


def test_a_missing_blob_is_named_at_the_call(store: BlobStore) -> None:
    for ask in (store.get_bytes, store.read, store.size):
        with pytest.raises(BlobMissing):
            ask("no/such/blob")
    with pytest.raises(BlobMissing), store.local_path("no/such/blob"):
        pass


def test_putting_again_replaces(store: BlobStore) -> None:
    store.put_bytes("a", b"first")
    store.put_bytes("a", b"2nd")
    assert store.get_bytes("a") == b"2nd"
    assert list(store.keys()) == ["a"]


def test_delete_removes_and_may_be_repeated(store: BlobStore) -> None:
    store.put_bytes("a/b/c", b"1")
    store.put_bytes("a/b/c", b"2")
    store.put_bytes("a/b/cd", b"3")
    store.delete("a/b/c")
    store.delete("a/b/c")
    assert not store.exists("a/b/c")
    assert list(store.keys()) == ["a/b/cd"]
    if isinstance(store, S3Store):
        left = store._client.list_object_versions(Bucket=store._bucket).get("Versions", [])
        assert [item["Key"] for item in left] == ["band/a/b/cd"]


def test_keys_are_listed_by_prefix(store: BlobStore) -> None:
    for key in ("r/1/a", "r/1/b", "r/10/a", "s/1"):
        store.put_bytes(key, b"x")
    assert sorted(store.keys("r/1")) == ["r/1/a", "r/1/b", "r/10/a"]
    assert sorted(store.keys("r/1/")) == ["r/1/a", "r/1/b"]
    assert sorted(store.keys()) == ["r/1/a", "r/1/b", "r/10/a", "s/1"]
    assert list(store.keys("t/")) == []


BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a//b",
    "a/.b",
    "a/",
    ".",
    "a\x00b",
    "a b",
    "ក",
    "a\\b",
    "x" * 600,
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_no_key_reaches_outside(store: BlobStore, key: str) -> None:
    for ask in (store.get_bytes, store.read, store.size, store.exists, store.delete):
        with pytest.raises(BadKey):
            ask(key)
    with pytest.raises(BadKey):
        store.put_bytes(key, b"x")


def test_local_files_are_private(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/blobs%20here")
    store.put_bytes("a/b/c", b"x")
    assert (tmp_path / "blobs here" / "a" / "b" / "c").stat().st_mode & 0o777 == 0o600
    for folder in ("", "a", "a/b"):
        assert (tmp_path / "blobs here" / folder).stat().st_mode & 0o777 == 0o700


def _interrupt(_: int) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_write_leaves_the_old_blob_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path / "blobs")
    store.put_bytes("a", b"old")
    monkeypatch.setattr("os.fsync", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.put_bytes("a", b"new")
    monkeypatch.undo()
    assert store.get_bytes("a") == b"old"
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == ["a"]


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "blobs")
    (tmp_path / "blobs" / ".unfinished-00").write_bytes(b"half")
    assert list(store.keys()) == []
    assert store.sweep_unfinished() == 1
    assert list((tmp_path / "blobs").iterdir()) == []


def test_an_emptied_folder_is_removed_and_made_again(tmp_path: Path) -> None:
    """Writers and a purge at once: no write is lost because its folder was taken away under it."""
    store = LocalStore(tmp_path / "blobs")
    stop = threading.Event()

    def purge() -> None:
        while not stop.is_set():
            store.delete("f/other")

    thread = threading.Thread(target=purge)
    thread.start()
    try:
        for number in range(60):
            store.put_bytes("f/mine", str(number).encode())
            store.delete("f/mine")
        store.put_bytes("f/mine", b"last")
    finally:
        stop.set()
        thread.join()
    assert store.get_bytes("f/mine") == b"last"
    store.delete("f/mine")
    assert list((tmp_path / "blobs").iterdir()) == []


def test_a_reader_that_was_never_read_is_closed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "blobs")
    store.put_bytes("a", b"x")
    reader = store.read("a")
    reader.close()
    with contextlib.closing(store.read("a")) as chunks:
        assert next(chunks) == b"x"
    assert list(reader) == []
