"""The uploads that Streamlit holds in memory → how much they are, and gone once they are done with.

Streamlit holds a file until its browser session ends, also after the uploader that took it has
left the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


def held_bytes(session: str) -> int:
    """Return the bytes of the uploads that are held for a browser session, by its id."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return 0
    return sum(len(file.data) for file in list(manager.file_storage.get(session, {}).values()))


def forget_files(file_ids: Iterable[str]) -> None:
    """Let go of uploads of this browser session, by their ids; unknown ones are passed over."""
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context else None
    if context and isinstance(manager, MemoryUploadedFileManager):
        for file_id in file_ids:
            manager.remove_file(context.session_id, file_id)
