"""What was recorded with the site's own recorder has come, and what was tapped while she spoke.

Revision 0034.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recorder_arrival",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("testimony_id", sa.String(32), sa.ForeignKey("testimony.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_recorder_arrival_testimony_id", "recorder_arrival", ["testimony_id"])
    op.create_table(
        "tapped_moment",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("testimony_id", sa.String(32), sa.ForeignKey("testimony.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index("ix_tapped_moment_testimony_id", "tapped_moment", ["testimony_id"])


def downgrade() -> None:
    op.drop_table("tapped_moment")
    op.drop_table("recorder_arrival")
