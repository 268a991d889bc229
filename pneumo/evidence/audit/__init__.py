"""A folder of films → what it is made of, and what in it could mislead a network."""
