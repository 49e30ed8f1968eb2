"""Hyperliquid as a protocol of the sandbox."""
