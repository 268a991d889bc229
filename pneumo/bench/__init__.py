"""The room that times the rest: what is compared, how often, and how it is reported."""
