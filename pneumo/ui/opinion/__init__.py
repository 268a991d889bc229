"""A session's choices about the second opinion → readings that run while the page goes on."""
