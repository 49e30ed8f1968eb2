"""Binance COIN-M futures as a protocol of the sandbox."""
