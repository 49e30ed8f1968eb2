"""Recordings that are tables: bars, quotes, trades and book changes in columns."""
