"""A file that the server did not take → words on the page beside the file that is marked red."""

from __future__ import annotations

import streamlit as st

# Streamlit says of such a file no more than the number of the answer, and runs no script for it: so
# the words are always in the page, and seen as long as a file is marked.
_SEEN_WITH_MARK = """<style>
.stApp:not(:has(.stFileChip[aria-invalid="true"])) .stElementContainer:has(.refused-upload) {
    display: none;
}
</style>"""


def tell_of_refused_uploads() -> None:
    """Say what it means that a file is marked red, as long as one is; nothing otherwise."""
    most = st.get_option("server.maxUploadSize")
    st.html(
        f'<p class="refused-upload">A file marked red was not taken: it has more than {most} MiB, '
        "or more came than one visitor may upload in a minute or keep here at a time. Remove it, "
        "wait a minute, then choose it again, with fewer others if need be. The other files are "
        "not lost.</p>" + _SEEN_WITH_MARK
    )
