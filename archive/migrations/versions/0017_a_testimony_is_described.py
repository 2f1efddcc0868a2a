"""A description is corrected, and every change of it is kept; a day may be unsure, as EDTF.

Revision 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "description_change",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act_id", sa.String(length=32), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=True),
        sa.Column("narrator_id", sa.String(length=32), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("undoes_id", sa.String(length=32), nullable=True),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["testimony_id"], ["testimony.id"], name=op.f("fk_description_change_testimony_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["narrator_id"], ["narrator.id"], name=op.f("fk_description_change_narrator_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_description_change")),
    )
    for column in ("act_id", "testimony_id", "narrator_id"):
        op.create_index(op.f(f"ix_description_change_{column}"), "description_change", [column])
    for table in ("testimony", "recording"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(
                "recorded_on",
                existing_type=sa.Date(),
                type_=sa.String(length=24),
                existing_nullable=True,
                postgresql_using="recorded_on::text",
            )


def downgrade() -> None:
    for table in ("testimony", "recording"):
        # What is no whole day has no place in a column of dates.
        op.execute(f"UPDATE {table} SET recorded_on = NULL WHERE length(recorded_on) <> 10")  # noqa: S608
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(
                "recorded_on",
                existing_type=sa.String(length=24),
                type_=sa.Date(),
                existing_nullable=True,
                postgresql_using="recorded_on::date",
            )
    op.drop_table("description_change")
