"""Approvals, freezes, people and user groups; what a deletion and a copy of its card keep of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deletion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instance", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("approvals_needed", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("is_typed", sa.Boolean(), server_default=sa.false(), nullable=False))
        for name in ("objections", "approvers", "approved_by"):
            batch_op.add_column(sa.Column(name, sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("approvals_channel", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_deletion_instance"), ["instance"], unique=False)
    with op.batch_alter_table("card_copy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(length=32), server_default="request", nullable=False))
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deletion_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("has_typed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deletion_id"], ["deletion.id"], name=op.f("fk_approval_deletion_id_deletion")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("deletion_id", "person_id", name=op.f("uq_approval_deletion_id_person_id")),
    )
    op.create_index(op.f("ix_approval_deletion_id"), "approval", ["deletion_id"], unique=False)
    op.create_table(
        "freeze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_name", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze")),
    )
    op.create_index(
        "uq_freeze_open_team",
        "freeze",
        ["team_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "user_group",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_group")),
    )
    op.create_index(op.f("ix_user_group_team_id"), "user_group", ["team_id"], unique=False)
    op.create_table(
        "barred_person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barred_person")),
    )
    op.create_index(op.f("ix_barred_person_team_id"), "barred_person", ["team_id"], unique=False)
    op.create_table(
        "directory",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_directory")),
    )


def downgrade() -> None:
    for name in ("directory", "barred_person", "user_group", "freeze", "approval"):
        op.drop_table(name)
    with op.batch_alter_table("card_copy", schema=None) as batch_op:
        batch_op.drop_column("place")
    with op.batch_alter_table("deletion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deletion_instance"))
        for name in ("approvals_channel", "approved_by", "approvers", "objections", "is_typed", "approvals_needed"):
            batch_op.drop_column(name)
        batch_op.drop_column("instance")
