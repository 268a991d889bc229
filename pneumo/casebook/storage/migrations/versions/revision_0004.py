"""A journal of owners → one that also says what each was called, and is looked up by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the index; what anybody was called earlier is not known."""
    name = sa.Column("name", sa.Text(), server_default="", nullable=False)
    op.add_column("journal", name)
    op.create_index("ix_journal_at", "journal", ["at"], unique=False)
