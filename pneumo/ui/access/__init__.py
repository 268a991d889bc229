"""Who uses this browser session, and what they may do."""
