"""An index of the cards that are to be edited."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_outdated = sa.text("shown_version < wanted_version")
    op.create_index(
        "ix_card_copy_outdated", "card_copy", ["channel_id"], sqlite_where=is_outdated, postgresql_where=is_outdated
    )


def downgrade() -> None:
    op.drop_index("ix_card_copy_outdated", "card_copy")
