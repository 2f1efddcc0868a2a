"""Every page of the recorder, registered with its blueprint."""

from __future__ import annotations

from web.record import arriving, invitations, views
from web.record.blueprint import invited, record

__all__ = ["arriving", "invitations", "invited", "record", "views"]
