"""The room of the pages: the only one that knows Streamlit."""
