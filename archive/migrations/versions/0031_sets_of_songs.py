"""Songs in an order, for a session, and which of them were sung.

Revision 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "set_list",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_list")),
    )
    op.create_index("ix_set_list_held_on_id", "set_list", ["held_on", "id"])
    op.create_table(
        "set_song",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("set_id", sa.String(32), nullable=False),
        sa.Column("song_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("semitones", sa.Integer(), nullable=False),
        sa.Column("tempo", sa.Integer(), nullable=False),
        sa.Column("singer", sa.String(200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("sung", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_id"], ["set_list.id"], name=op.f("fk_set_song_set_id_set_list"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_set_song_song_id_song"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_song")),
    )
    op.create_index(op.f("ix_set_song_set_id"), "set_song", ["set_id"])
    op.create_index(op.f("ix_set_song_song_id"), "set_song", ["song_id"])


def downgrade() -> None:
    op.drop_table("set_song")
    op.drop_table("set_list")
