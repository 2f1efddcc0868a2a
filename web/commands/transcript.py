"""`messenger transcript`: a testimony's words brought in and taken out, as the site does it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.access import gate
from archive.backends import open_backends
from archive.consent import releases
from archive.models import Testimony
from archive.retrieval import indexing
from archive.settings import read_settings
from archive.timing import Utterance
from archive.transcripts import imported, readable_text, transcript_versions
from ingest.intake import brought_points, transcript_files, transcript_notices
from ingest.jobs import typed_transcripts
from media.timed.limits import LARGEST


@click.group()
def transcript() -> None:
    """Bring a transcript in, or take one out."""


@transcript.command("import")
@click.argument("testimony_id", metavar="TESTIMONY")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--language", help="A code such as km or en; the testimony's own unless given.")
@click.option("--shift", type=float, default=0.0, help="Seconds to take away from every time, such as 3600.")
def bring(testimony_id: str, file: Path, language: str | None, shift: float) -> None:
    """Make FILE a draft of the testimony's words; without times it is laid over the sound, which takes a while."""
    backends = open_backends(read_settings())
    with backends.database.read() as session:
        testimony = session.get(Testimony, testimony_id)
        if testimony is None or testimony.withdrawn_at is not None:
            raise gate.Unknown(f"There is no testimony {testimony_id}.")
        length, spoken = testimony.recording.duration_ms, language or testimony.language or "km"
    with file.open("rb") as opened:
        found = transcript_files.read(file.name, opened.read(LARGEST + 1), length, round(shift * 1000))
    for notice in found.notices:
        click.echo(transcript_notices.said("en", *notice))
    if found.points:
        with backends.database.write() as session:
            came, strange = brought_points.take_in(session, testimony_id, found.points, None)
        click.echo(f"{came} moments came in." + (f" No theme is called so: {'; '.join(strange)}." if strange else ""))
        if not found.utterances and not found.paragraphs:
            return
    if found.utterances:
        with backends.database.write() as session:
            version = imported.keep_imported(session, testimony_id, spoken, found.utterances, None)
        indexing.index_testimony(backends.database, backends.index, testimony_id)
        click.echo(f"{len(found.utterances)} segments came in, as version {version.number}, to be reviewed.")
        return
    paragraphs = [(one.speaker or "", one.text) for one in found.paragraphs]
    with backends.database.write() as session:
        made = imported.wait(session, testimony_id, spoken, paragraphs, None).id
    typed_transcripts.run(backends, f"{typed_transcripts.PREFIX}{made}")
    with backends.database.write() as session:
        failed = next(
            (one.reason for one in imported.typed_transcripts_of(session, testimony_id) if one.id == made), None
        )
        if failed is not None:
            imported.stop(session, made)
            raise click.ClickException(f"it could not be laid over the sound: {failed}.")
    click.echo(f"{len(paragraphs)} paragraphs were laid over the sound, and wait to be reviewed.")


@transcript.command("export")
@click.argument("testimony_id", metavar="TESTIMONY")
@click.option("--to", "kind", type=click.Choice(list(transcript_files.LEAVES)), default="vtt", show_default=True)
@click.option("--as", "role", type=click.Choice(("public", "researcher", "band")), default="band", help="For whom.")
@click.option("--times/--no-times", default=True, help="Whether each paragraph of a txt or docx begins with its time.")
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file; else it is printed."
)
def take(testimony_id: str, kind: str, role: str, times: bool, out: Path | None) -> None:
    """Write the words that hold as a file, in the form its reader may have; it is written down as having left."""
    if not times and kind not in transcript_files.WITHOUT_TIMES:
        raise click.UsageError(f"only {' and '.join(transcript_files.WITHOUT_TIMES)} can leave the times out.")
    backends = open_backends(read_settings())
    viewer = gate.Viewer(role=role) if role != "public" else gate.PUBLIC
    with backends.database.write() as session:
        version = transcript_versions.current(session, testimony_id, approved_only=True)
        if version is None and viewer.inside:
            version = transcript_versions.current(session, testimony_id, approved_only=False)
        if version is None:
            raise gate.Unknown(f"There is no transcript of {testimony_id} for {role}.")
        said = [
            Utterance(one.span.start_ms, one.span.end_ms, one.text, one.words, speaker=one.speaker or None)
            for one in readable_text.readable(session, viewer, version)
            if one.text.strip()
        ]
        length = session.get_one(Testimony, testimony_id).recording.duration_ms
        releases.record(
            session,
            "export",
            f"testimony:{testimony_id}",
            [testimony_id],
            audience=role,
            note=f"transcript, {kind}",
        )
        content = transcript_files.write(kind, said, length_ms=length, times=times)
    if out is None:
        sys.stdout.buffer.write(content)
        return
    out.write_bytes(content)
    click.echo(f"{len(said)} segments are in {out}.")
