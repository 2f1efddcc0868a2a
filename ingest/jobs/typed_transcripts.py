"""Typed transcripts laid over the sound by the recogniser, as work in the queue: `typed:ID`.

The queue may forget it: the row says what is unfinished. Where the sound does not bear a sentence out it is put between
its neighbours and flagged, so that a person looks there first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from archive.backends import Backends
from archive.models import Recording, Testimony, TypedTranscript
from archive.retrieval import indexing
from archive.timing import TimedLine, Utterance
from archive.transcripts import imported
from ingest.aligning.lyrics import sentences
from ingest.engines import loader
from ingest.jobs import written_again
from ingest.jobs.written_again import fail, teller
from ingest.stages.contract import Stopped
from media.decode import read_mono

PREFIX = "typed:"
_SHORTEST_MS = 300
_OPENED = 0.05

log = logging.getLogger(__name__)


def enqueue(backends: Backends, typed_id: str) -> None:
    backends.queue.enqueue(f"{PREFIX}{typed_id}")


def is_typed(name: str) -> bool:
    return name.startswith(PREFIX)


def unfinished(backends: Backends) -> list[str]:
    """What still wants work, whether or not a queue remembers it."""
    with backends.database.read() as session:
        return [f"{PREFIX}{one}" for one in imported.unfinished(session)]


def run(backends: Backends, name: str) -> None:
    """Lay one typed transcript over its recording and keep it as a draft; does nothing when that was done."""
    typed_id = name.removeprefix(PREFIX)
    with backends.database.write() as session:
        found = imported.claim(session, typed_id)
        if found is None:
            return
        testimony = session.get_one(Testimony, found.testimony_id)
        key = session.get_one(Recording, testimony.recording_id).listening_key
        said = [(speaker, piece) for speaker, text in found.paragraphs for piece in sentences(text)]
        language, by_id, testimony_id = found.language, found.brought_by_id, found.testimony_id
        again = bool(found.model)
    if again:
        written_again.run(backends, typed_id)
        return
    try:
        utterances = _laid(backends, key, said, language, teller(backends, typed_id))
    except Stopped:
        return
    except Exception as error:
        log.exception("a typed transcript could not be laid over its recording")
        fail(backends, typed_id, error)
        return
    with backends.database.write() as session:
        row = session.get(TypedTranscript, typed_id)
        if row is None or row.state != "working":
            return
        row.version_id = imported.keep_imported(session, testimony_id, language, utterances, by_id).id
        row.state, row.progress, row.lease_until, row.paragraphs = "done", 1.0, None, []
    indexing.index_testimony(backends.database, backends.index, testimony_id)


def _laid(
    backends: Backends, key: str, said: Sequence[tuple[str, str]], language: str, tell: Callable[[float], None]
) -> list[Utterance]:
    from ingest.aligning.aligner import open_aligner  # hundreds of megabytes, which the site has no use for

    settings = backends.settings
    threads = settings.threads or max(1, loader.available_cores() // max(1, settings.workers))
    aligner = open_aligner(settings.engine, settings.model, settings.data / "models", threads=threads)
    with backends.store.local_path(key) as path:
        sound = read_mono(path)
    tell(_OPENED)
    lines = aligner.align(
        sound, [text for _, text in said], language, progress=lambda share: tell(_OPENED + (1 - _OPENED) * share)
    )
    return placed(lines, [speaker for speaker, _ in said], len(sound) // 16)


def placed(lines: Sequence[TimedLine], speakers: Sequence[str], length_ms: int) -> list[Utterance]:
    """The lines as utterances; those without a place share the time between the placed ones around them, flagged."""
    found: list[Utterance] = []
    for number, (line, speaker) in enumerate(zip(lines, speakers, strict=True)):
        if line.start_ms is not None:
            end = max(line.end_ms or 0, line.start_ms + 1)
            found.append(
                Utterance(
                    line.start_ms, end, line.text, line.words, confidence=line.confidence, speaker=speaker or None
                )
            )
            continue
        before = found[-1].end_ms if found else 0
        lost = next((n for n in range(number, len(lines)) if lines[n].start_ms is not None), len(lines)) - number
        after = lines[number + lost].start_ms if number + lost < len(lines) else length_ms
        share = max(_SHORTEST_MS, ((after or 0) - before) // (lost + (number + lost < len(lines))))
        end = min(max(before + 1, length_ms), before + share)
        flags = ("low-confidence",)
        found.append(Utterance(min(before, end - 1), end, line.text, flags=flags, speaker=speaker or None))
    return [replace(one, end_ms=max(one.end_ms, one.start_ms + 1)) for one in found]
