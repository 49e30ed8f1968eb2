"""The WebSocket and its channels."""
