"""Binance options as a protocol of the sandbox."""
