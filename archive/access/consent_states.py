"""What the gate knows of testimonies, each asked for once while one answer is made.

A song's page asks after the same few testimonies for each of its lines, for its credits, and for each way to take it
along. What was found here holds for the answer that is being made and no longer: it is not kept for the next.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.access import clock, gate
from archive.access.rule import UNKNOWN, ConsentState, Decision, Viewer, decide


class ConsentStates:
    """The consent of testimonies at the moment at which this is made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._moment = clock.moment(session)
        self._known: dict[str, ConsentState | None] = {}

    def of(self, testimony_id: str) -> ConsentState | None:
        """As `gate.consent_state`."""
        if testimony_id not in self._known:
            self._known[testimony_id] = gate.consent_state(self._session, testimony_id)
        return self._known[testimony_id]

    def may(self, viewer: Viewer, testimony_id: str, form: str, purpose: str | None = None) -> Decision:
        """As `gate.may`."""
        state = self.of(testimony_id)
        return decide(state, viewer, form, self._moment, purpose) if state else UNKNOWN

    def sound_for(self, viewer: Viewer, testimony_id: str) -> str | None:
        """As `gate.sound_for`."""
        state = self.of(testimony_id)
        return gate.sound_of(self._session, viewer, state, self._moment) if state else None
