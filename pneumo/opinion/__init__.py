"""A film → what a vision language model says about it, without knowing the networks' score."""
