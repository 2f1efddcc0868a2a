"""An archive has an id, which its store of sound bears as well.

Revision 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_identity",
        sa.Column("archive_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("archive_id", name=op.f("pk_archive_identity")),
    )


def downgrade() -> None:
    op.drop_table("archive_identity")
