"""Gemini, as the sandbox speaks it."""
