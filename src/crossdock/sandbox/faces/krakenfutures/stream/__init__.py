"""Feeds over WebSocket."""
