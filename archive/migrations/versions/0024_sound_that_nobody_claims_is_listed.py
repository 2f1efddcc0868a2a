"""Recordings that the store holds and the database does not know are listed, to be adopted or set aside.

Revision 0024.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unclaimed_recording",
        sa.Column("recording_id", sa.String(length=255), nullable=False),
        sa.Column("aside", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.String(length=20), nullable=False),
        sa.Column("why_not", sa.String(length=20), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=True),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_unclaimed_recording")),
    )
    op.create_index(op.f("ix_unclaimed_recording_aside"), "unclaimed_recording", ["aside", "recording_id"])


def downgrade() -> None:
    op.drop_table("unclaimed_recording")
