"""Blobs in an S3-compatible store, for an archive whose workers and site run on several machines.

boto3 comes with the `scale` extra and is imported only here. Where the bucket keeps versions, deleting a blob deletes
every version of it: a withdrawn voice must not lie under a delete marker.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ports import BlobMissing
from archive.settings import Settings
from media.store.keys import checked_key, checked_prefix

CHUNK = 256 * 1024
FETCHED = "fetched"
"""The folder of the data folder in which fetched blobs lie while they are read."""
_MISSING = {"404", "NoSuchKey", "NotFound"}
_NO_VERSIONS = {"501", "NotImplemented", "405", "MethodNotAllowed"}


class StoreUnreachable(ArchiveError, RuntimeError):
    """The bucket that the settings name cannot be opened or made."""


def open_store(url: str, settings: Settings | None = None) -> S3Store:
    """The store that `s3://BUCKET/PREFIX` names; credentials come from the environment, as boto3 reads them."""
    parts = urlsplit(url)
    scratch = settings.data / FETCHED if settings else None
    return S3Store(parts.netloc, parts.path.strip("/"), settings.s3_endpoint if settings else None, scratch)


class S3Store:
    """Blobs in one bucket, all under one prefix; the bucket is made when it is missing.

    Raises:
        StoreUnreachable: when the bucket is not ours or cannot be made.
    """

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None, scratch: Path | None = None) -> None:
        self._scratch = scratch
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        addressing: Any = {"addressing_style": "path"} if endpoint else {}
        config = Config(
            retries={"max_attempts": 4, "mode": "standard"}, connect_timeout=10, read_timeout=60, s3=addressing
        )
        self._client: Any = boto3.client("s3", endpoint_url=endpoint, config=config)
        self._ensure_bucket()

    def put_file(self, key: str, path: Path) -> None:
        self._client.upload_file(str(path), self._bucket, self._name(key))

    def put_bytes(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self._name(key), Body=data)

    def get_bytes(self, key: str) -> bytes:
        return b"".join(self.read(key))

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        size = self.size(key)
        end = size if end is None else min(end, size)
        if start >= end:
            return iter(())
        with _missing(key):
            wanted = f"bytes={start}-{end - 1}"
            answer = self._client.get_object(Bucket=self._bucket, Key=self._name(key), Range=wanted)
        chunks: Iterator[bytes] = answer["Body"].iter_chunks(CHUNK)
        return chunks

    def size(self, key: str) -> int:
        with _missing(key):
            return int(self._client.head_object(Bucket=self._bucket, Key=self._name(key))["ContentLength"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except BlobMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        name = self._name(key)
        try:
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=name)
            for page in pages:
                for version in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    if version["Key"] == name:
                        self._client.delete_object(Bucket=self._bucket, Key=name, VersionId=version["VersionId"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_VERSIONS:
                raise
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def keys(self, prefix: str = "") -> Iterator[str]:
        wanted = self._prefix + checked_prefix(prefix)
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=wanted):
            for item in page.get("Contents", ()):
                yield str(item["Key"])[len(self._prefix) :]

    @contextlib.contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """The blob fetched into a private temporary file, which is removed when the context closes."""
        if self._scratch is not None:
            self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        prefix = f"{socket.gethostname()}-{os.getpid()}-"
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=Path(key).suffix, dir=self._scratch)
        try:
            with os.fdopen(descriptor, "wb") as file, _missing(key):
                self._client.download_fileobj(self._bucket, self._name(key), file)
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _name(self, key: str) -> str:
        return self._prefix + checked_key(key)

    def _ensure_bucket(self) -> None:
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {*_MISSING, "NoSuchBucket"}:
                raise StoreUnreachable(
                    Message("The bucket {bucket} cannot be opened with these credentials."), bucket=self._bucket
                ) from error
            region = self._client.meta.region_name
            place: Any = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            try:
                self._client.create_bucket(Bucket=self._bucket, **place)
            except ClientError as refusal:
                raise StoreUnreachable(
                    Message("The bucket {bucket} does not exist and cannot be made."), bucket=self._bucket
                ) from refusal


def clear_fetched(data: Path) -> int:
    """Remove what killed processes of this machine had fetched from a store; returns how many files there were."""
    mine = re.compile(re.escape(socket.gethostname()) + r"-(\d+)-")
    left = []
    for path in (data / FETCHED).glob("*"):
        found = mine.match(path.name)
        if found and not _alive(int(found[1])):
            left.append(path)
            path.unlink(missing_ok=True)
    return len(left)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextlib.contextmanager
def _missing(key: str) -> Iterator[None]:
    """Turn the store's "not found" into the archive's."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            raise BlobMissing(key) from None
        raise
