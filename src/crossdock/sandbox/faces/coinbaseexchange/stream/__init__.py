"""The feed over WebSocket."""
