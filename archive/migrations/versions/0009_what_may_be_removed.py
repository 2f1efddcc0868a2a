"""What may be removed of the store is named: by a tombstone, or because it was discarded.

Revision 0009.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discarded",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("bringing", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_discarded")),
    )
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recordings", sa.JSON(), nullable=False, server_default="[]"))
    connection = op.get_bind()
    hers = "SELECT recording_id FROM testimony WHERE id = :told"
    read = "SELECT recording_id FROM revoicing WHERE testimony_id = :told"
    for told in connection.scalars(sa.text("SELECT testimony_id FROM tombstone")).all():
        found = sorted(connection.scalars(sa.text(f"{hers} UNION {read}"), {"told": told}))
        connection.execute(
            sa.text("UPDATE tombstone SET recordings = :found WHERE testimony_id = :told"),
            {"found": json.dumps(found), "told": told},
        )


def downgrade() -> None:
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.drop_column("recordings")
    op.drop_table("discarded")
