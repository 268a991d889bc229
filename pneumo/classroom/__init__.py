"""A scored set of films → a session that many students read at once, and what came of it."""
