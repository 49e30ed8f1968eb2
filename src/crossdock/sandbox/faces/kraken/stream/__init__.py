"""Kraken's WebSocket, version 2."""
