"""Ways to come in: passwords and codes, one-time links, and those others vouch for."""
