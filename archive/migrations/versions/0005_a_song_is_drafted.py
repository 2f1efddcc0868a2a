"""What the lyric desk keeps: clippings, drafts, who is at them, comments.

Revision 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clipping",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("segment_id", sa.String(length=32), nullable=True),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("quote_hash", sa.String(length=64), nullable=False),
        sa.Column("song_id", sa.String(length=32), nullable=True),
        sa.Column("campaign_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_by_id", sa.String(length=32), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("off_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["testimony_id"], ["testimony.id"], name=op.f("fk_clipping_testimony_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["transcript_version.id"], name=op.f("fk_clipping_version_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_clipping_segment_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_clipping_song_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_clipping_campaign_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_clipping_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clipping")),
    )
    for column in ("testimony_id", "version_id", "song_id", "campaign_id"):
        op.create_index(op.f(f"ix_clipping_{column}"), "clipping", [column])
    op.create_table(
        "draft",
        sa.Column("song_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.String(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_draft_song_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["account.id"], name=op.f("fk_draft_changed_by_id")),
        sa.PrimaryKeyConstraint("song_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "draft_presence",
        sa.Column("song_id", sa.String(length=32), nullable=False),
        sa.Column("tab", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_draft_presence_song_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_draft_presence_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("song_id", "tab", name=op.f("pk_draft_presence")),
    )
    op.create_table(
        "line_comment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("song_id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.String(length=32), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_line_comment_song_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_line_comment_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_comment")),
    )
    op.create_index(op.f("ix_line_comment_song_id"), "line_comment", ["song_id"])


def downgrade() -> None:
    for table in ("line_comment", "draft_presence", "draft", "clipping"):
        op.drop_table(table)
