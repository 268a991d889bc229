"""An empty database → the casebook's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "cases",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("has_film", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("leaning", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("operating_point", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("opinion_verdict", sa.Text(), nullable=False),
        sa.Column("reader_verdict", sa.Text(), nullable=False),
        sa.Column("split_vote", sa.Boolean(), nullable=False),
        sa.Column("opinion_differs", sa.Boolean(), nullable=False),
        sa.Column("reader_differs", sa.Boolean(), nullable=False),
        sa.Column("reference_verdict", sa.Text(), nullable=False),
        sa.Column("reference_source", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "id", name="pk_cases"),
    )
    op.create_index("ix_cases_created_at", "cases", ["created_at"], unique=False)
    op.create_index("ix_cases_owner_created_at", "cases", ["owner", "created_at"], unique=False)
    op.create_index("ix_cases_owner_fingerprint", "cases", ["owner", "fingerprint"], unique=False)
    op.create_index(
        "ix_cases_owner_model_version_created_at",
        "cases",
        ["owner", "model_version", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_cases_owner_verdict_created_at",
        "cases",
        ["owner", "verdict", "created_at"],
        unique=False,
    )
    op.create_table(
        "journal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_owner_id", "journal", ["owner", "id"], unique=False)
    op.create_table(
        "case_contents",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("predictions", sa.Text(), nullable=False),
        sa.Column("opinions", sa.Text(), nullable=False),
        sa.Column("reads", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "case_id"],
            ["cases.owner", "cases.id"],
            name="fk_case_contents_cases",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "case_id", name="pk_case_contents"),
    )
    op.create_table(
        "case_films",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "case_id"],
            ["cases.owner", "cases.id"],
            name="fk_case_films_cases",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "case_id", name="pk_case_films"),
    )
    op.create_table(
        "case_tags",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "case_id"],
            ["cases.owner", "cases.id"],
            name="fk_case_tags_cases",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "tag", "case_id", name="pk_case_tags"),
    )
    op.create_index("ix_case_tags_owner_case_id", "case_tags", ["owner", "case_id"], unique=False)
