"""The casebook's tables → the classroom's beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "class_sessions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("films", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_class_sessions"),
    )
    op.create_index("ix_class_sessions_created_at", "class_sessions", ["created_at"], unique=False)
    op.create_table(
        "class_seats",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["class_sessions.code"],
            name="fk_class_seats_class_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", "number", name="pk_class_seats"),
        sa.UniqueConstraint("code", "name", name="uq_class_seats_code_name"),
    )
    op.create_index(
        "ix_class_seats_code_sealed_token",
        "class_seats",
        ["code", "sealed_token"],
        unique=False,
    )
    op.create_table(
        "class_answers",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["code", "seat"],
            ["class_seats.code", "class_seats.number"],
            name="fk_class_answers_class_seats",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", "seat", "place", name="pk_class_answers"),
    )
