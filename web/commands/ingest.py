"""`messenger ingest`: take recordings in and through every stage, from files or from a sheet."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from archive.access.gate import Unknown
from archive.backends import Backends, open_backends
from archive.catalogue.descriptions import CONSENTS, LANGUAGES, DescriptionInvalid, describe
from archive.catalogue.thesaurus import load_thesaurus
from archive.describing.changes import FieldsRefused
from archive.describing.fields import FIELDS
from archive.models import Recording, new_id
from archive.originals import archive_identity
from archive.settings import read_settings
from ingest.intake import corrections
from ingest.intake.arriving import sweep
from ingest.intake.sheet import SheetRow, read_sheet, template
from ingest.intake.submit import submit
from ingest.intake.tellings import Tellings
from ingest.jobs import beside, pipeline, scratch
from media.refused import Refused, Truncated
from web import tracebacks
from web.progress import Bars, bars

_ENDS_ALL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})  # of the archive's own disk: no next file fares better
_JOINERS = "\u200b\u200c\u200d"
# What of a folder is brought; some of it is then refused, with how to convert it.
_SOUND = frozenset(
    f".{one}"
    for one in [
        "wav",
        "mp3",
        "m4a",
        "ogg",
        "opus",
        "oga",
        "flac",
        "amr",
        "3gp",
        "mp4",
        "aac",
        "webm",
        "wma",
        "aif",
        "aiff",
        "aifc",
        "caf",
        "mka",
        "mkv",
        "au",
        "w64",
        "wv",
        "avi",
        "flv",
        "mpg",
        "mpeg",
        "vob",
        "ts",
        "m2ts",
        "mts",
        "wmv",
        "mov",
        "dss",
        "ds2",
        "dvf",
        "msv",
        "ra",
        "rm",
        "mid",
    ]
)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--sheet", type=click.Path(path_type=Path), help="A CSV file that names and describes the recordings.")
@click.option("--template", "wants_template", is_flag=True, help="Print an empty sheet and stop.")
@click.option("--language", type=click.Choice(LANGUAGES), help="What is spoken; found out when not given.")
@click.option("--title", default="", help="A title, in Khmer or English.")
@click.option("--consent", type=click.Choice(CONSENTS), default="band-only", help="What the narrator allowed.")
@click.option("--retry", is_flag=True, help="Go on with recordings that failed or were cancelled.")
@click.option("--correct", "corrects", is_flag=True, help="Correct recordings that are here already by their rows.")
@click.option("--salvage", is_flag=True, help="Take in what is there of recordings that were cut off.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with what came of each file.")
def ingest(
    paths: tuple[Path, ...],
    sheet: Path | None,
    wants_template: bool,
    language: str | None,
    title: str,
    consent: str,
    retry: bool,
    corrects: bool,
    salvage: bool,
    as_json: bool,
) -> int:
    """Take in the recordings in PATHS (files or folders), and finish what an earlier run left unfinished."""
    if wants_template:
        click.echo(template(), nl=False)
        return 0
    if not paths and sheet is None and not retry:
        raise click.UsageError("Name a recording, a folder or a --sheet.")
    khmer = any("\u1780" <= letter <= "\u17ff" for letter in title)
    stated = describe({"language": language, "title_km" if khmer else "title_en": title, "consent": consent})
    bad: list[dict[str, object]] = []
    wanted = [SheetRow(0, path, stated) for path in _files(paths, bad)]
    if sheet is not None:
        good, wrong = read_sheet(sheet)
        wanted += good
        bad += [{"line": row.line, "error": f"line {row.line}: {row.reason}"} for row in wrong]
    backends = open_backends(read_settings())
    archive_identity.confirm(backends)
    with backends.database.write() as session:
        load_thesaurus(session)
    sweep(backends)
    scratch.clear(backends)
    results = [*bad, *_take_in(backends, wanted, new_id() if corrects else None, salvage=salvage)]
    if retry:
        results += _finish(backends, _stopped(backends))
    results += _finish(backends, pipeline.unfinished(backends))
    return _report(results, as_json=as_json)


def _files(paths: Iterable[Path], bad: list[dict[str, object]]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix.lower() in _SOUND and _own(path, one, bad))
        elif path.is_file():
            found.append(path)
        else:
            what = "is a device or a pipe, not a file" if path.exists() else "there is no such file"
            bad.append({"file": shown(path), "error": f"{shown(path)}: {what}."})
    return found


def _own(folder: Path, path: Path, bad: list[dict[str, object]]) -> bool:
    """Whether something in a folder is a file that lies there; what only looks like one is told."""
    try:
        if path.is_dir():
            return False
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return True
        why = "it is a link that leaves the folder" if path.is_file() else "it is a device, a pipe or a broken link"
    except (OSError, RuntimeError) as error:
        why = f"it cannot be read ({type(error).__name__})"
    bad.append({"file": shown(path), "error": f"{shown(path)}: {why}."})
    return False


def shown(path: Path) -> str:
    """A file's name for people and for the archive: one line, and text whatever bytes it has on the disk."""
    written = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter in _JOINERS else "\ufffd" for letter in written)


