"""Answers to suggested themes are counted, testimony by testimony, so that the next suggestion is better.

Revision 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "theme_lesson",
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("term_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("said", sa.String(length=400), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["testimony_id"], ["testimony.id"], name=op.f("fk_theme_lesson_testimony_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_theme_lesson_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("testimony_id", "term_id", "kind", "said", name=op.f("pk_theme_lesson")),
    )
    op.create_index(op.f("ix_theme_lesson_term_id"), "theme_lesson", ["term_id"])


def downgrade() -> None:
    op.drop_table("theme_lesson")
