"""The parts that pages are made of, a module a page."""
