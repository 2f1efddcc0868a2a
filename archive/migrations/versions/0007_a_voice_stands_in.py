"""A member's voice stands in for a narrator's, and the same bytes may be here twice.

Whoever may not know of a recording is not to learn of it by handing the same file in: the bytes then come in as a
recording of their own.

Revision 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_constraint("uq_recording_sha256", type_="unique")
        batch_op.create_index(batch_op.f("ix_recording_sha256"), ["sha256"], unique=False)
    op.create_table(
        "revoicing",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("testimony_id", sa.String(length=32), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=True),
        sa.Column("reader_id", sa.String(length=32), nullable=True),
        sa.Column("added_by_id", sa.String(length=32), nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("heard_by_id", sa.String(length=32), nullable=True),
        sa.Column("heard_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("fk_revoicing_added_by_id")),
        sa.ForeignKeyConstraint(["heard_by_id"], ["account.id"], name=op.f("fk_revoicing_heard_by_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["account.id"], name=op.f("fk_revoicing_reader_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_revoicing_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["testimony_id"], ["testimony.id"], name=op.f("fk_revoicing_testimony_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revoicing")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_revoicing_recording_id")),
        sa.UniqueConstraint("testimony_id", name=op.f("uq_revoicing_testimony_id")),
    )


def downgrade() -> None:
    op.drop_table("revoicing")
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_sha256"))
        batch_op.create_unique_constraint(batch_op.f("uq_recording_sha256"), ["sha256"])
