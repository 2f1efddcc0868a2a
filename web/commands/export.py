"""`messenger export`: a song as timed words, sound, video or a radio sheet, in a file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from archive.access import gate
from archive.backends import Backends, open_backends
from archive.settings import read_settings
from archive.songs import song_export
from archive.songs.song_export import ExportSheet
from ingest.exports import export_jobs
from ingest.exports.song_files import FORMS, Form, file_name, make, written
from web.progress import bars

WHY = {
    "no-sound": "there is no recording of this song yet.",
    "untimed": "the words of this song have no times yet.",
    "held": "a line of this song waits for a decision; until then its sound stays here.",
    "consent": "somebody whose words are in this song has not agreed to this.",
    "not-public": "this song is not open to everybody yet, so it cannot go on the air.",
    "not-on-air": "somebody whose words are in this song has not allowed radio and television.",
    "band": "only the band hands a song to a station.",
}


@click.command()
@click.argument("song")
@click.argument("form", type=click.Choice(tuple(FORMS)))
@click.option("--output", "-o", type=click.Path(path_type=Path), help="A file, a folder, or - for the screen.")
@click.option("--to", default="", help="Which station gets it; written in the release ledger.")
@click.option("--as", "role", type=click.Choice(("public", "band")), default="band", help="Who takes it.")
def export(song: str, form: str, output: Path | None, to: str, role: str) -> None:
    """Take SONG, named as in its address, along in FORM.

    What leaves is written in the release ledger, as on the site.
    """
    backends = open_backends(read_settings())
    viewer = gate.Viewer(role=role) if role != "public" else gate.PUBLIC
    wanted = FORMS[form]
    sheet = _sheet(backends, viewer, song, wanted)
    target = _target(output, sheet, wanted)
    if wanted.at_once:
        text = written(sheet, wanted).encode()
        if target is None:
            sys.stdout.buffer.write(text)
        else:
            target.write_bytes(text)
    else:
        if target is None:
            raise click.UsageError("Sound and video go into a file: name one with --output.")
        _make(backends, sheet, wanted, target)
    with backends.database.write() as session:
        said = ", ".join(filter(None, (wanted.name, to.strip())))
        song_export.note(session, viewer, sheet, said, wanted.kind)
    if target is not None:
        click.echo(str(target))


def _sheet(backends: Backends, viewer: gate.Viewer, song: str, form: Form) -> ExportSheet:
    with backends.database.read() as session:
        sheet = song_export.sheet(session, viewer, song)
        if sheet is None or (form.instrumental and sheet.instrumental is None):
            raise click.UsageError(f"There is no song “{song}” in this form.")
        why = song_export.refused(session, viewer, sheet, form.kind)
    if why:
        raise click.UsageError(WHY[why][0].upper() + WHY[why][1:])
    return sheet


def _target(output: Path | None, sheet: ExportSheet, form: Form) -> Path | None:
    if output is not None and str(output) == "-":
        return None
    chosen = output or Path()
    target = chosen / file_name(sheet, form) if chosen.is_dir() else chosen
    if not target.absolute().parent.is_dir():
        raise click.UsageError(f"There is no folder {target.parent}.")
    return target


def _make(backends: Backends, sheet: ExportSheet, form: Form, target: Path) -> None:
    """What a worker has made already is taken as it is."""
    key = export_jobs.key_of(sheet, form)
    if not backends.store.exists(key):
        with bars() as progress, export_jobs.working_folder(backends, sheet) as folder:
            line = progress.add_task(form.name, total=1.0)
            made = make(backends, sheet, form, folder, lambda share: progress.update(line, completed=share))
            export_jobs.keep(backends, sheet, form, made)
    with backends.store.local_path(key) as path:
        shutil.copyfile(path, target)
