"""Bars for several recordings one after another."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress

from web.progress import Bars


def test_every_recording_s_bar_ends_full_and_its_stage_s_bar_goes() -> None:
    progress = Progress(console=Console(quiet=True))
    for name in ("first", "second"):
        bars = Bars(progress, name)
        bars.stage("receive", 0.0, 0.2)
        bars.stage("derive", 0.2, 0.6)
        bars.progress(0.5)
        assert progress.tasks[-2].completed == 0.4  # half-way through the second stage
        bars.end(f"{name}: ready")
    assert [(task.description, task.completed, task.total) for task in progress.tasks] == [
        ("first: ready", 1, 1),
        ("second: ready", 1, 1),
    ]
