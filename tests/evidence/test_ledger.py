"""Every look at the test films is kept, and a ledger that cannot be read says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pneumo.errors import DataSetError
from pneumo.evidence.ledger import LEDGER, read_ledger, record_look


def test_looks_are_added_and_never_replaced(tmp_path: Path) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    record_look(tmp_path, "aaa", "the command, with a comma")
    record_look(tmp_path, "bbb", "another")
    first, second = read_ledger(tmp_path)
    assert (first.model_version, first.command) == ("aaa", "the command, with a comma")
    assert second.model_version == "bbb"
    assert began <= first.date <= second.date


def test_missing_ledger_names_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="python -m pneumo evaluate"):
        read_ledger(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "when,what\n1,2\n",
        "date,weights_hash,command\nyesterday,aaa,evaluate\n",
        "date,weights_hash,command\n2026-01-01T00:00:00+00:00,aaa\n",
        "date,weights_hash,command\n2026-01-01T00:00:00+00:00,aaa,evaluate,more\n",
    ],
)
def test_damaged_ledger_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / LEDGER).write_text(text, encoding="utf-8")
    with pytest.raises(DataSetError, match="damaged"):
        read_ledger(tmp_path)


def test_bytes_that_are_no_text_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(DataSetError, match="damaged"):
        read_ledger(tmp_path)
