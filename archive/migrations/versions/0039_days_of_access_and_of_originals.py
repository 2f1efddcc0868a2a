"""A researcher is let in until a day, and it is kept when each original was last whole.

Revision 0039.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_request", sa.Column("project", sa.String(200), nullable=False, server_default=""))
    op.add_column("access_request", sa.Column("wanted_until", sa.Date(), nullable=True))
    op.add_column("access_request", sa.Column("until", sa.DateTime(), nullable=True))
    op.create_table(
        "original_look",
        sa.Column("recording_id", sa.String(32), nullable=False),
        sa.Column("found", sa.String(20), nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=False),
        sa.Column("whole_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_original_look_recording_id_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_original_look")),
    )
    op.create_index("ix_original_look_looked_at", "original_look", ["looked_at"])


def downgrade() -> None:
    op.drop_table("original_look")
    for column in ("until", "wanted_until", "project"):
        op.drop_column("access_request", column)
