"""What the review editor keeps: edits, locks, rival texts, and typed transcripts that wait for their times.

Revision 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segment", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.add_column("transcript_version", sa.Column("reviewed_by_id", sa.String(length=32), nullable=True))
    op.add_column("transcript_version", sa.Column("reviewed_at", sa.DateTime(), nullable=True))
    op.add_column("index_point", sa.Column("terms", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "transcript_edit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("touched", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        _of("transcript_edit", "testimony_id", "testimony"),
        _of("transcript_edit", "version_id", "transcript_version"),
        sa.PrimaryKeyConstraint("id", name="pk_transcript_edit"),
        sa.UniqueConstraint("version_id", "seq", name="uq_transcript_edit_version_id_seq"),
    )
    op.create_index("ix_transcript_edit_testimony_id", "transcript_edit", ["testimony_id"])
    op.create_table(
        "rival_text",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("segment_id", sa.String(length=32), nullable=False),
        sa.Column("translation_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        _of("rival_text", "version_id", "transcript_version"),
        _of("rival_text", "segment_id", "segment"),
        _of("rival_text", "translation_id", "transcript_version"),
        sa.PrimaryKeyConstraint("id", name="pk_rival_text"),
    )
    op.create_index("ix_rival_text_version_id", "rival_text", ["version_id"])
    op.create_index("ix_rival_text_segment_id", "rival_text", ["segment_id"])
    op.create_table(
        "segment_lock",
        sa.Column("segment_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        _of("segment_lock", "segment_id", "segment"),
        _of("segment_lock", "version_id", "transcript_version"),
        _of("segment_lock", "account_id", "account"),
        sa.PrimaryKeyConstraint("segment_id", name="pk_segment_lock"),
    )
    op.create_index("ix_segment_lock_version_id", "segment_lock", ["version_id"])
    op.create_table(
        "typed_transcript",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("paragraphs", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("version_id", sa.String(length=32), nullable=True),
        sa.Column("brought_by_id", sa.String(length=32), nullable=True),
        sa.Column("brought_at", sa.DateTime(), nullable=False),
        _of("typed_transcript", "testimony_id", "testimony"),
        _of("typed_transcript", "version_id", "transcript_version"),
        sa.PrimaryKeyConstraint("id", name="pk_typed_transcript"),
    )
    op.create_index("ix_typed_transcript_testimony_id", "typed_transcript", ["testimony_id"])
    op.create_index("ix_typed_transcript_state", "typed_transcript", ["state"])


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def downgrade() -> None:
    for table in ("typed_transcript", "segment_lock", "rival_text", "transcript_edit"):
        op.drop_table(table)
    op.drop_column("index_point", "terms")
    op.drop_column("transcript_version", "reviewed_at")
    op.drop_column("transcript_version", "reviewed_by_id")
    op.drop_column("segment", "revision")
