"""Pages that are made from what the code declares."""
