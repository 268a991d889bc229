"""What `streamlit run` starts: the dashboard's server, or its shell as a script.

The server is told of a script in another folder than this one, since Streamlit takes a folder
`pages` beside its script for pages of its own kind, and greets the first visitor of any of ours
with "Page not found".
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.middleware import Middleware

from pneumo import PneumoError, read_settings
from pneumo.ui import housekeeping, shell
from pneumo.ui.access.headers import SecurityHeaders
from pneumo.ui.access.uploads import UploadLimits
from pneumo.ui.log_lines import shorten_expected_failures
from pneumo.ui.resources import networks_in


@asynccontextmanager
async def prepare(_: st.App) -> AsyncIterator[None]:
    """Load the networks while the first visitor looks for a film.

    The delay lets the browser draw its first page: on a small machine both share the same
    processor.
    """
    housekeeping.heed_configuration()
    housekeeping.keep_files_a_while()
    shorten_expected_failures()
    with suppress(PneumoError):  # The pages say what is wrong with the settings.
        networks_in(read_settings().models_dir).begin(delay_s=2.0)
    with housekeeping.collecting():
        yield


if __name__ == "__main__":  # run as a script, as Streamlit's AppTest does
    shell.show_page()
else:
    app = st.App(
        shell.__file__,
        lifespan=prepare,
        middleware=[Middleware(SecurityHeaders), Middleware(UploadLimits)],
    )
