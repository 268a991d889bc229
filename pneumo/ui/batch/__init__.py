"""Many films at once: what a visitor chose, its reading in the background, and its rows."""
