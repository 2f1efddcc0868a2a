"""What was taken back is known again by its sound, and what of a withdrawal is not done yet is written down.

Revision 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LISTS = ("sealed", "keys_waiting", "sounds")
TABLES = ("troubles", "left")


def upgrade() -> None:
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        for name in LISTS:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
        for name in TABLES:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pcm_sha256", sa.String(length=64), nullable=False, server_default=""))
    op.create_table(
        "sound_mark_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sound_mark_key")),
    )


def downgrade() -> None:
    op.drop_table("sound_mark_key")
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_column("pcm_sha256")
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        for name in (*TABLES, *LISTS):
            batch_op.drop_column(name)
