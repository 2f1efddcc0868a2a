"""What the timing studio keeps.

Revision 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.models.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("line_timing", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("line_timing", sa.Column("by_id", sa.String(length=32), nullable=True))
    op.add_column("line_timing", sa.Column("follows_id", sa.String(length=32), nullable=True))
    op.create_table(
        "studio_edit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("song_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("undoes_id", sa.String(length=32), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_studio_edit_song_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_edit")),
        sa.UniqueConstraint("song_id", "number", name=op.f("uq_studio_edit_song_id_number")),
    )
    op.create_index(op.f("ix_studio_edit_song_id"), "studio_edit", ["song_id"])
    op.create_table(
        "alignment_wish",
        sa.Column("arrangement_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["arrangement_id"], ["arrangement.id"], name=op.f("fk_alignment_wish_arrangement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("arrangement_id", name=op.f("pk_alignment_wish")),
    )
    op.create_table(
        "offered_recording",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("song_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("offset_ms", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_offered_recording_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["song_id"], ["song.id"], name=op.f("fk_offered_recording_song_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_offered_recording")),
    )
    op.create_index(op.f("ix_offered_recording_song_id"), "offered_recording", ["song_id"])


def downgrade() -> None:
    op.drop_table("offered_recording")
    op.drop_table("alignment_wish")
    op.drop_table("studio_edit")
    with op.batch_alter_table("line_timing") as batch:
        batch.drop_column("follows_id")
        batch.drop_column("by_id")
        batch.drop_column("revision")
