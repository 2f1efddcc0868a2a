"""Stewards keep how people speak of a theme, where they have changed the shipped cues.

Revision 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("term", sa.Column("cues", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("term", "cues")
