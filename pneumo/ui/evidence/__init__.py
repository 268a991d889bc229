"""Scores, cards and audits on disk → what the evidence pages show, read and measured once."""
