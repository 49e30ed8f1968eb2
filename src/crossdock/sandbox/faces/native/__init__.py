"""Crossdock's own protocol."""
