"""What a transcript wants of somebody is kept beside its testimony by the database itself, and lists have indexes.

Whatever writes a version, its stage or a recording's state, the column follows in the same transaction.

Revision 0019.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WANTS = """
  CASE
    WHEN NOT EXISTS (SELECT 1 FROM recording WHERE recording.id = testimony.recording_id
      AND recording.state IN ('ready', 'needs-a-person')) THEN ''
    WHEN EXISTS (SELECT 1 FROM transcript_version v WHERE v.testimony_id = testimony.id AND v.translates_id IS NULL
      AND v.stage = 'corrected') THEN 'drafts'
    WHEN EXISTS (SELECT 1 FROM transcript_version v WHERE v.testimony_id = testimony.id AND v.translates_id IS NULL
      AND v.stage = 'reviewed') THEN 'reviewed'
    WHEN EXISTS (SELECT 1 FROM transcript_version v WHERE v.testimony_id = testimony.id AND v.translates_id IS NULL
      AND v.stage = 'approved') THEN 'done'
    WHEN EXISTS (SELECT 1 FROM recording WHERE recording.id = testimony.recording_id
      AND recording.state = 'needs-a-person') THEN 'person'
    WHEN EXISTS (SELECT 1 FROM transcript_version v WHERE v.testimony_id = testimony.id AND v.translates_id IS NULL)
      THEN 'machine'
    ELSE 'person'
  END
"""
# Trigger -> the table, when it fires, and of which testimonies what they want is looked at again.
TRIGGERS = {
    "a_version_is_made": ("transcript_version", "INSERT", "id = NEW.testimony_id"),
    "a_version_goes_on": ("transcript_version", "UPDATE OF stage", "id = NEW.testimony_id"),
    "a_version_goes": ("transcript_version", "DELETE", "id = OLD.testimony_id"),
    "a_recording_goes_on": ("recording", "UPDATE OF state", "recording_id = NEW.id"),
    "a_testimony_is_made": ("testimony", "INSERT", "id = NEW.id"),
    "a_testimony_is_told_by_another_recording": ("testimony", "UPDATE OF recording_id", "id = NEW.id"),
}
INDEXES = (
    ("ix_testimony_created_at", "testimony", ["created_at"]),
    ("ix_testimony_transcript_wants", "testimony", ["transcript_wants", "created_at"]),
    ("ix_transcript_version_testimony_id_stage", "transcript_version", ["testimony_id", "translates_id", "stage"]),
    ("ix_permission_testimony_id_form", "permission", ["testimony_id", "form", "audience", "purpose"]),
    ("ix_recording_state_created_at", "recording", ["state", "created_at"]),
    ("ix_redaction_heard_at", "redaction", ["heard_at", "testimony_id"]),
    ("ix_access_request_state", "access_request", ["state", "asked_at"]),
)
REPLACED = (
    ("ix_recording_state", "recording", ["state"]),
    ("ix_transcript_version_testimony_id", "transcript_version", ["testimony_id"]),
    ("ix_permission_testimony_id", "permission", ["testimony_id"]),
)


def upgrade() -> None:
    op.add_column("testimony", sa.Column("transcript_wants", sa.String(length=10), server_default="", nullable=False))
    op.execute(f"UPDATE testimony SET transcript_wants = {WANTS}")  # noqa: S608
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    for name, table, _columns in REPLACED:
        op.drop_index(name, table)


def downgrade() -> None:
    for name, table, columns in REPLACED:
        op.create_index(name, table, columns)
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
    for name in TRIGGERS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {name} CASCADE")
        else:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_column("testimony", "transcript_wants")


def _triggers(dialect: str) -> Iterator[str]:
    for name, (table, when, whose) in TRIGGERS.items():
        act = f"UPDATE testimony SET transcript_wants = {WANTS} WHERE {whose};"  # noqa: S608
        if dialect == "postgresql":
            yield (f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act} RETURN NULL; END $$")
            yield f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        else:
            yield f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN {act} END"
