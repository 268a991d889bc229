"""A visit's film with what was said of it ⇄ cases of the casebook, and what is shown of them."""
