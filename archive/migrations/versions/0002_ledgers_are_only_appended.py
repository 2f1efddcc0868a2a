"""Both ledgers refuse to be edited, by the database itself.

Revision 0002.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LEDGERS = ("consent_event", "audit_entry")
REFUSAL = "a ledger is appended, never edited"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_to_edit_a_ledger() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
    for ledger in LEDGERS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {ledger}_is_appended BEFORE UPDATE OR DELETE ON {ledger} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_to_edit_a_ledger()"
            )
        else:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {ledger}_refuses_{verb.lower()} BEFORE {verb} ON {ledger} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )


def downgrade() -> None:
    for ledger in LEDGERS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {ledger}_is_appended ON {ledger}")
        else:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {ledger}_refuses_{verb}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_to_edit_a_ledger()")
