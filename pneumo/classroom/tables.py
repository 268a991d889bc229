"""What is kept of a class → the tables that hold it, in the casebook's database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pneumo.casebook.storage.database import Base
from pneumo.casebook.storage.tables import UtcTime


class SessionEntry(Base):
    """A session; what a student's browser asks for every few seconds has columns of its own."""

    __tablename__ = "class_sessions"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    sealed_token: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    films: Mapped[int]
    seconds: Mapped[int | None]
    is_synthetic: Mapped[bool]
    is_shown: Mapped[bool]
    plan: Mapped[str] = mapped_column(Text)
    """A `ClassPlan` as JSON: films by reference, their labels and what the networks said."""
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "created_at"),)


class SeatEntry(Base):
    """A student in a session, numbered from 1."""

    __tablename__ = "class_seats"

    code: Mapped[str] = mapped_column(
        Text, ForeignKey(SessionEntry.code, ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    nickname: Mapped[str] = mapped_column(Text)
    sealed_token: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (UniqueConstraint("code", "name"), Index(None, "code", "sealed_token"))


class AnswerEntry(Base):
    """A film that a student was shown, and the answer once there is one: never two."""

    __tablename__ = "class_answers"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shown_at: Mapped[datetime] = mapped_column(UtcTime)
    rating: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        ForeignKeyConstraint(
            ["code", "seat"], [SeatEntry.code, SeatEntry.number], ondelete="CASCADE"
        ),
    )
