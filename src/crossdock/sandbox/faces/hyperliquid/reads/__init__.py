"""Reads of the market and of an account."""
