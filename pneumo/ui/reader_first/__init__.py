"""A visitor who reads a film before the machine speaks → what they commit to, step by step."""
