"""The desk's accounts: connected, let go, and what stays behind."""
