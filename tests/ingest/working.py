"""Run as a program by `test_worker_process`: a worker that kills itself once, in the middle of a stage.

python -m tests.ingest.working FLAG --parent FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.engines import loader
from ingest.jobs import worker_process
from tests.ingest.fake_recogniser import FakeRecogniser
from tests.ingest.interrupted import lay_trap

if __name__ == "__main__":
    loader.load = lambda *_, **__: FakeRecogniser()  # type: ignore[assignment]
    flag = Path(sys.argv.pop(1))
    if not flag.exists():
        flag.touch()
        lay_trap("transcribe", "inside")
    worker_process.main()
