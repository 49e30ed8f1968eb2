"""Platforms that are not ours: what they push, kept within bounds and shown; their signals."""
