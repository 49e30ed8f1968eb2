"""Bybit, version 5, unified account: spot, linear and inverse perpetuals."""
