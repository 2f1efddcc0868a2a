"""Several recordings of one telling are parts of a whole, in an order.

Revision 0029.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("testimony", sa.Column("whole", sa.String(20), nullable=False, server_default=""))
    op.add_column("testimony", sa.Column("part_number", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("testimony", "part_number")
    op.drop_column("testimony", "whole")
