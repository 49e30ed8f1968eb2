"""Trades a bot nobody here wrote at a hostile venue, and counts what it lost there."""
