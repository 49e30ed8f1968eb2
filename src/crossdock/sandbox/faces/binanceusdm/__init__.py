"""Binance USD-M futures as a protocol of the sandbox."""
