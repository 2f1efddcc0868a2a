"""A narrator comes back by her code; the archive says who keeps it, and reads instructions aloud.

Revision 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_visit",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("narrator_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["narrator_id"], ["narrator.id"], name=op.f("fk_own_visit_narrator_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_own_visit")),
    )
    op.create_index(op.f("ix_own_visit_narrator_id"), "own_visit", ["narrator_id"])
    op.create_table(
        "own_decision",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_decision")),
    )
    op.create_index(op.f("ix_own_decision_at"), "own_decision", ["at"])
    op.create_table(
        "code_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_key")),
    )
    op.create_table(
        "about_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("km", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_about_text")),
    )
    op.create_table(
        "spoken_instruction",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_spoken_instruction")),
    )


def downgrade() -> None:
    for table in ("spoken_instruction", "about_text", "code_key", "own_decision", "own_visit"):
        op.drop_table(table)
