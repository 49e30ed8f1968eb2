"""What a broker's file says: its tables, its templates, and the checks before any use."""
