"""What harvesters were given is remembered, so that they can be told to forget it.

Revision 0033.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "harvested_record",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("testimony_id", sa.String(32), sa.ForeignKey("testimony.id", ondelete="SET NULL"), nullable=True),
        sa.Column("changed_on", sa.String(10), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_harvested_record_testimony_id", "harvested_record", ["testimony_id"])
    op.create_index("ix_harvested_record_changed_on", "harvested_record", ["changed_on", "id"])


def downgrade() -> None:
    op.drop_table("harvested_record")
