"""Stewards keep the thesaurus: what they change is theirs, and can be undone.

Revision 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("term", sa.Column("known_to_all", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("term", sa.Column("own_parts", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("term", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.add_column("term", sa.Column("retired_at", sa.DateTime(), nullable=True))
    op.add_column("term", sa.Column("merged_into_id", sa.String(length=80), nullable=True))
    op.create_index(op.f("ix_term_merged_into_id"), "term", ["merged_into_id"])
    op.create_table(
        "term_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("term_id", sa.String(length=80), nullable=False),
        sa.Column("other_id", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_term_change_by_id")),
        sa.ForeignKeyConstraint(["other_id"], ["term.id"], name=op.f("fk_term_change_other_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_term_change_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_change")),
    )
    for column in ("act", "term_id", "other_id"):
        op.create_index(op.f(f"ix_term_change_{column}"), "term_change", [column])
    op.create_table(
        "term_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("tagging_id", sa.String(length=32), nullable=True),
        sa.Column("point_id", sa.String(length=32), nullable=True),
        sa.Column("both", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["term_change.id"], name=op.f("fk_term_move_change_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tagging_id"], ["tagging.id"], name=op.f("fk_term_move_tagging_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["index_point.id"], name=op.f("fk_term_move_point_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_move")),
    )
    for column in ("change_id", "tagging_id", "point_id"):
        op.create_index(op.f(f"ix_term_move_{column}"), "term_move", [column])


def downgrade() -> None:
    op.drop_table("term_move")
    op.drop_table("term_change")
    op.drop_index(op.f("ix_term_merged_into_id"), "term")
    for column in ("merged_into_id", "retired_at", "revision", "own_parts", "known_to_all"):
        op.drop_column("term", column)
