"""A recording can be written down again by another model.

Revision 0036.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("typed_transcript", sa.Column("engine", sa.String(40), nullable=False, server_default=""))
    op.add_column("typed_transcript", sa.Column("model", sa.String(400), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("typed_transcript", "model")
    op.drop_column("typed_transcript", "engine")
