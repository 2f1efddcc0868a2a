"""A tombstone says how many near copies nobody has decided about, so that no room has to read every one.

Revision 0026.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_STONE = sa.table("tombstone", sa.column("testimony_id"), sa.column("left", sa.JSON()), sa.column("left_open"))


def upgrade() -> None:
    op.add_column("tombstone", sa.Column("left_open", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_tombstone_left_open"), "tombstone", ["left_open"])
    connection = op.get_bind()
    for testimony_id, left in connection.execute(sa.select(_STONE.c.testimony_id, _STONE.c.left)).all():
        if still := sum(state == "open" for state in (left or {}).values()):
            of_it = sa.update(_STONE).where(_STONE.c.testimony_id == testimony_id)
            connection.execute(of_it.values(left_open=still))


def downgrade() -> None:
    op.drop_index(op.f("ix_tombstone_left_open"), "tombstone")
    op.drop_column("tombstone", "left_open")
