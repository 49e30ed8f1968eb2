"""Bitfinex, as the sandbox speaks it."""
