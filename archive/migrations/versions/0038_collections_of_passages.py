"""Passages are gathered in collections, with notes and codes.

Revision 0038.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passage_collection",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passage_collection_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_collection")),
    )
    op.create_index("ix_passage_collection_account_id_used_at", "passage_collection", ["account_id", "used_at"])
    op.create_table(
        "collection_reader",
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["passage_collection.id"],
            name=op.f("fk_collection_reader_collection_id_passage_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_collection_reader_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "name", name=op.f("pk_collection_reader")),
    )
    op.create_index(op.f("ix_collection_reader_account_id"), "collection_reader", ["account_id"])
    op.create_table(
        "gathered_passage",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("testimony_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("gathered_at", sa.DateTime(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["passage_collection.id"],
            name=op.f("fk_gathered_passage_collection_id_passage_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["testimony_id"],
            ["testimony.id"],
            name=op.f("fk_gathered_passage_testimony_id_testimony"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathered_passage")),
    )
    op.create_index(op.f("ix_gathered_passage_testimony_id"), "gathered_passage", ["testimony_id"])
    op.create_index(
        "ix_gathered_passage_collection_id_gathered_at", "gathered_passage", ["collection_id", "gathered_at"]
    )
    op.create_table(
        "passage_code",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["passage_collection.id"],
            name=op.f("fk_passage_code_collection_id_passage_collection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_code")),
        sa.UniqueConstraint("collection_id", "name", name=op.f("uq_passage_code_collection_id_name")),
    )
    op.create_table(
        "passage_coding",
        sa.Column("passage_id", sa.String(32), nullable=False),
        sa.Column("code_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"],
            ["gathered_passage.id"],
            name=op.f("fk_passage_coding_passage_id_gathered_passage"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["passage_code.id"], name=op.f("fk_passage_coding_code_id_passage_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("passage_id", "code_id", name=op.f("pk_passage_coding")),
    )
    op.create_index(op.f("ix_passage_coding_code_id"), "passage_coding", ["code_id"])


def downgrade() -> None:
    for table in ("passage_coding", "passage_code", "gathered_passage", "collection_reader", "passage_collection"):
        op.drop_table(table)
