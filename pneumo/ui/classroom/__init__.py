"""A class's session → what an instructor's and a student's browser keep of it."""
