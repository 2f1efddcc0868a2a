"""A set has moments of testimonies and steps between its songs, questions, and can be shown to everybody.

Revision 0043.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TESTIMONY = "fk_set_song_testimony_id_testimony"


def upgrade() -> None:
    with op.batch_alter_table("set_list", schema=None) as batch_op:
        batch_op.add_column(sa.Column("title_en", sa.String(200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("shown_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("set_song", schema=None) as batch_op:
        batch_op.alter_column("song_id", existing_type=sa.String(32), nullable=True)
        batch_op.add_column(sa.Column("testimony_id", sa.String(32), nullable=True))
        batch_op.add_column(sa.Column("start_ms", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("end_ms", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("heading", sa.String(200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("text", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("questions", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f(TESTIMONY), "testimony", ["testimony_id"], ["id"], ondelete="CASCADE")
        batch_op.create_index(op.f("ix_set_song_testimony_id"), ["testimony_id"])


def downgrade() -> None:
    op.execute("DELETE FROM set_song WHERE song_id IS NULL")
    with op.batch_alter_table("set_song", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_set_song_testimony_id"))
        batch_op.drop_constraint(op.f(TESTIMONY), type_="foreignkey")
        for name in ("minutes", "questions", "text", "heading", "end_ms", "start_ms", "testimony_id"):
            batch_op.drop_column(name)
        batch_op.alter_column("song_id", existing_type=sa.String(32), nullable=False)
    with op.batch_alter_table("set_list", schema=None) as batch_op:
        for name in ("shown_at", "revision", "title_en"):
            batch_op.drop_column(name)
