"""Strategies as the desk runs them."""