def _take_in(
    backends: Backends, wanted: list[SheetRow], act_id: str | None, *, salvage: bool
) -> list[dict[str, object]]:
    """Take the files in; `act_id` is that of the corrections by their rows, None where they only tell."""
    results: list[dict[str, object]] = []
    tellings = Tellings(backends)
    with bars() as progress:
        for row in wanted:
            path, description = row.path, tellings.of_one_woman(row.description)
            name, whole = shown(Path(path.name)), shown(path)
            line = Bars(progress, name)
            found: dict[str, object] = {"file": whole}
            results.append(found)
            try:
                receipt = submit(backends, path, description, original_name=name, salvage=salvage)
                found |= {"recording": receipt.recording_id, "testimony": receipt.testimony_id, "new": receipt.new}
                tellings.taken(description, receipt.testimony_id)
                if receipt.testimony_id and not receipt.new and row.given:
                    found |= _compared(backends, receipt.testimony_id, row, act_id)
                beside.finish(backends, receipt.recording_id, line, _aside)
                found |= _state(backends, receipt.recording_id)
                line.end(f"{name}: {found['state']}")
            except (Refused, DescriptionInvalid) as error:
                way = " Or take in what is there, with --salvage." if isinstance(error, Truncated) else ""
                found["error"] = f"{whole}: {error}{way}"
                line.end(f"{name}: refused")
            except pipeline.StageFailed as error:
                found |= {"error": f"{whole}: {tracebacks.told(error)}", "failed": True}
                line.end(f"{name}: failed")
            except OSError as error:
                if error.errno in _ENDS_ALL:
                    raise
                found |= {"error": f"{whole}: it cannot be read ({error.strerror or type(error).__name__})."}
                line.end(f"{name}: refused")
    return results


def _compared(backends: Backends, testimony_id: str, row: SheetRow, act_id: str | None) -> dict[str, object]:
    """What a row says otherwise of a recording that is here already, and whether it was corrected."""
    try:
        with backends.database.read() as session:
            differs = corrections.differs(session, testimony_id, row.given)
        done = corrections.correct(backends, testimony_id, row.given, act_id) if act_id and differs else ()
    except FieldsRefused as error:
        return {"error": f"line {row.line}: {next(iter(error.errors.values()))}"}
    except Unknown:  # it was taken back meanwhile
        return {}
    return {"differs": {name: list(both) for name, both in differs.items()}, "corrected": list(done)}


def _finish(backends: Backends, recordings: list[str]) -> list[dict[str, object]]:
    results: list[dict[str, object]] = []
    with bars() as progress:
        for recording_id in recordings:
            line = Bars(progress, recording_id)
            found: dict[str, object] = {"recording": recording_id, "new": False}
            try:
                beside.finish(backends, recording_id, line, _aside)
                found |= _state(backends, recording_id)
                line.end(f"{recording_id}: {found['state']}")
            except Refused as error:
                found |= {"error": f"{recording_id}: {error}", "failed": True}
                line.end(f"{recording_id}: failed")
            except pipeline.StageFailed as error:
                found |= {"error": f"{recording_id}: {tracebacks.told(error)}", "failed": True}
                line.end(f"{recording_id}: failed")
            results.append(found)
    return results


def _stopped(backends: Backends) -> list[str]:
    with backends.database.read() as session:
        stopped = list(session.scalars(select(Recording.id).where(Recording.state.in_(("failed", "cancelled")))))
    return [recording_id for recording_id in stopped if pipeline.retry(backends, recording_id)]


def _state(backends: Backends, recording_id: str) -> dict[str, object]:
    with backends.database.read() as session:
        recording = session.get_one(Recording, recording_id)
        return {"state": recording.state, "reason": recording.reason, "duration_ms": recording.duration_ms}


def _aside(words: str) -> None:
    click.echo(f"messenger: {words}", err=True)


def _otherwise(found: dict[str, Any]) -> str:
    """What a row said of a recording that was here: what was corrected by it, and what differs still."""
    differs, done = found.get("differs", {}), found.get("corrected", [])
    parts = []
    for intro, names in (
        ("corrected", [name for name in differs if name in done]),
        (
            "the sheet says otherwise, and --correct takes it over",
            [n for n in differs if n in FIELDS and n not in done],
        ),
        (
            "the sheet has another name, which is changed on the narrator's page",
            [n for n in differs if n not in FIELDS],
        ),
    ):
        if names:
            parts.append(f"; {intro}: {corrections.in_words({name: differs[name] for name in names})}")
    return "".join(parts)


def _report(results: list[dict[str, object]], *, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps({"results": results}, ensure_ascii=False))
    for found in results:
        if "error" in found:
            click.echo(f"messenger: {found['error']}", err=True)
        elif not as_json:
            already = "" if found["new"] else f" (it was here already{_otherwise(found)})"
            reason = f": {found['reason']}" if found.get("reason") else ""
            click.echo(f"{found.get('file', found['recording'])}: {found['state']}{already}{reason}")
    if any(found.get("failed") for found in results):
        return 1
    return 2 if any("error" in found for found in results) else 0
