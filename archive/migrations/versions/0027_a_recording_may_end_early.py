"""What can be read of a recording that was cut off is taken in at somebody's word, with what is missing.

Revision 0027.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("missing_ms", sa.Integer(), nullable=True))
    op.add_column("recording", sa.Column("salvaged", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("recording", "salvaged")
    op.drop_column("recording", "missing_ms")
