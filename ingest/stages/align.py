"""Align: the lines of a song placed in its recording, where somebody has asked for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.songs import machine_timing
from archive.timing import TimedLine
from ingest.engines import loader
from ingest.stages.contract import StageOutcome, Tools, Work
from media.decode import read_mono

NAME = "align"
VERSION = 1
KINDS = frozenset({"song"})
SHARE = 80

OPENED = 0.05  # the share of the work that is done when model and sound are there


def run(work: Work, tools: Tools) -> StageOutcome:
    """Place the lines of every arrangement of this recording that somebody wishes for; mostly there is none."""
    with tools.backends.database.read() as session:
        wished = [
            (one.id, machine_timing.words_of(session, one)) for one in machine_timing.wished(session, work.recording_id)
        ]
    if not wished:
        return StageOutcome(lambda _session: None, "aligner", "nobody asked")
    from ingest.aligning.aligner import open_aligner  # scipy and a recogniser: only where somebody asked

    settings = tools.backends.settings
    threads = settings.threads or max(1, loader.available_cores() // max(1, settings.workers))
    aligner = open_aligner(settings.engine, settings.model, settings.data / "models", threads=threads)
    with tools.backends.store.local_path(work.listening_key) as path:
        sound = read_mono(path)
    tools.progress(OPENED)
    found: list[tuple[str, list[str], list[TimedLine]]] = []
    for number, (arrangement_id, (ids, texts, language)) in enumerate(wished):

        def further(share: float, done: int = number) -> None:
            tools.progress(OPENED + (1 - OPENED) * (done + share) / len(wished))

        found.append((arrangement_id, ids, aligner.align(sound, texts, language, progress=further)))

    def save(session: Session) -> None:
        for arrangement_id, ids, lines in found:
            machine_timing.keep_placed_lines(session, arrangement_id, ids, lines)

    placed = sum(line.placed for _, _, lines in found for line in lines)
    return StageOutcome(save, f"aligner {aligner.model}", f"{placed} lines placed")
