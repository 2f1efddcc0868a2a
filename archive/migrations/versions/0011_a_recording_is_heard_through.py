"""A recording is listened to until its end before its narrator's voice leaves the band.

Whoever approved a transcript had said before that they had listened to all of it, so what is approved counts as heard,
and so does the sample collection, in which nobody is real.

Revision 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("testimony", sa.Column("heard_through_at", sa.DateTime(), nullable=True))
    op.add_column("testimony", sa.Column("heard_through_by_id", sa.String(length=32), nullable=True))
    testimony = sa.table(
        "testimony",
        *(sa.column(name) for name in ("id", "sample", "created_at", "heard_through_at", "heard_through_by_id")),
    )
    version = sa.table(
        "transcript_version",
        *(
            sa.column(name)
            for name in ("testimony_id", "stage", "translates_id", "approved_at", "approved_by_id", "made_at")
        ),
    )
    approved = sa.and_(
        version.c.testimony_id == testimony.c.id, version.c.stage == "approved", version.c.translates_id.is_(None)
    )
    first = sa.func.coalesce(version.c.approved_at, version.c.made_at)

    def of_the_first(column: sa.ColumnElement[object]) -> sa.ScalarSelect[object]:
        return sa.select(column).where(approved).order_by(first).limit(1).correlate(testimony).scalar_subquery()

    op.execute(
        testimony.update()
        .where(sa.exists().where(approved))
        .values(heard_through_at=of_the_first(first), heard_through_by_id=of_the_first(version.c.approved_by_id))
    )
    op.execute(
        testimony.update()
        .where(testimony.c.sample.is_(sa.true()), testimony.c.heard_through_at.is_(None))
        .values(heard_through_at=testimony.c.created_at)
    )


def downgrade() -> None:
    op.drop_column("testimony", "heard_through_by_id")
    op.drop_column("testimony", "heard_through_at")
