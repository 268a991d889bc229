"""Records and tables → Plotly figures, a module a page."""
