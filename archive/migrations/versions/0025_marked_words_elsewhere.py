"""Titles and synopses in which words stand that a mark takes out wait for somebody to decide.

Revision 0025.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marked_text",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kept_by_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["testimony_id"], ["testimony.id"], name=op.f("fk_marked_text_testimony_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marked_text")),
        sa.UniqueConstraint("testimony_id", "place", "field", name=op.f("uq_marked_text_testimony_id_place_field")),
    )


def downgrade() -> None:
    op.drop_table("marked_text")
