"""Deribit: JSON-RPC over HTTP and WebSocket."""
