"""Verdicts, opinions and reads of a film → cases that stay, and what is handed on of them."""
