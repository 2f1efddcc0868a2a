"""Listening lists of the two worlds, with moments of what everybody may hear and of the hidden testimony."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.models import SetEntry, SetList, now
from tests.leaks import canaries
from tests.leaks.told import COMMON, SECRET

SHOWN_SET = "shownset000000"
HER_SET = "herset00000000"  # shown, with nothing in it to be heard but the hidden testimony


def listening_lists(session: Session) -> None:
    """A list that everybody sees, and one that is shown and has nothing in it but a step."""
    session.add(SetList(id=SHOWN_SET, title="បណ្ដុះបណ្ដាល", title_en="Training", shown_at=now()))
    session.add(SetList(id=HER_SET, title="Another training", shown_at=now()))
    session.flush()
    heard = {"testimony_id": COMMON[0].testimony, "start_ms": 0, "end_ms": 900}
    session.add(SetEntry(id="momentset0000", set_id=SHOWN_SET, position=1, questions="What happened?", **heard))
    session.add(SetEntry(id="stepofset0000", set_id=SHOWN_SET, position=3, heading="A game", text="Up!", minutes=5))
    session.add(SetEntry(id="otherstep0000", set_id=HER_SET, position=2, heading="A talk"))


def her_moments(session: Session) -> None:
    """Moments of the hidden testimony in both lists, each with a question."""
    hers = {"testimony_id": SECRET.testimony, "start_ms": 0, "end_ms": 900, "questions": canaries.LINE_EN}
    session.add(SetEntry(id="hermoment0000", set_id=SHOWN_SET, position=2, **hers))
    session.add(SetEntry(id="hermoment0001", set_id=HER_SET, position=1, **hers))
