"""Changes pushed to whoever watches, as topics."""
