"""An index for the history; and an audit of which rows are never changed, and go only when they are old enough."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
_IS_KEPT = "OLD.at >= COALESCE((SELECT keep_from FROM audit_retention), '1970-01-01')"
_ON_POSTGRESQL = """
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < (SELECT keep_from FROM audit_retention) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is only ever added to' USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    op.create_index("ix_deletion_team_id_asked_at", "deletion", ["team_id", "asked_at", "id"], unique=False)
    op.create_index("ix_deletion_name_asked_at", "deletion", ["name", "asked_at"], unique=False)
    op.create_table(
        "audit_retention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("keep_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_retention")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_ON_POSTGRESQL)
        op.execute(
            "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_kept()"
        )
        op.execute(
            "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
        )
        return
    op.execute(f"CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit {_REFUSE}")
    op.execute(f"CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit WHEN {_IS_KEPT} {_REFUSE}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_is_kept ON audit")
        op.execute("DROP TRIGGER audit_is_not_emptied ON audit")
        op.execute("DROP FUNCTION audit_is_kept()")
    else:
        op.execute("DROP TRIGGER audit_is_kept")
        op.execute("DROP TRIGGER audit_is_not_changed")
    op.drop_table("audit_retention")
    op.drop_index("ix_deletion_name_asked_at", table_name="deletion")
    op.drop_index("ix_deletion_team_id_asked_at", table_name="deletion")
