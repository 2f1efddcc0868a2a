"""Every page of the campaigns, registered with its blueprint."""

from __future__ import annotations

from web.campaigns import views
from web.campaigns.blueprint import campaign, campaigns

__all__ = ["campaign", "campaigns", "views"]
