"""Cases as they were → cases that also know what the reader did to the film before it was read."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; of earlier cases nothing is known, and nothing is written into them."""
    for name in ("mends", "chosen_fingerprint"):
        column = sa.Column(name, sa.Text(), server_default="", nullable=False)
        op.add_column("cases", column)
    op.add_column(
        "cases", sa.Column("refused", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _mark_refused(op.get_bind())


def _mark_refused(connection: sa.Connection) -> None:
    """Mark those whose film the gate refused when the networks read it last."""
    wanted = sa.text(
        "SELECT owner, case_id, predictions FROM case_contents WHERE predictions LIKE :word"
    )
    found = connection.execute(wanted, {"word": '%"usability":"refused"%'}).all()
    mark = sa.text("UPDATE cases SET refused = :refused WHERE owner = :owner AND id = :id")
    for owner, case_id, predictions in found:
        if _is_refused(predictions):
            connection.execute(mark, {"refused": True, "owner": owner, "id": case_id})


def _is_refused(predictions: str) -> bool:
    try:
        return bool(json.loads(predictions)[-1]["quality"]["usability"] == "refused")
    except (ValueError, LookupError, TypeError):  # It is damaged, which is told elsewhere.
        return False
