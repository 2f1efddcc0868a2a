"""What was destroyed before is named by its tombstone and the ledgers alone, as what is destroyed from now on.

Revision 0028.
"""

from __future__ import annotations

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_STONE = sa.table("tombstone", sa.column("testimony_id"), sa.column("mode"), sa.column("recordings", sa.JSON()))
_OWN = sa.table("own_decision", sa.column("testimony_id"))
_UNCLAIMED = sa.table("unclaimed_recording", sa.column("recording_id"))
_NARRATOR = sa.table("narrator", sa.column("id"))
_CHANGE = sa.table("description_change", sa.column("field"), sa.column("before"), sa.column("after"))
_KEPT = sa.table("kept_search", sa.column("id"), sa.column("seen", sa.JSON()), sa.column("seen_before", sa.JSON()))


def upgrade() -> None:
    connection = op.get_bind()
    destroyed = connection.execute(sa.select(_STONE).where(_STONE.c.mode == "destroy")).all()
    for stone in destroyed:
        connection.execute(sa.update(_OWN).where(_OWN.c.testimony_id == stone.testimony_id).values(testimony_id=""))
        ids = [stone.testimony_id, *(stone.recordings or ())]
        connection.execute(sa.delete(_UNCLAIMED).where(_UNCLAIMED.c.recording_id.in_(ids)))
    there = sa.select(_NARRATOR.c.id)
    gone = [sa.and_(column != "", column.not_in(there)) for column in (_CHANGE.c.before, _CHANGE.c.after)]
    connection.execute(sa.delete(_CHANGE).where(_CHANGE.c.field == "narrator", sa.or_(*gone)))
    for kept in connection.execute(sa.select(_KEPT)).all() if destroyed else ():
        marks = {_mark(kept.id, stone.testimony_id) for stone in destroyed}
        still = {
            name: [one for one in getattr(kept, name) or () if one not in marks]
            for name in ("seen", "seen_before")
            if marks & set(getattr(kept, name) or ())
        }
        if still:
            connection.execute(sa.update(_KEPT).where(_KEPT.c.id == kept.id).values(still))


def _mark(kept_id: str, testimony_id: str) -> str:
    """As `archive.retrieval.kept_searches` made it at this revision."""
    return blake2b(f"testimony:{testimony_id}".encode(), digest_size=6, key=kept_id.encode()).hexdigest()


def downgrade() -> None:
    """What is gone is gone."""
