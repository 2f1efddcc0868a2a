"""A recording says how its listening file was made, so that older ones can be made anew.

Revision 0030.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("recipe", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("recording", "recipe")
