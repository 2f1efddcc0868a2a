"""What was told, by whom, in which recording, and who may have it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from archive.models import IndexPoint, Narrator, Permission, Recording, Redaction, Testimony, new_id, now
from tests.factories.rows import kept


def narrator(session: Session, **given: Any) -> Narrator:
    """A farmer under the pseudonym Chan; a test that names one language alone has no name in the other."""
    named = given.keys() & {"pseudonym_km", "pseudonym_en"}
    usual = {} if named else {"pseudonym_km": "ចាន់", "pseudonym_en": "Chan"}
    return kept(session, Narrator, {"community": "farmer"} | usual, given)


def recording(session: Session, **given: Any) -> Recording:
    """Ten seconds that were taken in; no sound lies in the store for it, only the name under which it would."""
    key = given.get("id") or new_id()
    usual = {"id": key, "sha256": sha256(key.encode()).hexdigest(), "size": 1, "state": "ready", "duration_ms": 10_000}
    return kept(session, Recording, usual | {"original_key": f"recordings/{key}/original"}, given)


def testimony(session: Session, **given: Any) -> Testimony:
    """One in Khmer, listened to until its end, with a narrator and a recording of its own unless their ids are given;
    nobody may have it.
    """
    usual: dict[str, Any] = {"language": "km", "heard_through_at": now()}
    if "narrator_id" not in given:
        usual["narrator_id"] = narrator(session).id
    if "recording_id" not in given:
        usual["recording_id"] = recording(session).id
    return kept(session, Testimony, usual, given)


def permission(session: Session, testimony_id: str, **given: Any) -> Permission:
    """A row that says everybody may know it is there; no event of the ledger stands behind it."""
    usual = {"testimony_id": testimony_id, "form": "existence", "audience": "public"}
    return kept(session, Permission, usual, given)


def redaction(session: Session, testimony_id: str, **given: Any) -> Redaction:
    """The first second taken out, and not heard yet."""
    return kept(session, Redaction, {"testimony_id": testimony_id, "start_ms": 0, "end_ms": 1000}, given)


def index_point(session: Session, testimony_id: str, **given: Any) -> IndexPoint:
    """A moment without a title, at the beginning."""
    return kept(session, IndexPoint, {"testimony_id": testimony_id, "start_ms": 0}, given)
