"""What `streamlit run` starts: the dashboard's server, or its shell as a script.

The server is told of a script in another folder than this one, since Streamlit takes a folder
`pages` beside its script for pages of its own kind, and greets the first visitor of any of ours with
"Page not found".
"""

import streamlit as st

from pneumo.ui import shell

if __name__ == "__main__":  # run as a script, as Streamlit's AppTest does
    shell.show_page()
else:
    app = st.App(shell.__file__)
