"""Kraken Futures as a protocol of the sandbox."""
