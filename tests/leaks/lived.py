"""What lies about once a public testimony was worked on: edits, drafts, comments, papers, half-done work."""

from __future__ import annotations

import json

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.consent import decisions, releases, vault
from archive.lyrics import shared_draft
from archive.models import (
    Account,
    Clipping,
    KeptSearch,
    LineComment,
    LyricVersion,
    RivalText,
    SegmentLock,
    Song,
    TranscriptEdit,
    TypedTranscript,
    now,
)
from archive.models.source import quote_hash
from tests.leaks import canaries
from tests.leaks.told import SECRET, SECRET_SONG, chirp
from tests.leaks.worlds import GIVEN, World


def opened(world: World) -> None:
    """Her consent, as it was before she took it back: everybody may have it from today.

    A search that somebody keeps is what they typed themselves, and was not taken from her; here it would only be found.
    """
    with world.backends.database.write() as session:
        session.execute(delete(KeptSearch))
        decisions.grant(session, SECRET.testimony, decisions.PRESETS["public"], GIVEN)


def left_lying_about(world: World) -> None:
    backends = world.backends
    data, store = backends.settings.data, backends.store
    vault.make_key(backends.settings)
    steward = Viewer("s", "steward")
    with backends.database.write() as session:
        vault.open_vault(backends.settings).put(session, f"{SECRET.key}woman0", "legal-name", canaries.NAME_KM, steward)
        releases.record(session, "broadcast", f"testimony:{SECRET.testimony}", [SECRET.testimony], note="Radio")
    store.put_bytes(f"exports/{SECRET.testimony}/transcript.docx", canaries.WORD_KM.encode())
    store.put_bytes(f"recordings/{SECRET.recording}/clip-1000-2000.m4a", canaries.WORD_EN.encode())
    with backends.database.write() as session:
        _worked_on(session)
    work = data / "work" / SECRET.recording
    work.mkdir(parents=True)
    (work / "window-3.json").write_text(json.dumps({"text": canaries.LINE_KM}))
    (work / "half.wav").write_bytes(chirp(SECRET.pitch))


def _worked_on(session: Session) -> None:
    """What lies on the tables of those who transcribe and write: edits, rival texts, clippings, a draft, a comment."""
    version, segment = f"{SECRET.key}words0", f"{SECRET.key}part01"
    song = session.scalars(select(Song).where(Song.slug == SECRET_SONG)).one()
    hers = {"testimony_id": SECRET.testimony, "version_id": version}
    said = {"quote": canaries.LINE_KM, "quote_hash": quote_hash(canaries.LINE_KM)}
    account = session.scalars(select(Account.id)).first()
    session.add_all(
        [
            TranscriptEdit(
                id="edit0",
                **hers,
                seq=1,
                kind="text",
                asked={"text": canaries.WORD_EN},
                answer={"was": canaries.LINE_EN},
            ),
            RivalText(version_id=version, segment_id=segment, text=canaries.WORD_KM),
            TypedTranscript(testimony_id=SECRET.testimony, language="km", paragraphs=[["", canaries.LINE_KM]]),
            SegmentLock(segment_id=segment, version_id=version, account_id=account, window="w", until=now()),
            Clipping(id="clip0", **hers, segment_id=segment, start_ms=1000, end_ms=2000, song_id=song.id, **said),
            LineComment(song_id=song.id, line="l", text=f"“{canaries.LINE_KM}” is too long to sing"),
        ]
    )
    session.flush()
    lyric = session.scalars(select(LyricVersion).where(LyricVersion.song_id == song.id)).one()
    lines = [
        shared_draft.DraftLine(one.id, km=one.km, en=one.en, sources={"clip0": "verbatim"} if n == 0 else {})
        for n, one in enumerate(lyric.lines)
    ]
    shared_draft.begin(session, song, lines, account)
