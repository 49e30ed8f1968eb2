"""Bitstamp, as the sandbox speaks it."""
