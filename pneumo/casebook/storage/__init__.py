"""A database → somewhere that cases can be kept in, with transactions that lose none."""
