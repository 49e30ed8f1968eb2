"""Coinbase Advanced Trade: REST, and the WebSocket of market and user data."""
