"""Bars for several recordings one after another."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress

from web.progress import Bars, Lines


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


def test_without_a_terminal_a_line_says_every_ten_seconds_how_far_it_is() -> None:
    said: list[str] = []
    moment = 0.0
    lines = Lines(said.append, "first", clock=lambda: moment)
    lines.stage("receive", 0.0, 0.2)
    lines.progress(0.5)
    assert said == ["first"]
    moment = 11.0
    lines.stage("transcribe", 0.2, 1.0)
    moment = 15.0
    lines.progress(0.25)
    moment = 21.5
    lines.progress(0.5)
    assert said == ["first", "first: transcribing, 20%", "first: transcribing, 60%"]
