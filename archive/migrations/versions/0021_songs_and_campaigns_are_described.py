"""What is said of songs and campaigns is written on the site, with the way back.

Revision 0021.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind, default in (
        ("licence", sa.String(length=40), ""),
        ("use_km", sa.Text(), ""),
        ("use_en", sa.Text(), ""),
        ("revision", sa.Integer(), "0"),
    ):
        op.add_column("song", sa.Column(name, kind, server_default=default, nullable=False))
    op.add_column("song", sa.Column("published_at", sa.DateTime(), nullable=True))
    song = sa.table("song", *(sa.column(name) for name in ("id", "state", "created_at", "published_at")))
    audit = sa.table("audit_entry", *(sa.column(name) for name in ("action", "subject")))
    was_out = sa.exists().where(
        audit.c.action == "song.published", audit.c.subject == sa.literal("song:").concat(song.c.id)
    )
    op.execute(song.update().where(sa.or_(song.c.state != "draft", was_out)).values(published_at=song.c.created_at))
    op.add_column("campaign", sa.Column("slug", sa.String(length=120), nullable=True))
    for name in ("ask_km", "ask_en"):
        op.add_column("campaign", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("starts_on", "ends_on"):
        op.add_column("campaign", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("campaign", sa.Column("state", sa.String(length=20), server_default="", nullable=False))
    op.add_column("campaign", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_campaign_slug"), "campaign", ["slug"], unique=True)
    op.create_index(op.f("ix_campaign_state"), "campaign", ["state"])
    op.create_table(
        "detail_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("song_id", sa.String(length=32), nullable=True),
        sa.Column("campaign_id", sa.String(length=32), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_detail_change_by_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_detail_change_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["song_id"], ["song.id"], name=op.f("fk_detail_change_song_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detail_change")),
    )
    for column in ("song_id", "campaign_id"):
        op.create_index(op.f(f"ix_detail_change_{column}"), "detail_change", [column])


def downgrade() -> None:
    op.drop_table("detail_change")
    op.drop_index(op.f("ix_campaign_state"), "campaign")
    op.drop_index(op.f("ix_campaign_slug"), "campaign")
    for column in ("revision", "state", "ends_on", "starts_on", "ask_en", "ask_km", "slug"):
        op.drop_column("campaign", column)
    for column in ("published_at", "revision", "use_en", "use_km", "licence"):
        op.drop_column("song", column)
