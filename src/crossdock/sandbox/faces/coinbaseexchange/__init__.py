"""Coinbase Exchange as a protocol of the sandbox."""
