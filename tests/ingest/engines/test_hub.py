"""A repository's name fetches what is needed of it, once; asked of a small hub on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.engines import kept_models, weights
from ingest.engines.adding import add
from ingest.engines.errors import ModelUnusable
from ingest.engines.model_files import FASTER_WHISPER, resolve
from tests.ingest.engines.test_conversion import tiny

pytestmark = pytest.mark.weights

NAME = "somebody/whisper-tiny-khmer"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Hub(ThreadingHTTPServer):
    folder: Path
    asked: list[str]


class _Answers(BaseHTTPRequestHandler):
    server: _Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith(f"/api/models/{NAME}/tree/"):
            files = sorted(self.server.folder.iterdir())
            tree = [{"type": "file", "path": f.name, "size": f.stat().st_size, "oid": "0" * 40} for f in files]
            self._send(json.dumps(tree).encode(), body)
        elif path.startswith(f"/api/models/{NAME}"):
            names = [{"rfilename": one.name} for one in sorted(self.server.folder.iterdir())]
            self._send(json.dumps({"id": NAME, "sha": COMMIT, "siblings": names}).encode(), body)
        elif path.startswith(f"/{NAME}/resolve/"):
            name = path.rsplit("/", 1)[1]
            self.server.asked.append(name)
            self._send((self.server.folder / name).read_bytes(), body)
        else:
            self._send(b"", body)

    def _send(self, content: bytes, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Hub]:
    from huggingface_hub import constants

    server = _Hub(("127.0.0.1", 0), _Answers)
    bundled = weights.bundled_base(tmp_path / "bundled")
    server.folder, server.asked = tiny(tmp_path / "there", bundled), []
    (server.folder / "pytorch_model.bin").write_bytes(b"a pickle")
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", constants.ENDPOINT + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_repository_is_fetched_once_and_without_its_pickle(hub: _Hub, tmp_path: Path) -> None:
    models = tmp_path / "models"
    files = resolve(NAME, FASTER_WHISPER, models)
    assert files.label.startswith(f"{NAME}@")
    assert (files.path / "tokenizer.json").is_file()
    assert "model.safetensors" in hub.asked
    assert "pytorch_model.bin" not in hub.asked
    hub.asked.clear()
    assert resolve(NAME, FASTER_WHISPER, models).path == files.path
    assert hub.asked == []
    added = add(NAME, "khmer", models)
    assert (added.name, added.licence, added.origin) == ("khmer", "apache-2.0", NAME)
    assert [one.name for one in kept_models.kept_models(models)] == ["khmer"]
    assert not list((models / "hub").rglob("*.safetensors"))
    assert resolve("khmer", FASTER_WHISPER, models).path == files.path


def test_a_repository_with_nothing_but_pickles_is_refused_before_anything_is_fetched(hub: _Hub, tmp_path: Path) -> None:
    (hub.folder / "model.safetensors").unlink()
    with pytest.raises(ModelUnusable, match="only as pytorch_model"):
        resolve(NAME, FASTER_WHISPER, tmp_path / "models")
    assert hub.asked == []
