"""Transactions as they reach a node: bytes, what they say, and who signed them."""
