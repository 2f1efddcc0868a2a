"""A recording of the recorder comes in: its bytes came before it, in pieces, on the road of every long recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, url_for

from archive.access.gate import Unknown
from archive.backends import Backends
from archive.catalogue.descriptions import Description, DescriptionInvalid, describe
from archive.consent.spoken_answers import NothingAnswered
from archive.models.account import GROUPS
from ingest.intake import partial_uploads
from ingest.intake.recorder import NotAParcel, Parcel, ParcelReceipt, arrived, read_parcel, take_parcel
from media.refused import Refused
from web.record.blueprint import record
from web.record.views import unkept
from web.site import json_body
from web.site.language import _
from web.site.security import limiter
from web.site.viewer import backends, current_account

_DESCRIBED = ("community", "narrator_km", "narrator_en", "recorded_on", "language")
_SHAPE = {
    "id": json_body.text(32),
    "upload": json_body.text(20),
    "language": json_body.text(8),
    "sittings": lambda value: [json_body.whole(1)(one) for one in value] if isinstance(value, list) else value,
    "answers": json_body.rows(50),
    "taps": json_body.rows(2000),
    "brought": lambda value: value if isinstance(value, bool) else False,
    "described": lambda value: json_body.rows(1)([value])[0],
}
"""What a device sends behind the sound; `read_parcel` looks at what is in it."""


@record.post("/parcel")
@limiter.limit("240 per hour")
def take() -> Response:
    """Take a recording in, once, and say which bytes have come."""
    mine = current_account()
    return came(mine.id, mine.id, mine.groups[0] if mine.groups else GROUPS[0], _told)


def came(owner: str, by_id: str, group: str, told: Callable[[ParcelReceipt], Response]) -> Response:
    """Take in what the request says has come.

    Args:
        owner: whose device sent it; `by_id`: the account in whose name it is handed in.
        told: what is answered.
    """
    found = json_body.read(("id", "upload", "sittings", "answers"), **_SHAPE) or {}
    try:
        parcel = read_parcel(found, owner)
        described = replace(_described(found.get("described", {})), collected_by=group)
        return told(_taken(backends(), parcel, found["upload"], described, by_id))
    except Unknown:
        return unkept({"why": _("The sound has not come. It is sent again.")}, 409)
    except (NotAParcel, NothingAnswered, DescriptionInvalid, Refused) as error:
        return unkept({"why": _(error)}, 422)


def _taken(opened: Backends, parcel: Parcel, upload_id: str, described: Description, by_id: str) -> ParcelReceipt:
    """Raises Unknown where the sound has not come, and as `take_parcel`."""
    if (before := arrived(opened, parcel.id, parcel.owner)) is not None:
        return before
    upload = partial_uploads.find(opened.settings, parcel.owner, upload_id)
    if not upload.whole:
        raise Unknown("The sound has not come.")
    receipt = take_parcel(opened, upload.path, parcel, described, by_id)
    partial_uploads.remove(upload)
    return receipt


def _described(given: dict[str, Any]) -> Description:
    """What the device says of the recording: never where it was, nor what the device is called."""
    return describe({name: str(given[name]) for name in _DESCRIBED if given.get(name)})


def _told(receipt: ParcelReceipt) -> Response:
    return unkept({"sha256": receipt.sha256, "address": url_for("testimony.show", testimony_id=receipt.testimony_id)})
