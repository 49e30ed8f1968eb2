"""Reads of the indexer."""
