"""A case, or the rows of a batch → a page in words and pictures, as HTML and as PDF."""
