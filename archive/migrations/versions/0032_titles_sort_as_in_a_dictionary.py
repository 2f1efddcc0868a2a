"""Lists of testimonies are sorted by title as a Khmer dictionary sorts, which no database does by itself.

Revision 0032.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.language.dictionary_order import kept_key

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name in ("title_sort_km", "title_sort_en"):
        op.add_column("testimony", sa.Column(name, _KEY, nullable=False, server_default=""))
    told = sa.table("testimony", *map(sa.column, ("id", "title_km", "title_en", "title_sort_km", "title_sort_en")))
    rows = op.get_bind().execute(sa.select(told.c.id, told.c.title_km, told.c.title_en)).all()
    if rows:
        keep = sa.update(told).where(told.c.id == sa.bindparam("of"))
        keep = keep.values(title_sort_km=sa.bindparam("km"), title_sort_en=sa.bindparam("en"))
        op.get_bind().execute(keep, [{"of": one, "km": kept_key(km), "en": kept_key(en)} for one, km, en in rows])


def downgrade() -> None:
    for name in ("title_sort_en", "title_sort_km"):
        op.drop_column("testimony", name)
