"""What the log says of a file that could not be made."""

from __future__ import annotations

import asyncio
import logging

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pneumo import CasebookError
from pneumo.ui.log_lines import shorten_expected_failures


@pytest.mark.parametrize(
    ("error", "is_short"), [(CasebookError("No room."), True), (ZeroDivisionError("bug"), False)]
)
def test_expected_failure_is_one_line_and_a_bug_is_told_in_full(
    error: Exception, is_short: bool, caplog: pytest.LogCaptureFixture
) -> None:
    shorten_expected_failures()

    def make() -> bytes:
        raise error

    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    file_id = manager.add_deferred(make, "text/plain", "place", file_name="a.txt")
    request = BackMsg().backend_operation_request
    request.deferred_file.file_id = file_id
    with caplog.at_level(logging.ERROR):
        asyncio.run(DeferredFileHandler(lambda: manager).handle(request, "session"))
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert type(error).__name__ in caplog.text
    assert (str(error) in caplog.text) != is_short, "words may name what no log may"
    assert ("Traceback" not in caplog.text) == is_short
    assert (record.exc_info is None) == is_short
