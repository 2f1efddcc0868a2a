"""Translations in the room of transcripts: begun beside the words or later, and approved with them or after."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from archive.models import TranscriptVersion, new_id
from archive.transcripts import editor_state, reviewing, transcript_versions
from archive.transcripts.reviewing import NotYet
from tests.web.filling import Filling
from tests.web.test_review import draft_of, first, sync


def test_a_translation_begins_beside_the_words(band: FlaskClient, filled: Filling) -> None:
    version_id = draft_of(filled)
    assert band.post(f"/review/edit/{version_id}/translation", data={"language": "en"}).status_code == 404
    band.post(f"/review/edit/{version_id}/translation", data={"language": "km"})
    with filled.backends.database.read() as session:
        version = session.get_one(TranscriptVersion, version_id)
        translation = transcript_versions.translations(session, version)["km"]
    segment = first(filled, version_id)
    change = {
        "id": new_id() * 2, "kind": "translate", "segment": segment.id, "translation": translation.id, "before": "",
        "text": "ខ្ញុំដើរទៅរោងចក្រ",
    }  # fmt: skip
    assert sync(band, version_id, change).json["answers"][0]["did"] == "done"
    with filled.backends.database.read() as session:
        rows = editor_state.drawn(session, session.get_one(TranscriptVersion, version_id))
    assert rows[0]["tr"] == {translation.id: "ខ្ញុំដើរទៅរោងចក្រ"}
    assert band.get(f"/review/edit/{version_id}/segments").json["segments"] == rows


def test_a_translation_begun_after_approval_can_be_approved(band: FlaskClient, filled: Filling) -> None:
    told = next(iter(filled.testimonies.values()))
    with filled.backends.database.read() as session:
        holds = transcript_versions.current(session, told, approved_only=True)
        assert holds is not None
        language = "en" if holds.language == "km" else "km"
        before = transcript_versions.translations(session, holds).get(language)
    band.post(f"/review/edit/{holds.id}/translation", data={"language": language})
    page = band.get(f"/review/{told}?lang=en").get_data(as_text=True)
    assert "Translations of the approved words" in page
    with filled.backends.database.read() as session:
        (draft,) = reviewing.open_translations(session, session.get_one(TranscriptVersion, holds.id))
    assert before is None or draft.id != before.id
    segment = first(filled, holds.id)
    with filled.backends.database.read() as session:
        was = transcript_versions.translated_texts(session, draft).get(segment.id, "")
    change = {
        "id": new_id() * 2, "kind": "translate", "segment": segment.id, "translation": draft.id, "before": was,
        "text": "quillfeathers",
    }  # fmt: skip
    assert sync(band, holds.id, change).json["answers"][0]["did"] == "done"
    rows = band.get(f"/review/edit/{holds.id}/segments").json["segments"]
    assert rows[0]["tr"][draft.id] == "quillfeathers", "the editor shows the draft and not the one that holds"
    for step in ("reviewed", "approve"):
        assert band.post(f"/review/edit/{draft.id}/{step}").status_code == 303
    with filled.backends.database.read() as session:
        assert session.get_one(TranscriptVersion, draft.id).stage == "approved"
    assert "Translations of the approved words" not in band.get(f"/review/{told}?lang=en").get_data(as_text=True)


def test_a_translation_of_what_is_not_approved_waits_for_it(band: FlaskClient, filled: Filling) -> None:
    version_id = draft_of(filled)
    band.post(f"/review/edit/{version_id}/translation", data={"language": "km"})
    with filled.backends.database.write() as session:
        (draft,) = reviewing.open_translations(session, session.get_one(TranscriptVersion, version_id))
        draft.stage = "reviewed"
        with pytest.raises(NotYet, match="It translates words that are not approved yet"):
            reviewing.approve(session, draft, None)
