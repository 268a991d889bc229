"""What is kept of a case → the tables that hold it.

What cases are found by has columns of its own in `cases`; what was said of a film in full lies
beside it, so that a search reads little.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from pneumo.casebook.contents import to_utc
from pneumo.casebook.storage.database import Base


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept in UTC; it comes back with its time zone, which SQLite does not keep."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment to UTC; one without a time zone is a bug."""
        return None if value is None else to_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a moment its time zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CaseEntry(Base):
    """What a case is found by and listed with; texts are empty where they do not apply."""

    __tablename__ = "cases"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    fingerprint: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    columns: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    encoding: Mapped[str] = mapped_column(Text)
    synthetic: Mapped[bool]
    mends: Mapped[str] = mapped_column(Text, server_default="")
    chosen_fingerprint: Mapped[str] = mapped_column(Text, server_default="")
    refused: Mapped[bool] = mapped_column(server_default=false())
    """Whether the gate had refused the film when the networks read it last."""
    has_film: Mapped[bool]
    verdict: Mapped[str] = mapped_column(Text)
    leaning: Mapped[str] = mapped_column(Text)
    probability: Mapped[float]
    operating_point: Mapped[str] = mapped_column(Text)
    model_version: Mapped[str] = mapped_column(Text)
    opinion_verdict: Mapped[str] = mapped_column(Text)
    reader_verdict: Mapped[str] = mapped_column(Text)
    split_vote: Mapped[bool]
    opinion_differs: Mapped[bool]
    reader_differs: Mapped[bool]
    reference_verdict: Mapped[str] = mapped_column(Text)
    reference_source: Mapped[str] = mapped_column(Text)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    title: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    """Title and note as they are searched: case and width of letters do not matter."""

    __table_args__ = (
        Index(None, "owner", "created_at"),
        Index(None, "owner", "verdict", "created_at"),
        Index(None, "owner", "model_version", "created_at"),
        Index(None, "owner", "fingerprint"),
        Index(None, "created_at"),
    )


def _of_case() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["owner", "case_id"], [CaseEntry.owner, CaseEntry.id], ondelete="CASCADE"
    )


class CaseContents(Base):
    """What was said of a film in full, as JSON, see `pneumo.casebook.contents`."""

    __tablename__ = "case_contents"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(Text, primary_key=True)
    predictions: Mapped[str] = mapped_column(Text)
    opinions: Mapped[str] = mapped_column(Text)
    reads: Mapped[str] = mapped_column(Text)

    __table_args__ = (_of_case(),)


class CaseTag(Base):
    """One tag of a case."""

    __tablename__ = "case_tags"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    tag: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(Text, primary_key=True)

    __table_args__ = (_of_case(), Index(None, "owner", "case_id"))


class CaseFilm(Base):
    """A film's pixels, where the user asked to keep them, see `pneumo.casebook.kept_film`."""

    __tablename__ = "case_films"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(Text, primary_key=True)
    facts: Mapped[str] = mapped_column(Text)
    png: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (_of_case(),)


class JournalLine(Base):
    """Who did what to which case, and when; never a word of the case itself."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(UtcTime)
    owner: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, server_default="")
    """What the owner was called at that moment."""
    act: Mapped[str] = mapped_column(Text)
    case_id: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "owner", "id"), Index(None, "at"), {"sqlite_autoincrement": True})
